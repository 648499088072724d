"""The room's tick, as Celery runs it. Takes no arguments: the work is in PostgreSQL."""

from __future__ import annotations

import time

from celery import shared_task

from casemgmt.outbox.heartbeat import beat

from .services import paging

ROUND_SECONDS = 30.0  # Celery ends a task after 45


@shared_task(name="casemgmt.safety.tasks.escalate", ignore_result=True)
def escalate() -> None:
    """Climb the ladders on which nobody answered in time."""
    until = time.monotonic() + ROUND_SECONDS
    count = paging.escalate(keep_on=lambda: time.monotonic() < until)
    beat("celery:escalate", progress=count > 0)

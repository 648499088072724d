"""The room's tick, as Celery runs it. Takes no arguments: the work is in PostgreSQL."""

from __future__ import annotations

import time

from celery import shared_task

from casemgmt.outbox.heartbeat import beat

from . import break_glass

ROUND_SECONDS = 30.0  # Celery ends a task after 45


@shared_task(name="casemgmt.clients.tasks.escalate_reviews", ignore_result=True)
def escalate_reviews() -> None:
    """Tell others of emergencies that nobody judged in time."""
    until = time.monotonic() + ROUND_SECONDS
    count = break_glass.escalate_reviews(keep_on=lambda: time.monotonic() < until)
    beat("celery:reviews", progress=count > 0)

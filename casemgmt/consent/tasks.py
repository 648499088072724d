"""The room's tick, as Celery runs it. Takes no arguments: the work is in PostgreSQL."""

from __future__ import annotations

import time

from celery import shared_task

from casemgmt.outbox.heartbeat import beat

from . import clockwork

ROUND_SECONDS = 30.0  # Celery ends a task after 45


@shared_task(name="casemgmt.consent.tasks.pass_time", ignore_result=True)
def pass_time() -> None:
    """Tell of consents that ended or end soon."""
    until = time.monotonic() + ROUND_SECONDS
    count = clockwork.pass_time(keep_on=lambda: time.monotonic() < until)
    beat("celery:consents", progress=count > 0)

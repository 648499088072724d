"""The tick of waitlists, as Celery runs it. Takes no arguments: the work is in PostgreSQL."""

from __future__ import annotations

import time

from celery import shared_task

from casemgmt.outbox.heartbeat import beat

from .services import passing

ROUND_SECONDS = 30.0  # Celery ends a task after 45


@shared_task(name="casemgmt.places.tasks.pass_time", ignore_result=True)
def pass_time() -> None:
    """End offers that nobody answered, pass their places on, remind, and ask who still waits."""
    until = time.monotonic() + ROUND_SECONDS
    count = passing.pass_time(keep_on=lambda: time.monotonic() < until)
    beat("celery:places", progress=count > 0)

"""The room's tick, as Celery runs it. Takes no arguments: the work is in PostgreSQL."""

from __future__ import annotations

import time

from celery import shared_task

from casemgmt.outbox.heartbeat import beat

from .services import materializing

ROUND_SECONDS = 30.0  # Celery ends a task after 45


@shared_task(name="casemgmt.sessions.tasks.materialize", ignore_result=True)
def materialize() -> None:
    """Make the sessions of the days that came into the eight weeks."""
    until = time.monotonic() + ROUND_SECONDS
    count = materializing.materialize(keep_on=lambda: time.monotonic() < until)
    beat("celery:series", progress=count > 0)

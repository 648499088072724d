"""The room's tick, as Celery runs it. Takes no arguments: the work is in PostgreSQL."""

from __future__ import annotations

import time

from celery import shared_task

from casemgmt.outbox.heartbeat import beat

from . import clockwork

ROUND_SECONDS = 30.0  # Celery ends a task after 45


@shared_task(name="casemgmt.disclosures.tasks.pass_time", ignore_result=True)
def pass_time() -> None:
    """Tell of emergencies whose record nobody finished."""
    until = time.monotonic() + ROUND_SECONDS
    count = clockwork.pass_time(keep_on=lambda: time.monotonic() < until)
    beat("celery:emergencies", progress=count > 0)

"""The room's tick, as Celery runs it. Takes no arguments: the work is in PostgreSQL."""

from __future__ import annotations

import time

from celery import shared_task

from casemgmt.outbox.heartbeat import beat

from .services.rounds import write_notices

ROUND_SECONDS = 30.0  # Celery ends a task after 45, and a mail server may take EMAIL_TIMEOUT for the last one


@shared_task(name="casemgmt.notices.tasks.write", ignore_result=True)
def write() -> None:
    """Tell staff what waits for them."""
    until = time.monotonic() + ROUND_SECONDS
    count = write_notices(keep_on=lambda: time.monotonic() < until)
    beat("celery:notices", progress=count > 0)

"""The room's ticks, as Celery runs them. They take no arguments: the work is in PostgreSQL."""

from __future__ import annotations

import time

from celery import shared_task

from casemgmt.outbox.heartbeat import beat

from .services import reminding

ROUND_SECONDS = 30.0  # Celery ends a task after 45


@shared_task(name="casemgmt.sessions.tasks.remind", ignore_result=True)
def remind() -> None:
    """Ask for signatures and for credentials that end soon."""
    until = time.monotonic() + ROUND_SECONDS
    count = reminding.pass_time(keep_on=lambda: time.monotonic() < until)
    beat("celery:notes", progress=count > 0)

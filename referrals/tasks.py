"""The tick of referrals' clocks, as Celery runs it. Takes no arguments: the work is in PostgreSQL."""

from __future__ import annotations

import time

from celery import shared_task

from casemgmt.outbox.heartbeat import beat

from . import clockwork

ROUND_SECONDS = 30.0  # Celery ends a task after 45


@shared_task(name="referrals.tasks.tell_time", ignore_result=True)
def tell_time() -> None:
    """Tell what is almost over, overdue, and at its end."""
    until = time.monotonic() + ROUND_SECONDS
    count = clockwork.tell_time(keep_on=lambda: time.monotonic() < until)
    beat("celery:referral_clocks", progress=count > 0)

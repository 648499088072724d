"""The tick that watches all the others, for Celery."""

from __future__ import annotations

from celery import shared_task

from casemgmt.management.ticks import watch_parts
from casemgmt.outbox.heartbeat import beat


@shared_task(name="casemgmt.tasks.watch", ignore_result=True)
def watch() -> None:
    """Tell operators of what stands still (R10). Takes no arguments."""
    beat("celery:watch", progress=watch_parts() > 0)

"""The tick of the API: old answers are forgotten. Takes no arguments: the work is in the database."""

from __future__ import annotations

from celery import shared_task

from casemgmt.outbox.heartbeat import beat

from .idempotency import forget_old_answers


@shared_task(name="casemgmt.api.tasks.forget", ignore_result=True)
def forget() -> None:
    """Forget the kept answers of more than a day ago."""
    count = forget_old_answers()
    beat("celery:forget", progress=count > 0)

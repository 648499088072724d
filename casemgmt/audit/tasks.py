"""The tick of the trail: what is complete gets its seal. Takes no arguments: the work is in the database."""

from __future__ import annotations

from celery import shared_task

from casemgmt.outbox.heartbeat import beat

from .sealing import seal_trail


@shared_task(name="casemgmt.audit.tasks.seal", ignore_result=True)
def seal() -> None:
    """Seal the rows of the trail that are complete."""
    count = seal_trail()
    beat("celery:seal", progress=count > 0)

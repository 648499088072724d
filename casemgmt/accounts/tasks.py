"""The tick of accounts: old counts of guesses are forgotten. Takes no arguments: the work is in the database."""

from __future__ import annotations

from celery import shared_task

from casemgmt.outbox.heartbeat import beat

from .guessing import forget_old_guesses


@shared_task(name="casemgmt.accounts.tasks.forget", ignore_result=True)
def forget() -> None:
    """Forget the counts whose window is over."""
    count = forget_old_guesses()
    beat("celery:forget_guesses", progress=count > 0)

"""The room's ticks, as Celery runs them. They take no arguments: the work is in PostgreSQL."""

from __future__ import annotations

import time

from celery import shared_task

from casemgmt.outbox.heartbeat import beat

from .services import materializing, minimum, reminding, untold

ROUND_SECONDS = 30.0  # Celery ends a task after 45


@shared_task(name="casemgmt.sessions.tasks.materialize", ignore_result=True)
def materialize() -> None:
    """Make the sessions of the days that came into the eight weeks."""
    until = time.monotonic() + ROUND_SECONDS
    count = materializing.materialize(keep_on=lambda: time.monotonic() < until)
    beat("celery:series", progress=count > 0)


@shared_task(name="casemgmt.sessions.tasks.ask_who_came", ignore_result=True)
def ask_who_came() -> None:
    """Ask about sessions that are over and of which nobody told."""
    until = time.monotonic() + ROUND_SECONDS
    count = untold.ask_who_came(keep_on=lambda: time.monotonic() < until)
    beat("celery:untold", progress=count > 0)


@shared_task(name="casemgmt.sessions.tasks.watch_minimum", ignore_result=True)
def watch_minimum() -> None:
    """Ask about intensive care that stayed below its minimum of hours for two weeks."""
    until = time.monotonic() + ROUND_SECONDS
    count = minimum.watch_minimum(keep_on=lambda: time.monotonic() < until)
    beat("celery:dose", progress=count > 0)


@shared_task(name="casemgmt.sessions.tasks.remind", ignore_result=True)
def remind() -> None:
    """Ask for signatures and for credentials that end soon."""
    until = time.monotonic() + ROUND_SECONDS
    count = reminding.pass_time(keep_on=lambda: time.monotonic() < until)
    beat("celery:notes", progress=count > 0)

"""The room's ticks, as Celery runs them, and the bell. Tasks take no arguments: the work is in PostgreSQL."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from celery import Task, shared_task
from kombu.exceptions import OperationalError

from casemgmt.outbox.heartbeat import beat

from .services import appointments, carrier, delivery, inbox, materializing, polling, reconciling, silences, sweeping

ROUND_SECONDS = 30.0  # Celery ends a task after 45
QUIET_SECONDS = 10.0  # after the broker failed once, nobody rings for this long; the ticks find the work

log = logging.getLogger(__name__)


def _tick(name: str, work: Callable[[Callable[[], bool]], int]) -> int:
    """Run one round, which ends in time for Celery's limits however slow the carrier is, and note that it did."""
    until = time.monotonic() + ROUND_SECONDS
    done = work(lambda: time.monotonic() < until)
    beat(f"celery:{name}", progress=done > 0)
    return done


@shared_task(name="notifications.tasks.materialize", ignore_result=True)
def materialize() -> None:
    """Write the check-ins and messages that came into the horizon."""
    _tick("materialize", lambda keep_on: materializing.materialize(keep_on=keep_on))


@shared_task(name="notifications.tasks.remind", ignore_result=True)
def remind() -> None:
    """Write the reminders of sessions that are due."""
    _tick("reminders", lambda keep_on: appointments.remind(keep_on=keep_on))


@shared_task(name="notifications.tasks.watch_silences", ignore_result=True)
def watch_silences() -> None:
    """Ask people to look after clients who went silent."""
    _tick("silences", lambda keep_on: silences.watch_silences(keep_on=keep_on))


@shared_task(name="notifications.tasks.sweep", ignore_result=True)
def sweep() -> None:
    """End what should have ended."""
    _tick("sweep", lambda keep_on: sweeping.sweep(keep_on=keep_on))


@shared_task(name="notifications.tasks.send", ignore_result=True)
def send() -> None:
    """Hand due messages to the carrier."""
    _tick("send", lambda keep_on: delivery.drain(gateway=carrier.gateway(), keep_on=keep_on))


@shared_task(name="notifications.tasks.reconcile", ignore_result=True)
def reconcile() -> None:
    """Find out what became of messages nobody knows about."""
    _tick("reconcile", lambda keep_on: reconciling.reconcile(gateway=carrier.gateway(), keep_on=keep_on))


@shared_task(name="notifications.tasks.process_inbox", ignore_result=True)
def process_inbox() -> None:
    """Work through what the carrier told us; a reply that this wrote is sent at once."""
    if _tick("receipts", lambda keep_on: inbox.process_inbox(keep_on=keep_on)):
        ring(send)


@shared_task(name="notifications.tasks.poll_inbound", ignore_result=True)
def poll_inbound() -> None:
    """Read from the carrier's list what no webhook brought."""
    if _tick("poll", lambda keep_on: polling.poll_inbound(gateway=carrier.gateway())):
        ring(process_inbox)


class _Bell:
    """Remembers until when not to ring, per process."""

    silent_until = 0.0


def ring(task: Task[[], None]) -> None:
    """Nudge a worker. Never raises: without a broker the ticks find the work (F4)."""
    if time.monotonic() < _Bell.silent_until:
        return
    try:
        task.delay()
    except (OperationalError, OSError):
        _Bell.silent_until = time.monotonic() + QUIET_SECONDS
        log.warning("the broker does not answer; ticks carry on without it")

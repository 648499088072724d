"""The bell: one Celery task that says "there may be work", and the ring that survives a dead broker.

The tick that seals the trail stands here too: audit lies below the heartbeats and knows no Celery.
"""

from __future__ import annotations

import logging
import time

from celery import shared_task
from kombu.exceptions import OperationalError

from casemgmt.audit.sealing import seal_trail

from .heartbeat import beat
from .relay import relay as tell_due

QUIET_SECONDS = 10.0  # after the broker failed once, commits stop ringing for this long; beat rings meanwhile

log = logging.getLogger(__name__)


class _Bell:
    """Remembers until when not to ring, per process."""

    silent_until = 0.0


@shared_task(name="casemgmt.outbox.tasks.relay", ignore_result=True)
def relay() -> None:
    """Tell what is due. Takes no arguments: the work is in the database."""
    told = tell_due()
    beat("celery:relay", progress=told > 0)


@shared_task(name="casemgmt.outbox.tasks.seal", ignore_result=True)
def seal() -> None:
    """Seal the rows of the audit trail that are complete (S7). Takes no arguments."""
    count = seal_trail()
    beat("celery:seal", progress=count > 0)


def ring() -> None:
    """Nudge a worker after commit. Never raises: without a broker the ticks find the work (F4)."""
    if time.monotonic() < _Bell.silent_until:
        return
    try:
        relay.delay()
    except (OperationalError, OSError):
        _Bell.silent_until = time.monotonic() + QUIET_SECONDS
        log.warning("the broker does not answer; ticks carry on without it")

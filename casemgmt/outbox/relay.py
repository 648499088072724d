"""Telling facts to the rooms that must hear of them soon. Safe in any number of copies."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db import models, transaction
from django.db.models import Exists, OuterRef

from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.events import Event
from casemgmt.kernel.wall import acting_as

from .models import OutboxEvent
from .routing import handlers

RELAY = Actor.system("relay")
MOST_ATTEMPTS = 8
LONGEST_WAIT = timedelta(minutes=30)

log = logging.getLogger(__name__)


def relay(*, limit: int = 50) -> int:
    """Tell up to `limit` due facts, one transaction each; return how many were told.

    A fact waits until every older fact of its subject was told or given up. A handler's rows and the mark share one
    commit, so a crash leaves the fact untold and a repeat writes nothing twice.
    """
    told = 0
    for _ in range(limit):
        outcome = _tell_one()
        if outcome is None:
            break
        told += outcome
    return told


def _next_due() -> OutboxEvent | None:
    waiting = OutboxEvent.objects.filter(done_at__isnull=True, dead_at__isnull=True)
    older = waiting.filter(subject_id=OuterRef("subject_id"), seq__lt=OuterRef("seq"))
    due = waiting.filter(due_at__lte=clock.DatabaseNow()).exclude(Exists(older)).order_by("due_at", "seq")
    return due.select_for_update(skip_locked=True, of=("self",)).first()


@acting_as(RELAY)
def _tell_one() -> int | None:
    row = _next_due()
    if row is None:
        return None
    event = Event(row.topic, row.subject_id, row.client_id, row.organization_id, row.payload)
    at = clock.now()
    try:
        with transaction.atomic():
            for handler in handlers(row.topic, "soon"):
                handler(event)
    except Exception as error:  # - a poisoned fact must not stop the others (F20)
        _postpone(row, error)
        return 0
    row.done_at = at
    row.save(update_fields=["done_at"])
    return 1


def _postpone(row: OutboxEvent, error: Exception) -> None:
    at = clock.now()
    row.attempts += 1
    row.last_error = type(error).__name__[:64]
    row.due_at = at + min(timedelta(seconds=2**row.attempts), LONGEST_WAIT)
    if row.attempts >= MOST_ATTEMPTS:
        row.dead_at = at
    row.save(update_fields=["attempts", "last_error", "due_at", "dead_at"])
    log.warning("outbox event %s of topic %s failed with %s", row.seq, row.topic, row.last_error)


def undelivered() -> models.QuerySet[OutboxEvent]:
    """Return the facts that were given up: what an operator looks at first."""
    return OutboxEvent.objects.filter(dead_at__isnull=False)

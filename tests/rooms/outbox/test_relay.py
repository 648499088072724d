"""Facts reach the rooms that must hear them: in order per subject, repeated until it works, never twice in effect."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import transaction

from casemgmt.audit.models import AuditEvent
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.events import TOPICS, Event
from casemgmt.kernel.ids import new_id
from casemgmt.outbox import routing
from casemgmt.outbox.emit import emit
from casemgmt.outbox.models import OutboxEvent
from casemgmt.outbox.relay import MOST_ATTEMPTS, relay
from casemgmt.outbox.routing import Route

HERE = "tests.rooms.outbox.test_relay"
TOLD: list[tuple[str, UUID]] = []
ROUTES = {
    "test.soon": Route(soon=(f"{HERE}.hear",)),
    "test.now": Route(now=(f"{HERE}.hear_now",)),
    "test.poison": Route(soon=(f"{HERE}.choke",)),
    "test.refused": Route(now=(f"{HERE}.refuse",)),
}


def hear(event: Event) -> None:
    TOLD.append((event.topic, event.subject_id))


def hear_now(event: Event, *, actor: Actor) -> None:
    TOLD.append((event.topic, event.subject_id))


def choke(event: Event) -> None:
    OutboxEvent.objects.create(topic="test.soon", subject_id=event.subject_id)  # undone with the failure
    raise ValueError("Ada Example, +1 316 555 0100")


def refuse(event: Event, *, actor: Actor) -> None:
    raise RuntimeError("no")


@pytest.fixture(autouse=True)
def _table(settings, monkeypatch):
    monkeypatch.setattr(f"{HERE}.TOLD", [])
    settings.EVENT_ROUTES = f"{HERE}.ROUTES"
    known = set(TOPICS)
    TOPICS.update(ROUTES)
    routing.lines_for.cache_clear()
    routing.handlers.cache_clear()
    yield
    TOPICS.intersection_update(known)
    routing.lines_for.cache_clear()
    routing.handlers.cache_clear()


def tell(topic: str, subject: UUID) -> None:
    with transaction.atomic():
        emit(Event(topic, subject), actor=Actor.system("test"))


def test_a_fact_is_told_once(db) -> None:
    subject = new_id()
    tell("test.soon", subject)

    assert TOLD == []
    assert relay() == 1
    assert relay() == 0
    assert [("test.soon", subject)] == TOLD


def test_a_now_handler_runs_in_the_transaction_and_leaves_no_outbox_row(db) -> None:
    subject = new_id()

    tell("test.now", subject)

    assert [("test.now", subject)] == TOLD
    assert OutboxEvent.objects.count() == 0
    assert AuditEvent.objects.get().action == "test.now"


def test_a_now_handler_that_fails_takes_the_fact_with_it(db) -> None:
    with pytest.raises(RuntimeError):
        tell("test.refused", new_id())

    assert AuditEvent.objects.count() == 0


def test_emitting_outside_a_transaction_is_a_mistake(committed_db) -> None:
    with pytest.raises(RuntimeError, match="transaction"):
        emit(Event("test.soon", new_id()), actor=Actor.system("test"))

    assert OutboxEvent.objects.count() == 0


def test_a_poisoned_fact_holds_back_only_later_facts_of_its_subject(db) -> None:
    poisoned, healthy = new_id(), new_id()
    tell("test.poison", poisoned)
    tell("test.soon", poisoned)
    tell("test.soon", healthy)

    relay()

    assert [("test.soon", healthy)] == TOLD
    row = OutboxEvent.objects.get(topic="test.poison")
    assert (row.attempts, row.done_at, row.last_error) == (1, None, "ValueError")
    assert OutboxEvent.objects.count() == 3


def test_a_fact_that_never_works_is_given_up_and_lets_the_next_pass(db, travel) -> None:
    poisoned = new_id()
    tell("test.poison", poisoned)
    tell("test.soon", poisoned)
    start = OutboxEvent.objects.first().due_at

    for hour in range(1, MOST_ATTEMPTS + 1):
        travel(start + timedelta(hours=hour))
        relay()

    row = OutboxEvent.objects.get(topic="test.poison")
    assert row.dead_at is not None
    assert row.attempts == MOST_ATTEMPTS
    assert [("test.soon", poisoned)] == TOLD


def test_an_event_of_an_unknown_topic_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="not registered"):
        Event("moon.landed", new_id())

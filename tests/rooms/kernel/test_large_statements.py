"""Statements that the server binds carry 65,535 values at most; larger ones go in parts by themselves."""

from __future__ import annotations

from casemgmt.kernel.ids import new_id
from casemgmt.kernel.wall import acting_as
from casemgmt.outbox.emit import HOUSE
from casemgmt.outbox.models import OutboxEvent

MANY = 9_000


def test_many_rows_are_written_and_changed_at_once(db) -> None:
    rows = [OutboxEvent(id=new_id(), topic="test.many", subject_id=new_id(), actor_kind="system") for _ in range(MANY)]

    with acting_as(HOUSE):
        OutboxEvent.objects.bulk_create(rows)
        for row in rows:
            row.attempts, row.last_error, row.topic, row.actor_kind = 1, "Late", "test.more", "user"
        changed = OutboxEvent.objects.bulk_update(rows, ["attempts", "last_error", "topic", "actor_kind"])

    assert (changed, OutboxEvent.objects.filter(topic="test.more", attempts=1).count()) == (MANY, MANY)

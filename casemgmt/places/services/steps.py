"""One step of a waitlist entry: the move, its ledger row, the fact. Inner."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from casemgmt.kernel.actor import Actor
from casemgmt.kernel.events import Event
from casemgmt.kernel.lifecycle import advance
from casemgmt.kernel.request import request_id
from casemgmt.kernel.transactions import require_atomic
from casemgmt.outbox.emit import emit
from casemgmt.places.lifecycle import Waiting
from casemgmt.places.models import WaitlistEntry, WaitlistMove


def write_step(
    entry: WaitlistEntry,
    verb: str,
    *,
    given: Mapping[str, Any],
    at: datetime,
    actor: Actor,
    saved: tuple[str, ...] = (),
) -> WaitlistMove:
    """Judge one verb of a locked entry, save it with what else was `saved` in memory, write its row and tell."""
    require_atomic()
    change = advance(entry, verb, actor=actor, at=at, facts=None, given=given)
    entry.save_changes(*Waiting.moved_fields, *saved, at=at)
    move = write_row(entry, verb, rule=change.rule, source=change.source, given=given, actor=actor)
    emit(event_of(change.topic, entry), actor=actor)
    return move


def write_row(
    entry: WaitlistEntry, verb: str, *, rule: str, source: str, given: Mapping[str, Any], actor: Actor
) -> WaitlistMove:
    """Write a row of the ledger: of a step, or (`source` is where the entry still stands) of a change on the spot."""
    require_atomic()
    return WaitlistMove.objects.create(**row_of(entry, verb, rule=rule, source=source, given=given, actor=actor))


def row_of(
    entry: WaitlistEntry, verb: str, *, rule: str, source: str, given: Mapping[str, Any], actor: Actor
) -> dict[str, Any]:
    """Return the columns of a ledger row."""
    return {
        "entry_id": entry.id,
        "verb": verb,
        "rule": rule,
        "from_stage": source,
        "to_stage": str(entry.stage),
        "actor_kind": actor.kind.value,
        "actor_id": actor.id,
        "given": dict(given),
        "request_id": request_id.get(),
    }


def event_of(topic: str, entry: WaitlistEntry) -> Event:
    """Return a fact about an entry; its program must be loaded."""
    payload = {"program_id": str(entry.program_id), "episode_id": str(entry.episode_id)}
    return Event(topic, entry.id, entry.client_id, entry.program.organization_id, payload)

"""The one way a fact leaves its room: audit row, `now` handlers, outbox row, bell."""

from __future__ import annotations

from contextvars import ContextVar

from django.db import transaction

from casemgmt.audit.record import record
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.events import Event
from casemgmt.kernel.transactions import require_atomic
from casemgmt.kernel.wall import acting_as

from .models import OutboxEvent
from .routing import handlers
from .tasks import ring

HOUSE = Actor.system("house")
DEEPEST = 2  # a `now` handler may emit once more; beyond that the coupling is too deep to follow
_depth: ContextVar[int] = ContextVar("emit_depth", default=0)


def emit(event: Event, *, actor: Actor) -> None:
    """Tell a fact inside the transaction that made it.

    1. One audit row. 2. The topic's `now` handlers, rows only; if one fails, everything fails. 3. One outbox row when
    somebody must hear it soon. 4. After commit, a ring at the broker's door, whose loss costs seconds at most.
    """
    require_atomic()
    object_type = event.topic.split(".", 1)[0]
    client_ids = [event.client_id] if event.client_id else []
    record(event.topic, actor=actor, object_type=object_type, object_id=event.subject_id, client_ids=client_ids)
    depth = _depth.get()
    if depth >= DEEPEST:
        raise RuntimeError(f"{event.topic} was emitted {depth + 1} deep")
    if not handlers(event.topic, "now") and not handlers(event.topic, "soon"):
        return
    token = _depth.set(depth + 1)
    try:
        with acting_as(HOUSE):  # what follows elsewhere may concern rows that the actor does not see
            _entail(event, actor=actor)
    finally:
        _depth.reset(token)


def _entail(event: Event, *, actor: Actor) -> None:
    for handler in handlers(event.topic, "now"):
        handler(event, actor=actor)
    if handlers(event.topic, "soon"):
        OutboxEvent.objects.create(
            topic=event.topic,
            subject_id=event.subject_id,
            client_id=event.client_id,
            organization_id=event.organization_id,
            payload=dict(event.payload),
            actor_kind=actor.kind.value,
            actor_id=actor.id,
        )
        transaction.on_commit(ring, robust=True)

"""Steps of the pathway as its room makes them once it has judged: the move, the ledger row and the fact, no guard."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from casemgmt.episodes.models import Episode, StageMove
from casemgmt.episodes.stages import Stage, direction
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.events import Event
from casemgmt.kernel.lifecycle import declared_verb
from casemgmt.outbox.emit import emit


def verb_into(stage: Stage) -> str:
    """Return the verb that leads into a stage of care, a hold or a discharge."""
    return {Stage.ON_HOLD: "hold", Stage.DISCHARGED: "discharge"}.get(stage, f"enter_{stage.value}")


@transaction.atomic
def step(episode: Episode, stage: Stage, *, actor: Actor, **told: Any) -> StageMove:
    """Move an episode on into a stage; every room that listens hears it in the same transaction."""
    locked: Episode = Episode.objects.lock(episode.id)
    declared, at = declared_verb(Episode, verb_into(stage)), clock.now()
    origin, lead = str(locked.stage), locked.held_stage or str(locked.stage)
    getattr(locked, declared.name)(at=at)
    locked.conclude({"discharge_reason": "other", **told}, since=at)
    locked.save_changes(*Episode.moved_fields, at=at)
    row: StageMove = StageMove.objects.create(
        episode=locked,
        verb=declared.name,
        rule="test",
        from_stage=origin,
        to_stage=stage.value,
        enters=stage.value,
        direction=direction(lead, stage.value),
        at=at,
        effective_at=at,
        actor_kind=actor.kind.value,
        actor_id=actor.id,
        given=told,
    )
    payload = {"from": origin, "to": stage.value, "verb": declared.name, "move": row.seq, "lead": lead}
    emit(Event(declared.topic, locked.id, locked.client_id, locked.organization_id, payload), actor=actor)
    return row

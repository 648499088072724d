"""What measures do when the pathway moves, a check-up is held or a client dies: rows, in the fact's transaction."""

from __future__ import annotations

from uuid import UUID

from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.events import Event

from .due import ask_at_check_up, ask_nothing_more, note_stage
from .models import StageMark


def follow_stage(event: Event, *, actor: Actor) -> None:
    """Note the stage an episode entered and plan what is due there (MSR-09). `now` route of `episode.*`.

    The payload names the stage in `to` and the row of the ledger in `move`. Facts without a stage are not for us.
    """
    stage, move = event.payload.get("to"), event.payload.get("move")
    if not isinstance(stage, str) or event.client_id is None or event.organization_id is None:
        return
    mark = StageMark(
        episode_id=event.subject_id,
        client_id=event.client_id,
        organization_id=event.organization_id,
        move_id=int(move) if move is not None else None,
        stage=stage,
        effective_at=clock.now(),
    )
    note_stage(mark, actor=actor)


def follow_check_up(event: Event, *, actor: Actor) -> None:
    """Ask at a recovery check-up for what was not answered of late (MSR-09). `now` route of `checkup.held`.

    The payload names the episode in `episode_id`.
    """
    episode_id = event.payload.get("episode_id")
    if isinstance(episode_id, str):
        ask_at_check_up(episode_id=UUID(episode_id), at=clock.now(), actor=actor)


def follow_death(event: Event, *, actor: Actor) -> None:
    """Ask nothing more of a client who died, in whichever organization (T17). `now` route of `client.died`."""
    if event.client_id is not None:
        ask_nothing_more(client_id=event.client_id, at=clock.now(), actor=actor)

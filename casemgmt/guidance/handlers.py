"""What guidance does when an episode ends or goes on after all. Rows only, in the transaction of the fact."""

from __future__ import annotations

from casemgmt.episodes.stages import TERMINAL
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.events import Event

from .trials import end_trial, resume_trial


def follow_stage(event: Event, *, actor: Actor) -> None:
    """Let nobody look back on a trial of both supports after its episode (DG-13). `now` route of `episode.*`.

    A death needs no route of its own: the worklist takes everything about the client off the list.
    """
    origin, target = event.payload.get("from"), event.payload.get("to")
    if target in TERMINAL:
        end_trial(event.subject_id, outcome="episode_ended", at=clock.now(), actor=actor)
    elif target and origin in TERMINAL and event.organization_id is not None:
        resume_trial(event.subject_id, organization_id=event.organization_id, actor=actor)

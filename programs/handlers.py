"""What enrollments do when the pathway moves or a client dies. Rows only, in the transaction of the fact."""

from __future__ import annotations

from dataclasses import replace

from casemgmt.accounts.roles import CASE_MANAGER_AND_UP
from casemgmt.episodes.stages import CARE, TERMINAL, Stage
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.events import Event

from .models import Enrollment
from .services.following import end_all, lead_on, pause


def follow_stage(event: Event, *, actor: Actor) -> None:
    """Go along with a move of an episode: with a stage of care, with a hold, and with its end.

    `now` route of `episode.*`. The fact's payload names the new stage in `to`; without one, or where it stays the
    same, nothing moved. A correction that takes an episode out of a terminal stage restarts nothing: what ended has
    ended, and somebody plans anew. Raises GuardsFailed when a combination rule stands against the move (STG-01).
    """
    stage, origin = event.payload.get("to"), event.payload.get("from")
    if stage == origin or (origin in TERMINAL and stage not in TERMINAL):
        return
    actor = _follower(actor)
    if stage in CARE:
        lead_on(event, at=clock.now(), actor=actor)
    elif stage == Stage.ON_HOLD:
        pause(event, at=clock.now(), actor=actor)
    elif stage in TERMINAL:
        enrollments = Enrollment.objects.filter(episode_id=event.subject_id)
        end_all(enrollments, reason=str(stage), at=clock.now(), actor=actor)


def follow_death(event: Event, *, actor: Actor) -> None:
    """End what is open of a client who died, wherever the episode has ended (T17). `now` route of `client.died`.

    An enrollment beside another organization's open episode ends with that episode (STG-01).
    """
    enrollments = Enrollment.objects.filter(client_id=event.subject_id, episode__ended_at__isnull=False)
    end_all(enrollments, reason="deceased", at=clock.now(), actor=_follower(actor))


def _follower(actor: Actor) -> Actor:
    """Return the actor with the role that enrollments ask for: a machine that made the fact was allowed to make it."""
    return replace(actor, roles=actor.roles | CASE_MANAGER_AND_UP) if actor.is_system else actor

"""What care teams do when an episode ends or a client dies. Rows only, in the transaction of the fact."""

from __future__ import annotations

from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.events import Event

from .models import CareTeamMember
from .services import disband
from .words import ENDED, EndReason


def follow_episode(event: Event, *, actor: Actor) -> None:
    """End the team with the episode it cared in. `now` route of `episode.*`.

    The payload names the stages in `from` and `to`. A correction between two ends ended nothing, and one that reopens
    an episode brings nobody back: a team is put together anew.
    """
    target, origin = event.payload.get("to"), event.payload.get("from")
    if target not in ENDED or origin in ENDED or event.client_id is None or event.organization_id is None:
        return
    disband(
        client_id=event.client_id,
        organization_id=event.organization_id,
        reason=EndReason.EPISODE_ENDED,
        at=clock.now(),
        actor=actor,
    )


def follow_death(event: Event, *, actor: Actor) -> None:
    """End every team of a client who died, in whichever organization (T17). `now` route of `client.died`.

    What tells the team of the death reads `current_team` before this fact is told.
    """
    teams = CareTeamMember.objects.open().filter(client_id=event.subject_id)
    for organization_id in teams.order_by("organization_id").values_list("organization_id", flat=True).distinct():
        disband(
            client_id=event.subject_id,
            organization_id=organization_id,
            reason=EndReason.CLIENT_DIED,
            at=clock.now(),
            actor=actor,
        )

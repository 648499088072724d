"""People on clients' teams."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from casemgmt.care_team.models import CareTeamMember
from casemgmt.clients.models import Client
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor


def member(client: Client, actor: Actor, role: str | None = None, **fields: Any) -> CareTeamMember:
    """Return a place on the client's team for an actor, in the actor's (only) role unless told, since ten days ago."""
    known = {"started_on": (clock.now() - timedelta(days=10)).date(), "role": role or min(actor.roles)}
    made: CareTeamMember = CareTeamMember.objects.create(
        client=client, organization_id=actor.organization_id, user_id=actor.id, **{**known, **fields}
    )
    return made

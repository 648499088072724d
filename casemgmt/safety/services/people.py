"""Whom a step of the ladder finds: the rota and the care team, asked at the moment of paging. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from casemgmt.accounts.roles import CASE_MANAGER_AND_UP, Role
from casemgmt.care_team.services import current_team, members_with_role
from casemgmt.safety.ladder import Who
from casemgmt.safety.models import RiskAlert

from .rota import who_is_on_call


@dataclass(frozen=True, slots=True)
class Asked:
    """Who is asked: everybody with a role (`user_id` None) or one person in it."""

    role: Role
    user_id: UUID | None = None
    nobody_on_call: bool = False  # the rota was empty, so all supervisors are asked


ALL_SUPERVISORS = Asked(Role.SUPERVISOR, nobody_on_call=True)


def find(alert: RiskAlert, who: Who, *, at: datetime) -> list[Asked]:
    """Return whom a step asks at a moment (aware UTC); empty when there is nobody of the kind."""
    if who is Who.NAMED:
        return [Asked(Role.THERAPIST, alert.named_id)] if alert.named_id else []
    if who is Who.PEER:
        return _on_team(alert, Role.PEER_SPECIALIST)
    if who is Who.CASE_MANAGER:
        return _on_team(alert, Role.CASE_MANAGER)[:1] or [Asked(Role.CASE_MANAGER)]  # the lead, else who came first
    if who is Who.BACKUP:
        backup = who_is_on_call(alert.organization_id, Role.THERAPIST, at, backup=True)
        return [Asked(Role.THERAPIST, backup)] if backup else []
    role = Role.THERAPIST if who is Who.THERAPIST else Role.SUPERVISOR
    found = who_is_on_call(alert.organization_id, role, at)
    return [Asked(role, found)] if found else [ALL_SUPERVISORS]


def _on_team(alert: RiskAlert, role: Role) -> list[Asked]:
    if alert.client_id is None:
        return []
    team = members_with_role(client_id=alert.client_id, organization_id=alert.organization_id, role=role)
    return [Asked(role, each.user_id) for each in team]


def only_peers(*, client_id: UUID | None, organization_id: UUID) -> bool:
    """True when a peer cares for the client and no case manager, therapist or supervisor does (PEER-02). One query."""
    if client_id is None:
        return False
    roles = {str(each.role) for each in current_team(client_id=client_id, organization_id=organization_id)}
    return Role.PEER_SPECIALIST in roles and roles.isdisjoint(CASE_MANAGER_AND_UP)

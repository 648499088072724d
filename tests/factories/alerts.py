"""Alerts as rooms raise them, people on call, and teams."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from casemgmt.accounts.models import Organization
from casemgmt.accounts.roles import Role
from casemgmt.care_team.models import CareTeamMember
from casemgmt.clients.models import Client
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.ids import new_id
from casemgmt.safety.models import OnCallShift, RiskAlert
from casemgmt.safety.services.raising import NewAlert, raise_alert
from casemgmt.safety.words import Severity, Source, What

MACHINE = Actor.system("test")


@transaction.atomic
def alert(
    client: Client | None, at: Organization, *, severity: Severity = Severity.CRITICAL, **fields: Any
) -> RiskAlert:
    """Return an alert of an organization, raised now."""
    known = {"source": Source.TEXT, "what": What.CRISIS_TEXT, "source_id": new_id(), **fields}
    new = NewAlert(client_id=client.id if client else None, organization_id=at.id, severity=severity, **known)
    made = raise_alert(new, at=clock.now(), actor=MACHINE)
    assert made is not None
    return made


def on_call(user: Actor, role: Role, at: Organization, *, backup: bool = False, hours: float = 12) -> OnCallShift:
    """Return a shift that began an hour ago."""
    now = clock.now()
    return OnCallShift.objects.create(
        organization=at,
        user_id=user.id,
        role=role,
        backup=backup,
        starts_at=now - timedelta(hours=1),
        ends_at=now + timedelta(hours=hours),
    )


def on_team(
    client: Client, user_id: UUID | None, role: Role, at: Organization, *, lead: bool = False
) -> CareTeamMember:
    """Return a membership of a client's team."""
    return CareTeamMember.objects.create(
        client=client, organization=at, user_id=user_id, role=role.value, lead=lead, started_on=date(2026, 1, 1)
    )


def closing(at: datetime, **told: Any) -> dict[str, Any]:
    """Return everything that closing an alert asks for (SMS-65)."""
    return {
        "contact_outcome": "reached",
        "disposition": "safe_with_plan",
        "safety_plan_updated": False,
        "follow_up_at": at + timedelta(hours=20),
        "cssrs_not_done": "Was taken yesterday.",
        **told,
    }

"""Who joins a client's team and who leaves it, and who is on it. Doors; what ends a whole team is inner."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest

from casemgmt.access.models import Grant, Reason, Scope
from casemgmt.access.services import grant, revoke_grants
from casemgmt.accounts.models import Membership, Organization
from casemgmt.accounts.roles import CASE_MANAGER_AND_UP
from casemgmt.clients.models import Client
from casemgmt.clients.services import require_role
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Conflict, Invalid, NotPermitted, Refused
from casemgmt.kernel.events import Event, Scalar
from casemgmt.kernel.events import topic as register_topic
from casemgmt.kernel.transactions import require_atomic
from casemgmt.outbox.emit import emit

from .models import CareTeamMember
from .words import EndReason, TeamRole

MEMBER_ADDED = register_topic("care_team.member_added")
MEMBER_ENDED = register_topic("care_team.member_ended")
LEAD_CHANGED = register_topic("care_team.lead_changed")
DISBANDED = register_topic("care_team.disbanded")


@dataclass(frozen=True, slots=True)
class NewMember:
    """Who joins, in which role, since which day (None: today at the organization), and whether as the lead."""

    user_id: UUID
    role: TeamRole
    started_on: date | None = None
    lead: bool = False


def current_team(*, client_id: UUID, organization_id: UUID) -> list[CareTeamMember]:
    """Return who cares for a client in an organization now, in the order they joined; their `user` is loaded.

    Somebody whose account or role in the organization ended is not among them. One query.
    """
    serving = CareTeamMember.objects.of_client(client_id, organization_id=organization_id).serving()
    return list(serving.select_related("user").order_by("id"))


def members_with_role(*, client_id: UUID, organization_id: UUID, role: str) -> list[CareTeamMember]:
    """Return who cares for a client in one role now: the lead first, then in the order they joined. One query."""
    found = [each for each in current_team(client_id=client_id, organization_id=organization_id) if each.role == role]
    return sorted(found, key=lambda each: not each.lead)


@transaction.atomic
def add_member(*, client_id: UUID, new: NewMember, actor: Actor) -> CareTeamMember:
    """Put somebody of the actor's organization on a client's team; a lead takes the place of the one before.

    Raises NotVisible, NotPermitted, Refused `client_deceased`, Invalid (`user`, `started_on`, `lead`),
    Conflict `already_on_team`.
    """
    client: Client = Client.objects.visible_to(actor).lock(client_id)
    require_role(actor, CASE_MANAGER_AND_UP)
    if actor.organization_id is None:
        raise NotPermitted()
    if client.deceased:
        raise Refused("The client has died. Nobody joins the team.", code="client_deceased")
    at = clock.now()
    started_on = _check(new, organization_id=actor.organization_id, at=at, actor=actor)
    team = CareTeamMember.objects.of_client(client_id, organization_id=actor.organization_id).open()
    if team.filter(user_id=new.user_id, role=new.role).exists():  # the client is locked: nobody adds beside us
        raise Conflict("This person is on the team in this role.", code="already_on_team")
    if new.lead:
        _make_way(client_id, organization_id=actor.organization_id, at=at)
    member: CareTeamMember = CareTeamMember.objects.create(
        client_id=client_id,
        organization_id=actor.organization_id,
        user_id=new.user_id,
        role=new.role,
        lead=new.lead,
        started_on=started_on,
        added_by=actor.id,
    )
    _let_see(member, actor=actor)
    emit(_event(MEMBER_ADDED, member), actor=actor)
    return member


def _check(new: NewMember, *, organization_id: UUID, at: datetime, actor: Actor) -> date:
    """Return the first day of a new membership; raise Invalid naming every field that does not fit."""
    wrong: dict[str, list[str]] = {}
    holds = Membership.objects.visible_to(actor).filter(
        user_id=new.user_id, organization_id=organization_id, role=new.role
    )
    if not holds.exists():
        wrong["user"] = ["Nobody of your organization who holds this role."]
    today = _today(organization_id, at=at)
    started_on = new.started_on or today
    if started_on > today:
        wrong["started_on"] = ["Not in the future."]
    if new.lead and new.role != TeamRole.CASE_MANAGER:
        wrong["lead"] = ["A case manager leads."]
    if wrong:
        raise Invalid(fields=wrong)
    return started_on


def _today(organization_id: UUID, *, at: datetime) -> date:
    """Return the day at an organization at `at` (aware UTC)."""
    zone = Organization.objects.values_list("timezone", flat=True).get(pk=organization_id)
    return at.astimezone(ZoneInfo(zone)).date()


def _make_way(client_id: UUID, *, organization_id: UUID, at: datetime) -> None:
    """Let whoever leads a client's team (the client is locked) stand back into the row."""
    before = CareTeamMember.objects.of_client(client_id, organization_id=organization_id).open().filter(lead=True)
    for member_id in list(before.values_list("id", flat=True)):
        member: CareTeamMember = CareTeamMember.objects.lock(member_id)
        member.lead = False
        member.save_changes("lead", at=at)


def _let_see(member: CareTeamMember, *, actor: Actor) -> None:
    """Let a member see the client (F10), where the organization cares for the client itself.

    Where it sees the client for another reason, such as a referral, its members see as long as the organization does.
    """
    whole = Grant.objects.filter(
        client_id=member.client_id,
        organization_id=member.organization_id,
        user_id__isnull=True,
        reason=Reason.CARE,
        scope__in=(Scope.RECORD, Scope.WITHHELD),
        revoked_at__isnull=True,
        expires_at__isnull=True,
    )
    if whole.exists():
        grant(
            client_id=member.client_id,
            organization_id=member.organization_id,
            user_id=member.user_id,
            reason=Reason.CARE_TEAM,
            source_id=member.id,
            actor=actor,
        )


@transaction.atomic
def change_lead(*, member_id: UUID, lead: bool, version: int | None, actor: Actor) -> CareTeamMember:
    """Let a case manager of the team lead it, in place of whoever did, or no longer.

    Raises NotVisible, NotPermitted, StaleVersion, Invalid (`lead`), Conflict `membership_ended`.
    """
    member = _lock(member_id, actor=actor)
    require_role(actor, CASE_MANAGER_AND_UP)
    _require_lasting(member, version)
    if lead and member.role != TeamRole.CASE_MANAGER:
        raise Invalid(fields={"lead": ["A case manager leads."]})
    if member.lead == lead:
        return member
    at = clock.now()
    if lead:
        _make_way(member.client_id, organization_id=member.organization_id, at=at)
    member.lead = lead
    member.save_changes("lead", at=at)
    emit(_event(LEAD_CHANGED, member, lead=lead), actor=actor)
    return member


@transaction.atomic
def end_member(
    *, member_id: UUID, reason: EndReason, ended_on: date | None = None, version: int | None = None, actor: Actor
) -> CareTeamMember:
    """Note that somebody left a team; `ended_on` is the last day, None today. Takes back what it let them see.

    Raises NotVisible, NotPermitted, StaleVersion, Invalid (`ended_on`), Conflict `membership_ended`.
    """
    member = _lock(member_id, actor=actor)
    require_role(actor, CASE_MANAGER_AND_UP)
    _require_lasting(member, version)
    at = clock.now()
    today = _today(member.organization_id, at=at)
    last = ended_on or today
    if not member.started_on <= last <= today:
        raise Invalid(fields={"ended_on": ["Not before the first day and not in the future."]})
    member.ended_on, member.end_reason, member.ended_by = last, reason, actor.id
    member.save_changes("ended_on", "end_reason", "ended_by", at=at)
    revoke_grants(source_id=member.id, at=at, actor=actor)
    emit(_event(MEMBER_ENDED, member, reason=reason.value), actor=actor)
    return member


def _lock(member_id: UUID, *, actor: Actor) -> CareTeamMember:
    """Return a place on a team, locked behind its client: a team changes one step at a time, whoever judges the rest.

    Raises NotVisible.
    """
    visible = CareTeamMember.objects.visible_to(actor)
    Client.objects.visible_to(actor).lock(visible.fetch(member_id).client_id)
    member: CareTeamMember = visible.lock(member_id)
    return member


def _require_lasting(member: CareTeamMember, version: int | None) -> None:
    member.require_version(version)
    if member.ended_on is not None:
        raise Conflict("This person has left the team.", code="membership_ended")


def disband(*, client_id: UUID, organization_id: UUID, reason: EndReason, at: datetime, actor: Actor) -> int:
    """End a whole team because there is nothing left to care for, as of `at` (aware UTC); return how many it were.

    Inner. One fact for all of them: nobody is asked who takes over.
    """
    require_atomic()
    team = CareTeamMember.objects.of_client(client_id, organization_id=organization_id).open()
    member_ids = list(team.values_list("id", flat=True))
    if not member_ids:
        return 0
    last = Greatest("started_on", Value(_today(organization_id, at=at)))
    team.filter(id__in=member_ids).update(
        ended_on=last, end_reason=reason, ended_by=actor.id, updated_at=at, version=F("version") + 1
    )
    for member_id in member_ids:
        revoke_grants(source_id=member_id, at=at, actor=actor)
    payload: dict[str, Scalar] = {"reason": reason.value, "members": len(member_ids)}
    emit(Event(DISBANDED, client_id, client_id, organization_id, payload), actor=actor)
    return len(member_ids)


def _event(topic: str, member: CareTeamMember, **more: Scalar) -> Event:
    payload: dict[str, Scalar] = {"role": str(member.role), "user_id": str(member.user_id), **more}
    return Event(topic, member.id, member.client_id, member.organization_id, payload)

"""Acknowledging the rules of a residence (G8, CLN-10). One door; what it writes is never changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from casemgmt.accounts.models import Membership
from casemgmt.accounts.roles import CASE_MANAGER_AND_UP, Role
from casemgmt.chart.services.entries import require_living
from casemgmt.clients.services import require_role
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Conflict, Invalid, NotPermitted
from casemgmt.kernel.events import Event, Scalar
from casemgmt.kernel.events import topic as register_topic
from casemgmt.kernel.request import request_id
from casemgmt.outbox.emit import emit
from programs.models import Enrollment, HouseAgreement
from programs.rules.kinds import Kind

from .enrollments import lock_enrollment

AGREED = register_topic("enrollment.house_agreement_recorded")
RECORDS = frozenset({*CASE_MANAGER_AND_UP, Role.HOUSE_MANAGER.value})


@dataclass(frozen=True, slots=True)
class NewAgreement:
    """What is told of an acknowledgement.

    `agreed_at` is aware UTC, None: now. `rules_hash`: the SHA-256 of the rules that the client read. `witness_id`:
    who was there, None: who records it. `withdrawn`: the acknowledgement on record was none; `reason` says why.
    """

    agreed_at: datetime | None = None
    rules_hash: str = ""
    witness_id: UUID | None = None
    withdrawn: bool = False
    reason: str = ""


@transaction.atomic
def record_house_agreement(*, enrollment_id: UUID, new: NewAgreement, actor: Actor) -> HouseAgreement:
    """Record that the client acknowledged the house rules in force; it takes the place of what was recorded before.

    Raises NotVisible, NotPermitted, Invalid, Refused `client_deceased`, Conflict (`not_a_residence`,
    `enrollment_ended`, `house_rules_changed`, `nothing_to_withdraw`).
    """
    enrollment = lock_enrollment(enrollment_id, actor=actor)
    require_role(actor, RECORDS)
    if actor.organization_id not in (enrollment.episode.organization_id, enrollment.program.organization_id):
        raise NotPermitted("Somebody of the episode's or the residence's organization records this.")
    if enrollment.program.kind != Kind.SOBER_LIVING:
        raise Conflict("Only a residence has house rules.", code="not_a_residence")
    if not enrollment.is_open:
        raise Conflict("The enrollment has ended.", code="enrollment_ended")
    if not new.withdrawn:
        require_living(enrollment.episode)
    at, before = clock.now(), HouseAgreement.objects.filter(enrollment=enrollment).last_row()
    agreed_at = _when(new, before, at=at)
    row = HouseAgreement.objects.create(
        enrollment=enrollment,
        agreed_at=agreed_at,
        rules_hash=before.rules_hash if new.withdrawn and before else _rules(new, enrollment),
        withdrawn=new.withdrawn,
        supersedes=before,
        witnessed_by_id=_witness(new, enrollment, actor=actor),
        reason=new.reason,
        recorded_at=at,
        actor_kind=actor.kind.value,
        actor_id=actor.id,
        request_id=request_id.get(),
    )
    payload: dict[str, Scalar] = {"episode_id": str(enrollment.episode_id), "withdrawn": row.withdrawn, "seq": row.seq}
    organization_id = enrollment.program.organization_id
    emit(Event(AGREED, enrollment.id, enrollment.client_id, organization_id, payload), actor=actor)
    return row


def _when(new: NewAgreement, before: HouseAgreement | None, *, at: datetime) -> datetime:
    if new.withdrawn:
        if before is None or before.withdrawn:
            raise Conflict("No acknowledgement is on record.", code="nothing_to_withdraw")
        if not new.reason.strip():
            raise Invalid(fields={"reason": ["Say why the acknowledgement was none."]})
        return before.agreed_at
    agreed_at = new.agreed_at or at
    if agreed_at > at:
        raise Invalid(fields={"agreed_at": ["Not later than now."]})
    return agreed_at


def _rules(new: NewAgreement, enrollment: Enrollment) -> str:
    """Return the hash of the rules in force; raise when the client read others."""
    wanted: str = enrollment.program.house_rules_hash
    if new.rules_hash != wanted:
        sentence = "These are not the rules of the house that hold now. Read the present ones with the client."
        raise Conflict(sentence, code="house_rules_changed", rules_hash=wanted)
    return wanted


def _witness(new: NewAgreement, enrollment: Enrollment, *, actor: Actor) -> UUID:
    """Return who witnessed it: the actor, or somebody who works for one of the two organizations."""
    if new.witness_id is None or new.witness_id == actor.id:
        if actor.id is None:
            raise NotPermitted("A person witnesses this.")
        return actor.id
    places = (enrollment.episode.organization_id, enrollment.program.organization_id)
    there = Membership.objects.filter(
        user_id=new.witness_id, user__is_active=True, organization_id__in=places, ended_at__isnull=True
    )
    if not there.exists():
        raise Invalid(fields={"witness": ["Somebody who works for the episode's or the residence's organization."]})
    return new.witness_id

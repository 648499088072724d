"""Who is on call: asking, planning a shift, calling it off. No client data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.utils import IntegrityError
from psycopg.errors import ExclusionViolation

from casemgmt.accounts.models import Membership
from casemgmt.accounts.roles import Role
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Conflict, Invalid, NotPermitted
from casemgmt.kernel.events import Event, Scalar
from casemgmt.kernel.events import topic as register_topic
from casemgmt.kernel.transactions import one_at_a_time
from casemgmt.outbox.emit import emit
from casemgmt.safety.models import OnCallShift
from casemgmt.safety.words import OnCallRole

PLANNED = register_topic("on_call.planned")
CANCELLED = register_topic("on_call.cancelled")


@dataclass(frozen=True, slots=True)
class NewShift:
    """Who answers for a role from when until when (aware UTC). `backup` comes second."""

    user_id: UUID
    role: str
    starts_at: datetime
    ends_at: datetime
    backup: bool = False


def who_is_on_call(organization_id: UUID, role: str, at: datetime, *, backup: bool = False) -> UUID | None:
    """Return who is on call for a role at a moment (aware UTC), None when nobody is. One query.

    Somebody who no longer holds the role there is not on call, whatever the rota says.
    """
    shifts = OnCallShift.objects.at(at).filter(organization_id=organization_id, role=role, backup=backup)
    found: UUID | None = shifts.values_list("user_id", flat=True).first()
    return found


@transaction.atomic
def plan_shift(*, new: NewShift, actor: Actor) -> OnCallShift:
    """Put somebody of the actor's organization on call.

    Raises NotPermitted (a supervisor plans), Invalid (`fields`), Conflict `shift_overlap`.
    """
    organization_id = _require_supervisor(actor)
    one_at_a_time(f"rota:{organization_id}")  # two at once would meet in the constraint and block each other
    _check(new, organization_id=organization_id, at=clock.now())
    shift = OnCallShift(organization_id=organization_id, **{name: getattr(new, name) for name in NewShift.__slots__})
    try:
        with transaction.atomic():
            shift.save(force_insert=True)
    except IntegrityError as error:
        if isinstance(error.__cause__, ExclusionViolation):
            sentence = "Somebody is on call for this role at that time. Call that shift off first."
            raise Conflict(sentence, code="shift_overlap") from error
        raise
    emit(_event(PLANNED, shift), actor=actor)
    return shift


@transaction.atomic
def cancel_shift(*, shift_id: UUID, actor: Actor) -> OnCallShift:
    """Call a shift off, also while it runs. Raises NotVisible, NotPermitted, Conflict (`shift_over`)."""
    shift: OnCallShift = OnCallShift.objects.visible_to(actor).lock(shift_id)
    _require_supervisor(actor)
    at = clock.now()
    if shift.cancelled_at is None:
        if shift.ends_at <= at:
            raise Conflict("This shift is over.", code="shift_over")
        shift.cancelled_at = at
        shift.save_changes("cancelled_at", at=at)
        emit(_event(CANCELLED, shift), actor=actor)
    return shift


def _require_supervisor(actor: Actor) -> UUID:
    if actor.organization_id is None or not actor.has_role(Role.SUPERVISOR):
        raise NotPermitted("A supervisor plans who is on call.", who=[Role.SUPERVISOR.value])
    return actor.organization_id


def _check(new: NewShift, *, organization_id: UUID, at: datetime) -> None:
    """Raise Invalid unless the shift is ahead of us and the person holds the role in the organization."""
    if new.role not in OnCallRole.values:
        raise Invalid(fields={"role": ["A therapist or a supervisor is on call."]})
    if new.ends_at <= new.starts_at:
        raise Invalid(fields={"ends_at": ["After it begins."]})
    if new.ends_at <= at:
        raise Invalid(fields={"ends_at": ["Not in the past."]})
    held = Membership.objects.filter(
        user_id=new.user_id,
        user__is_active=True,
        organization_id=organization_id,
        role=new.role,
        ended_at__isnull=True,
    )
    if not held.exists():
        raise Invalid(fields={"user": ["Nobody of your organization who holds this role."]})


def _event(topic: str, shift: OnCallShift) -> Event:
    payload: dict[str, Scalar] = {"user_id": str(shift.user_id), "role": shift.role, "backup": shift.backup}
    return Event(topic, shift.id, None, shift.organization_id, payload)

"""Beds of one's own houses: adding, changing, and who sleeps where. Lock order: services/offering.py."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.utils import IntegrityError

from casemgmt.accounts.roles import Role
from casemgmt.clients.models import Client
from casemgmt.clients.services import require_role
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Conflict, Invalid, NotPermitted, Refused
from casemgmt.kernel.events import Event
from casemgmt.kernel.events import topic as register_topic
from casemgmt.kernel.wall import acting_as
from casemgmt.outbox.emit import emit
from casemgmt.places.models import Bed, BedUse
from casemgmt.places.words import BedPolicy, BedStatus, BedUseKind, HoldReason
from programs.models import Program
from programs.rules.kinds import Kind
from programs.services.enrollments import lock_enrollment

from .keeping import end_uses, write_use
from .line import KEEPER

ADDED = register_topic("bed.added")
CHANGED = register_topic("bed.changed")
ASSIGNED = register_topic("bed.assigned")
HELD = register_topic("bed.held")
FREED = register_topic("bed.freed")

KEEPS_HOUSE = frozenset({Role.HOUSE_MANAGER.value, Role.CASE_MANAGER.value, Role.SUPERVISOR.value})
EDITABLE = ("room", "name", "policy", "step_free", "status", "out_reason")


@dataclass(frozen=True, slots=True)
class NewBed:
    """What is told of a bed. `step_free` None: nobody looked."""

    room: str
    name: str
    policy: str = BedPolicy.ANYBODY.value
    step_free: bool | None = None


@dataclass(frozen=True, slots=True)
class NewHold:
    """Why a bed is kept free, until when (aware UTC; None: until further notice), and for whom (None: nobody)."""

    reason: HoldReason
    until: datetime | None = None
    client_id: UUID | None = None


@transaction.atomic
def add_bed(*, program_id: UUID, new: NewBed, actor: Actor) -> Bed:
    """Add a bed to a residence of the actor's organization.

    Raises NotVisible, NotPermitted, Invalid (`program`: no residence), Conflict `bed_exists`.
    """
    program = Program.objects.visible_to(actor).own(actor).lock(program_id)
    require_role(actor, KEEPS_HOUSE)
    if program.kind != Kind.SOBER_LIVING:
        raise Invalid(fields={"program": ["Only a residence has beds."]})
    bed = Bed(program=program, room=new.room, name=new.name, policy=new.policy, step_free=new.step_free)
    _save(bed)
    emit(_event(ADDED, bed), actor=actor)
    return bed


@transaction.atomic
def change_bed(*, bed_id: UUID, changes: Mapping[str, Any], version: int | None, actor: Actor) -> Bed:
    """Change a bed (fields of EDITABLE); one that is taken or held does not go out of service.

    Raises NotVisible, NotPermitted, StaleVersion, Invalid (`out_reason`), Conflict (`bed_exists`, `bed_taken`).
    """
    bed = _lock_bed(bed_id, actor=actor)
    bed.require_version(version)
    for name in EDITABLE:
        if name in changes:
            setattr(bed, name, changes[name])
    out = bed.status == BedStatus.OUT_OF_SERVICE
    if out != bool(bed.out_reason):
        raise Invalid(fields={"out_reason": ["A bed that is out of service says why; another does not."]})
    with acting_as(KEEPER):  # somebody may be there whom the actor does not see
        if out and BedUse.objects.filter(bed=bed).lasting().exists():
            raise Conflict("The bed is taken or held.", code="bed_taken")
    _save(bed, at=clock.now())
    emit(_event(CHANGED, bed), actor=actor)
    return bed


def _save(bed: Bed, *, at: datetime | None = None) -> None:
    try:
        with transaction.atomic():
            if at is None:
                bed.save(force_insert=True)
            else:
                bed.save_changes(*EDITABLE, at=at)
    except IntegrityError as error:
        if getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") != "bed_one_per_name":
            raise
        raise Conflict("The house has a bed of that room and name.", code="bed_exists") from error


@transaction.atomic
def assign_bed(*, bed_id: UUID, enrollment_id: UUID, starts_at: datetime | None, actor: Actor) -> BedUse:
    """Give a bed to somebody who is enrolled in its house, from now or `starts_at` (aware UTC) on.

    A bed that was kept for them is theirs. Raises NotVisible, NotPermitted, Invalid (`enrollment`), Refused
    `client_deceased`, Conflict (`enrollment_ended`, `bed_out_of_service`, `bed_taken`, `client_has_bed`).
    """
    Bed.objects.visible_to(actor).fetch(bed_id)
    require_role(actor, KEEPS_HOUSE)
    enrollment = lock_enrollment(enrollment_id, actor=actor)
    bed = _lock_bed(bed_id, actor=actor)
    if enrollment.program_id != bed.program_id:
        raise Invalid(fields={"enrollment": ["This enrollment is in another program."]})
    if not enrollment.is_open:
        raise Conflict("The enrollment has ended.", code="enrollment_ended")
    if enrollment.episode.client.deceased:
        raise Refused("The client has died.", code="client_deceased")
    _require_in_service(bed)
    at = clock.now()
    kept = BedUse.objects.filter(bed=bed, client_id=enrollment.client_id, kind=BedUseKind.HOLD)
    end_uses(kept.exclude(reason=HoldReason.OFFERED), at=starts_at or at)
    use = BedUse(
        bed=bed,
        organization_id=bed.program.organization_id,
        kind=BedUseKind.STAY,
        client_id=enrollment.client_id,
        enrollment=enrollment,
        starts_at=starts_at or at,
    )
    write_use(use)
    emit(_event(ASSIGNED, bed, use.client_id), actor=actor)
    return use


@transaction.atomic
def move_stay(*, use_id: UUID, bed_id: UUID, version: int | None, actor: Actor) -> BedUse:
    """Move somebody to another bed of the same house, now, or from when they were to come.

    Raises NotVisible, NotPermitted, StaleVersion, Invalid (`bed`), Conflict (`use_ended`, `not_a_stay`,
    `bed_out_of_service`, `bed_taken`).
    """
    use = _lock_use(use_id, version=version, actor=actor)
    if use.kind != BedUseKind.STAY:
        raise Conflict("Only who stays can move.", code="not_a_stay")
    bed = _lock_bed(bed_id, actor=actor)
    if bed.program_id != use.bed.program_id or bed.id == use.bed_id:
        raise Invalid(fields={"bed": ["Another bed of the same house."]})
    _require_in_service(bed)
    at = max(clock.now(), use.starts_at)
    until = use.ends_at
    use.ends_at = at
    use.save_changes("ends_at", at=clock.now())
    new = BedUse(
        bed=bed,
        organization_id=use.organization_id,
        kind=BedUseKind.STAY,
        client_id=use.client_id,
        enrollment_id=use.enrollment_id,
        starts_at=at,
        ends_at=until,
    )
    write_use(new)
    emit(_event(ASSIGNED, bed, new.client_id), actor=actor)
    return new


@transaction.atomic
def hold_bed(*, bed_id: UUID, new: NewHold, actor: Actor) -> BedUse:
    """Keep a bed free from now on, for somebody the actor may see or for nobody.

    Raises NotVisible, NotPermitted, Invalid (`until`), Conflict (`bed_out_of_service`, `bed_taken`).
    """
    bed = _lock_bed(bed_id, actor=actor)
    _require_in_service(bed)
    at = clock.now()
    if new.until is not None and new.until <= at:
        raise Invalid(fields={"until": ["A moment to come."]})
    if new.client_id is not None and Client.objects.visible_to(actor).fetch(new.client_id).deceased:
        raise Refused("The client has died.", code="client_deceased")
    use = BedUse(
        bed=bed,
        organization_id=bed.program.organization_id,
        kind=BedUseKind.HOLD,
        client_id=new.client_id,
        reason=new.reason,
        starts_at=at,
        ends_at=new.until,
    )
    write_use(use)
    emit(_event(HELD, bed, use.client_id), actor=actor)
    return use


@transaction.atomic
def end_use(*, use_id: UUID, version: int | None, actor: Actor) -> BedUse:
    """Free a bed: somebody left it, or it need not be kept any longer. The enrollment goes on.

    Raises NotVisible, NotPermitted, StaleVersion, Conflict (`use_ended`, `held_by_offer`).
    """
    use = _lock_use(use_id, version=version, actor=actor)
    if use.reason == HoldReason.OFFERED:
        raise Conflict("The bed is held with an offer; take the offer back.", code="held_by_offer")
    at = clock.now()
    use.ends_at = max(use.starts_at, at)
    use.save_changes("ends_at", at=at)
    emit(_event(FREED, use.bed, use.client_id), actor=actor)
    return use


def _lock_bed(bed_id: UUID, *, actor: Actor) -> Bed:
    """Return a bed of the actor's organization, locked after its house."""
    seen = Bed.objects.visible_to(actor).fetch(bed_id)
    require_role(actor, KEEPS_HOUSE)
    Program.objects.lock(seen.program_id)
    return Bed.objects.select_related("program").lock(bed_id)


def _lock_use(use_id: UUID, *, version: int | None, actor: Actor) -> BedUse:
    """Return a lasting use of a bed of the actor's organization, locked after its house."""
    seen = BedUse.objects.visible_to(actor).select_related("bed").fetch(use_id)
    require_role(actor, KEEPS_HOUSE)
    if not actor.is_system and seen.organization_id != actor.organization_id:
        raise NotPermitted("The organization that runs a house says who sleeps where.")
    Program.objects.lock(seen.bed.program_id)
    use = BedUse.objects.select_related("bed__program").lock(use_id)
    use.require_version(version)
    if not BedUse.objects.filter(pk=use.pk).lasting().exists():
        raise Conflict("This ended.", code="use_ended")
    return use


def _require_in_service(bed: Bed) -> None:
    if bed.status != BedStatus.AVAILABLE:
        raise Conflict("The bed is out of service.", code="bed_out_of_service")


def _event(topic: str, bed: Bed, client_id: UUID | None = None) -> Event:
    return Event(topic, bed.id, client_id, bed.program.organization_id, {"program_id": str(bed.program_id)})

"""How many places a program has: said by who runs it, each time with a row of the ledger (F5)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.utils import IntegrityError

from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor, ActorKind
from casemgmt.kernel.errors import Conflict, Invalid, NotPermitted
from casemgmt.kernel.events import Event, Scalar
from casemgmt.kernel.events import topic as register_topic
from casemgmt.kernel.request import request_id
from casemgmt.kernel.transactions import require_atomic
from casemgmt.outbox.emit import emit
from programs.models import CapacityReport, Program

from .running import own_organization

CONFIRMED = register_topic("program.capacity_confirmed")
COLUMNS = ("capacity_total", "capacity_confirmed_at", "capacity_confirmed_by")


@transaction.atomic
def confirm_capacity(*, program_id: UUID, total: int | None, version: int | None, actor: Actor) -> Program:
    """Say how many places a program has as of now: the number it had (`total` None), or another one.

    Raises NotVisible, NotPermitted, StaleVersion, Invalid `capacity_unknown` (there is no number to confirm), Conflict
    `capacity_below_taken`.
    """
    program = lock_own_program(program_id, actor=actor)
    program.require_version(version)
    told = program.capacity_total if total is None else total
    if told is None:
        sentence = "Nobody has said yet how many places there are. Say how many."
        raise Invalid(code="capacity_unknown", fields={"capacity_total": [sentence]})
    at = clock.now()
    report = write_capacity(program, told, at=at, actor=actor)
    save_fitting(program, *COLUMNS, at=at)
    payload: dict[str, Scalar] = {"seq": report.seq, "changed": report.old_total != report.new_total}
    emit(Event(CONFIRMED, program.id, None, program.organization_id, payload), actor=actor)
    return program


def lock_own_program(program_id: UUID, *, actor: Actor) -> Program:
    """Return a program that the actor runs, locked. Raises NotVisible, NotPermitted."""
    program: Program = Program.objects.visible_to(actor).lock(program_id)
    if not actor.is_system and program.organization_id != own_organization(actor).id:
        raise NotPermitted("Only the organization that runs a program may change it.")
    return program


def write_capacity(program: Program, total: int | None, *, at: datetime, actor: Actor) -> CapacityReport:
    """Set the number of places of a locked program, in memory, and add the ledger's row; the caller saves COLUMNS."""
    require_atomic()
    report = CapacityReport.objects.create(
        program=program,
        old_total=program.capacity_total,
        new_total=total,
        at=at,
        actor_kind=actor.kind.value,
        actor_id=actor.id,
        request_id=request_id.get(),
    )
    program.capacity_total = total
    program.capacity_confirmed_at = None if total is None else at
    by_person = total is not None and actor.kind is ActorKind.STAFF
    program.capacity_confirmed_by_id = actor.id if by_person else None
    return report


def save_fitting(program: Program, *names: str, at: datetime) -> None:
    """Save columns of a locked program. Raises Conflict `capacity_below_taken` when more people are there."""
    try:
        with transaction.atomic():
            program.save_changes(*names, at=at)
    except IntegrityError as error:
        if getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") != "program_places_fit":
            raise
        sentence = "More people take part than there would be places."
        raise Conflict(sentence, code="capacity_below_taken") from error

"""Publishing and editing programs of one's own organization. Doors; the directory holds no client data (HSD-01)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.utils import IntegrityError

from casemgmt.accounts.models import Organization
from casemgmt.accounts.roles import Role
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Conflict, Invalid, NotPermitted
from casemgmt.kernel.events import Event
from casemgmt.kernel.events import topic as register_topic
from casemgmt.outbox.emit import emit
from programs.models import Program
from programs.rules.kinds import ProgramStatus
from programs.rules.programs import program_refusals

PUBLISHED = register_topic("program.published")
CHANGED = register_topic("program.changed")

RUNS_THE_DIRECTORY = frozenset({Role.SUPERVISOR.value, Role.ADMIN.value})


@dataclass(frozen=True, slots=True)
class NewProgram:
    """What is told of a program. None means unknown; an empty `timezone` means the organization's."""

    kind: str
    name: str
    description: str = ""
    status: str = ProgramStatus.ACTIVE.value
    published: bool = True
    level_of_care_edition: int | None = None
    level_of_care_code: str = ""
    narr_level: str = ""
    narr_certified: bool | None = None
    certifying_affiliate: str = ""
    certificate_expires: date | None = None
    house_rules_hash: str = ""  # SHA-256, 64 hex digits
    accepts_moud: bool | None = None
    modalities: list[str] = field(default_factory=list)
    timezone: str = ""
    languages: list[str] = field(default_factory=list)
    eligibility: str = ""
    city: str = ""
    capacity_total: int | None = None
    assured_date: date | None = None


# A kind is for life: guards and enrollments rely on it.
EDITABLE = tuple(each.name for each in fields(NewProgram) if each.name != "kind")


@transaction.atomic
def publish_program(*, new: NewProgram, actor: Actor) -> Program:
    """Put a program of the actor's organization into the directory (as a draft with `published=False`).

    Raises NotPermitted, Invalid (fields that do not fit each other).
    """
    organization = _own_organization(actor)
    values = {**asdict(new), "timezone": new.timezone or organization.timezone}
    _require_fit(values)
    program = Program.objects.create(organization=organization, **values)
    emit(Event(PUBLISHED, program.id, None, organization.id, {"kind": program.kind}), actor=actor)
    return program


@transaction.atomic
def change_program(*, program_id: UUID, changes: Mapping[str, Any], version: int | None, actor: Actor) -> Program:
    """Edit a program (fields of EDITABLE).

    Raises NotVisible, NotPermitted (another organization's, or not one's role), StaleVersion, Invalid, Conflict
    `capacity_below_taken`.
    """
    program = Program.objects.visible_to(actor).lock(program_id)
    if not actor.is_system and program.organization_id != _own_organization(actor).id:
        raise NotPermitted("Only the organization that runs a program may change it.")
    program.require_version(version)
    names = [name for name in EDITABLE if name in changes]
    for name in names:
        setattr(program, name, changes[name])
    _require_fit({name: getattr(program, name) for name in ("kind", *EDITABLE)})
    try:
        with transaction.atomic():
            program.save_changes(*names, at=clock.now())
    except IntegrityError as error:
        if getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") != "program_places_fit":
            raise
        sentence = "More people take part than there would be places."
        raise Conflict(sentence, code="capacity_below_taken") from error
    emit(Event(CHANGED, program.id, None, program.organization_id, {"kind": program.kind}), actor=actor)
    return program


def _own_organization(actor: Actor) -> Organization:
    if actor.organization_id is None or not actor.has_role(*RUNS_THE_DIRECTORY):
        raise NotPermitted(who=sorted(RUNS_THE_DIRECTORY))
    return Organization.objects.get(pk=actor.organization_id)


def _require_fit(values: Mapping[str, Any]) -> None:
    refusals = program_refusals(values)
    if refusals:
        raise Invalid(fields=refusals)

"""Publishing and editing programs of one's own organization. Doors; the directory holds no client data (HSD-01)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Invalid
from casemgmt.kernel.events import Event
from casemgmt.kernel.events import topic as register_topic
from casemgmt.outbox.emit import emit
from programs.models import Program
from programs.rules.kinds import ProgramStatus
from programs.rules.programs import program_refusals

from . import capacity
from .hours import NewHours, write_hours
from .running import own_organization
from .sites import link_sites, require_unpublished

PUBLISHED = register_topic("program.published")
CHANGED = register_topic("program.changed")


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
    minimum_age: int | None = None
    maximum_age: int | None = None
    populations: list[str] = field(default_factory=list)
    fees: str = ""
    payers: list[str] = field(default_factory=list)
    interpretation: str = ""
    application_process: str = ""
    phone: str = ""
    alert: str = ""
    waitlist_only: bool = False
    city: str = ""
    state: str = ""
    capacity_total: int | None = None
    assured_date: date | None = None
    assurer_email: str = ""
    sites: list[UUID] = field(default_factory=list)
    schedules: list[NewHours] = field(default_factory=list)


# Rows of their own. A number of places has a ledger.
APART = ("sites", "schedules", "capacity_total")
# A kind is for life: guards and enrollments rely on it.
EDITABLE = tuple(each.name for each in fields(NewProgram) if each.name not in ("kind", *APART))


@transaction.atomic
def publish_program(*, new: NewProgram, actor: Actor) -> Program:
    """Put a program of the actor's organization into the directory (as a draft with `published=False`).

    Raises NotPermitted, Invalid (fields that do not fit each other), Refused `residence_street`.
    """
    organization = own_organization(actor)
    values = {name: value for name, value in asdict(new).items() if name not in APART}
    values["timezone"] = new.timezone or organization.timezone
    _require_fit(values)
    program: Program = Program.objects.create(organization=organization, **values)
    at = clock.now()
    if new.capacity_total is not None:
        capacity.write_capacity(program, new.capacity_total, at=at, actor=actor)
        program.save(update_fields=capacity.COLUMNS)
    _write_apart(program, {"sites": new.sites, "schedules": new.schedules})
    emit(Event(PUBLISHED, program.id, None, organization.id, {"kind": program.kind}), actor=actor)
    return program


@transaction.atomic
def change_program(*, program_id: UUID, changes: Mapping[str, Any], version: int | None, actor: Actor) -> Program:
    """Edit a program (fields of EDITABLE and APART).

    Raises NotVisible, NotPermitted (another organization's, or not one's role), StaleVersion, Invalid, Conflict
    `capacity_below_taken`, Refused `residence_street`.
    """
    program = capacity.lock_own_program(program_id, actor=actor)
    program.require_version(version)
    at, names = clock.now(), [name for name in EDITABLE if name in changes]
    for name in names:
        setattr(program, name, changes[name])
    _require_fit({name: getattr(program, name) for name in ("kind", *EDITABLE)})
    if changes.get("capacity_total", program.capacity_total) != program.capacity_total:
        capacity.write_capacity(program, changes["capacity_total"], at=at, actor=actor)
        names += capacity.COLUMNS
    capacity.save_fitting(program, *names, at=at)
    _write_apart(program, changes)
    emit(Event(CHANGED, program.id, None, program.organization_id, {"kind": program.kind}), actor=actor)
    return program


def _write_apart(program: Program, changes: Mapping[str, Any]) -> None:
    """Write where and when a program is found, and see that a residence's street is told nowhere."""
    if "sites" in changes:
        link_sites(program, changes["sites"])
    sites = list(program.sites.all())
    if "schedules" in changes:
        lines: Sequence[NewHours] = changes["schedules"]
        write_hours(program, lines, sites=sites)
    elif program.schedules.exclude(site=None).exclude(site__in=sites).exists():
        raise Invalid(fields={"sites": ["Hours are kept at a place that would go. Tell the hours anew as well."]})
    require_unpublished(program, sites)


def _require_fit(values: Mapping[str, Any]) -> None:
    refusals = program_refusals(values)
    if refusals:
        raise Invalid(fields=refusals)

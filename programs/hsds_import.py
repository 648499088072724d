"""Putting an HSDS directory into the database: everything or nothing, idempotent by HSDS id (HSD-02).

Organizations become organizations that have not joined, services become programs, locations become sites. What a
document does not mention stays as it was, so that a short form of a document takes nothing away; an organization that
has joined runs its own entries and is left alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from casemgmt.accounts.models import Organization
from casemgmt.accounts.roles import Role
from casemgmt.audit.record import record
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import NotPermitted
from casemgmt.kernel.transactions import one_at_a_time

from .hsds.mapping import location_values, organization_values, places, service_hours, service_values
from .hsds.reading import Document, Fault, Reading
from .hsds_rows import (
    Imported,
    hide_streets,
    hours_that_differ,
    keep_fitting,
    link_places,
    write_hours,
    write_rows,
)
from .models import Program, Site
from .rules.kinds import Kind


@dataclass(slots=True)
class Summary:
    """What an import did, or why it did nothing (`faults`)."""

    organizations: Imported = field(default_factory=Imported)
    sites: Imported = field(default_factory=Imported)
    programs: Imported = field(default_factory=Imported)
    joined: int = 0  # organizations that run their own entries, left alone
    passed_over: int = 0  # documents of kinds that nothing is made of
    faults: list[Fault] = field(default_factory=list)


@dataclass(slots=True)
class _Found:
    """One object by its HSDS id: its fields, where it was read, and to which organization it belongs."""

    document: Document
    content: dict[str, Any]
    organization: str | None = None


@dataclass(slots=True)
class _Directory:
    """Every object of all files, each once."""

    organizations: dict[str, _Found] = field(default_factory=dict)
    locations: dict[str, _Found] = field(default_factory=dict)
    services: dict[str, _Found] = field(default_factory=dict)


@transaction.atomic
def import_directory(*, reading: Reading, actor: Actor, dry_run: bool = False) -> Summary:
    """Import what was read, unless there is a single fault. Raises NotPermitted.

    1. Put together what the files tell of each object. 2. Organizations, sites, programs, in this order, each table
    with one look-up and two set-based writes. 3. One audit row.
    """
    if not actor.is_system and not actor.has_role(Role.ADMIN):
        raise NotPermitted(who=[Role.ADMIN.value])
    summary = Summary(faults=list(reading.faults))
    if summary.faults:
        return summary
    one_at_a_time("import_hsds")
    found = _put_together(reading.documents, summary)
    organizations = _write_organizations(found, summary)
    sites = _write_sites(found, organizations, summary)
    _write_programs(found, organizations, sites, summary)
    if not summary.faults:
        record("directory.imported", actor=actor, object_type="directory")
    if summary.faults or dry_run:
        transaction.set_rollback(True)
    return summary


def _put_together(documents: Iterable[Document], summary: Summary) -> _Directory:
    """Return each object once. What a file is about goes before what it only encloses; the first to tell wins."""
    found = _Directory()
    enclosed: list[tuple[dict[str, _Found], Document, dict[str, Any], str | None]] = []
    for document in documents:
        content = document.content
        if document.kind == "organization":
            _tell(found.organizations, document, content)
            _open_organization(found, document, content, enclosed)
        elif document.kind == "service":
            _tell(found.services, document, content, _organization_of(content))
            _open_service(found, document, content, enclosed)
        elif document.kind == "location":
            _tell(found.locations, document, content, content.get("organization_id"))
        else:
            summary.passed_over += 1
    for table, document, content, organization in enclosed:
        _tell(table, document, content, organization)
    return found


def _open_organization(found: _Directory, document: Document, content: dict[str, Any], enclosed: list[Any]) -> None:
    for location in content.get("locations", ()):
        enclosed.append((found.locations, document, location, content["id"]))
    for service in content.get("services", ()):
        enclosed.append((found.services, document, service, content["id"]))
        _open_service(found, document, {"organization_id": content["id"], **service}, enclosed)


def _open_service(found: _Directory, document: Document, content: dict[str, Any], enclosed: list[Any]) -> None:
    if "organization" in content:
        enclosed.append((found.organizations, document, content["organization"], None))
    for location in places(content):
        enclosed.append((found.locations, document, location, _organization_of(content)))


def _organization_of(service: Mapping[str, Any]) -> str | None:
    inner = service.get("organization")
    return inner["id"] if isinstance(inner, dict) else service.get("organization_id")


def _tell(
    table: dict[str, _Found], document: Document, content: dict[str, Any], organization: str | None = None
) -> None:
    key = str(UUID(content["id"]))
    owner = str(UUID(organization)) if organization else None
    known = table.setdefault(key, _Found(document, {}, owner))
    known.content = {**content, **known.content}
    known.organization = known.organization or owner


def _write_organizations(found: _Directory, summary: Summary) -> dict[str, Organization]:
    told = {key: organization_values(each.content) for key, each in found.organizations.items()}
    known = _known(Organization.objects.all(), told)
    ours = [key for key, row in known.items() if row.joined]
    summary.joined = len(ours)
    values = {key: each for key, each in told.items() if key not in ours}
    made = {key: Organization(hsds_id=key, joined=False) for key in values if key not in known}
    write_rows(Organization, values, known=known, made=made, count=summary.organizations)
    return known | made


def _write_sites(found: _Directory, organizations: Mapping[str, Organization], summary: Summary) -> dict[str, Site]:
    values = {key: location_values(each.content) for key, each in found.locations.items()}
    for key, each in found.locations.items():
        owner = organizations.get(each.organization or "")
        if owner is not None:
            values[key]["organization_id"] = owner.id
    known = _known(Site.objects.select_related("organization"), values)
    made = {key: Site(hsds_id=key) for key in values if key not in known}
    for key, told in values.items():
        if "street" in told and not (key in known and known[key].street):
            # a directory is public; what turns out to be where people live is hidden at the end (rules.md §7)
            told["street_published"] = True
    wanted = {key: each for key, each in values.items() if key not in known or not _runs_its_own(known[key])}
    write_rows(Site, wanted, known=known, made=made, count=summary.sites)
    return known | made


def _write_programs(
    found: _Directory, organizations: Mapping[str, Organization], sites: Mapping[str, Site], summary: Summary
) -> None:
    known = _known(Program.objects.select_related("organization"), found.services)
    values, made = {}, {}
    for key, each in found.services.items():
        if key in known and _runs_its_own(known[key]):
            continue
        owner = _owner(each, known.get(key), organizations)
        if owner is None:
            reason = "names no organization that the files or the directory know"
            summary.faults.append(Fault(each.document.file, each.document.path, f"service {key} {reason}"))
        elif not owner.joined:
            values[key] = {**service_values(each.content), "organization_id": owner.id}
            if key not in known:
                made[key] = Program(hsds_id=key, timezone=owner.timezone, kind=Kind.OTHER)
            keep_fitting(values[key], known.get(key) or made[key])
    if summary.faults:
        return
    programs = {key: row for key, row in (known | made).items() if key in values}
    hours = {key: lines for key in values if (lines := service_hours(found.services[key].content)) is not None}
    told = {key: [str(UUID(place["id"])) for place in places(found.services[key].content)] for key in values}
    differing = hours_that_differ(hours, programs=programs, sites=sites)
    write_rows(Program, values, known=known, made=made, count=summary.programs, touched=differing)
    write_hours(differing, programs=programs)
    link_places(told, programs=programs, sites=sites)
    hide_streets()


def _known(rows: QuerySet[Any], ids: Collection[str]) -> dict[str, Any]:
    """Return the rows that these HSDS ids name. What was first told here goes by its own id (HSD-02)."""
    found = rows.filter(Q(hsds_id__in=ids) | Q(hsds_id__isnull=True, pk__in=ids))
    return {str(row.hsds_id or row.pk): row for row in found}


def _runs_its_own(row: Program | Site) -> bool:
    """True for an entry of an organization that has joined: no file changes it or gives it to another (HSD-02)."""
    return row.organization is not None and row.organization.joined


def _owner(found: _Found, known: Program | None, organizations: Mapping[str, Organization]) -> Organization | None:
    """Return the organization of a service: as told, as it was, or as the database knows it by its HSDS id."""
    if found.organization is None:
        return known.organization if known else None
    if found.organization in organizations:
        return organizations[found.organization]
    return _known(Organization.objects.all(), [found.organization]).get(found.organization)

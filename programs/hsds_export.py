"""Taking the directory out as HSDS 3.0, whole or in part. Reads only; no client data (HSD-01)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from casemgmt.accounts.models import Organization
from casemgmt.kernel.actor import Actor
from programs.rules.listing import Standards

from .hsds.writing import (
    id_of,
    location_document,
    organization_document,
    service_document,
    streets_of,
    withheld,
)
from .models import Program, Site
from .querysets import is_residence
from .services.running import standards_for


def export_organizations(
    organizations: Iterable[Organization], *, actor: Actor, unpublished: bool = False
) -> Iterator[dict[str, Any]]:
    """Yield organizations with the services and locations that the actor sees; the same queries for any number.

    `unpublished`: drafts as well, as `inactive` services (§7).
    """
    owners = list(organizations)
    standards = standards_for(actor)
    programs = _grouped(_programs(actor, unpublished=unpublished).filter(organization__in=owners))
    sites = Site.objects.visible_to(actor).in_use().with_residence().filter(organization__in=owners).order_by("id")
    places: dict[UUID | None, list[Site]] = {}
    for site in sites:
        places.setdefault(site.organization_id, []).append(site)
    for owner in owners:
        yield _whole(owner, programs.get(owner.id, []), places.get(owner.id, []), standards=standards)


def export_locations(*, actor: Actor) -> Iterator[dict[str, Any]]:
    """Yield the locations that belong to no organization."""
    for site in Site.objects.visible_to(actor).in_use().with_residence().filter(organization=None).order_by("id"):
        document = location_document(site, residence=is_residence(site))
        yield withheld(document, streets_of(site)) if is_residence(site) else document


def export_program(program_id: UUID, *, actor: Actor) -> dict[str, Any]:
    """Return one service with its organization and locations. Raises NotVisible."""
    program: Program = _programs(actor, unpublished=True).fetch(program_id)
    residences = {site.id: site for site in program.sites.all() if is_residence(site)}
    service = service_document(program, standards=standards_for(actor), residences=residences)
    told = ("id", "name", "description")
    owner = {name: value for name, value in organization_document(program.organization).items() if name in told}
    return _hidden({**service, "organization": owner}, residences.values())


def _programs(actor: Actor, *, unpublished: bool) -> Any:
    rows = Program.objects.visible_to(actor)
    rows = rows if unpublished else rows.filter(published=True)
    places: QuerySet[Site] = Site.objects.with_residence().order_by("id")
    return rows.select_related("organization").prefetch_related(Prefetch("sites", places), "schedules").order_by("id")


def _grouped(programs: Iterable[Program]) -> Mapping[UUID, list[Program]]:
    found: dict[UUID, list[Program]] = {}
    for program in programs:
        found.setdefault(program.organization_id, []).append(program)
    return found


def _whole(owner: Organization, programs: list[Program], sites: list[Site], *, standards: Standards) -> dict[str, Any]:
    """Return an organization as one document. What names a street where people live loses it, wherever it stands."""
    every = {site.id: site for site in [*sites, *(site for program in programs for site in program.sites.all())]}
    residences = {key: site for key, site in every.items() if is_residence(site)}
    document = organization_document(owner)
    if sites:
        document["locations"] = [
            location_document(site, residence=site.id in residences) | {"organization_id": id_of(owner)}
            for site in sites
        ]
    if programs:
        document["services"] = [
            service_document(program, standards=standards, residences=residences) for program in programs
        ]
    return _hidden(document, residences.values())


def _hidden(document: dict[str, Any], residences: Iterable[Site]) -> dict[str, Any]:
    found: dict[str, Any] = withheld(document, {street for site in residences for street in streets_of(site)})
    return found

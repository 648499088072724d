"""The places of one's own organization: adding, editing, ending them, and saying which program is found where.

The street of a residence is kept and never published (rules.md §7). Doors, but for `link_sites`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any
from uuid import UUID

from django.db import transaction

from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Conflict, Invalid, NotPermitted, Refused
from casemgmt.kernel.events import Event
from casemgmt.kernel.events import topic as register_topic
from casemgmt.kernel.transactions import require_atomic
from casemgmt.outbox.emit import emit
from programs.models import Program, Site
from programs.rules.kinds import Kind
from programs.rules.programs import place_refusals, tells

from .running import own_organization

ADDED = register_topic("site.added")
CHANGED = register_topic("site.changed")
ENDED = register_topic("site.ended")


@dataclass(frozen=True, slots=True)
class NewSite:
    """What is told of a place. An empty `timezone` means the organization's."""

    name: str
    street: str = ""
    street_published: bool = False
    postal_code: str = ""
    city: str = ""
    state: str = ""
    timezone: str = ""
    phones: list[str] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
    accessibility: str = ""


EDITABLE = tuple(each.name for each in fields(NewSite))


@transaction.atomic
def add_site(*, new: NewSite, actor: Actor) -> Site:
    """Add a place of the actor's organization. Raises NotPermitted, Invalid."""
    organization = own_organization(actor)
    values = {**asdict(new), "timezone": new.timezone or organization.timezone}
    _require_fit(values)
    site: Site = Site.objects.create(organization=organization, **values)
    emit(Event(ADDED, site.id, None, organization.id, {}), actor=actor)
    return site


@transaction.atomic
def change_site(*, site_id: UUID, changes: Mapping[str, Any], version: int | None, actor: Actor) -> Site:
    """Edit a place (fields of EDITABLE).

    Raises NotVisible, NotPermitted, StaleVersion, Invalid, Conflict `site_ended`, Refused `residence_street`.
    """
    site = _lock_own(site_id, actor=actor)
    site.require_version(version)
    if site.ended_at is not None:
        raise Conflict("This place is not used any more.", code="site_ended")
    names = [name for name in EDITABLE if name in changes]
    for name in names:
        setattr(site, name, changes[name])
    _require_fit({name: getattr(site, name) for name in EDITABLE})
    for program in site.programs.filter(kind=Kind.SOBER_LIVING):
        require_unpublished(program, [site])
    site.save_changes(*names, at=clock.now())
    emit(Event(CHANGED, site.id, None, site.organization_id, {}), actor=actor)
    return site


@transaction.atomic
def end_site(*, site_id: UUID, version: int | None, actor: Actor) -> None:
    """Say that a place is not used any more; again: nothing changes.

    Raises NotVisible, NotPermitted, StaleVersion, Conflict `site_in_use` (a program is found there).
    """
    site = _lock_own(site_id, actor=actor)
    if site.ended_at is not None:
        return
    site.require_version(version)
    if site.programs.exists():
        raise Conflict("Programs are found at this place. Take it off them first.", code="site_in_use")
    site.ended_at = clock.now()
    site.save_changes("ended_at", at=site.ended_at)
    emit(Event(ENDED, site.id, None, site.organization_id, {}), actor=actor)


def link_sites(program: Program, ids: Iterable[UUID]) -> list[Site]:
    """Say at which places a locked program is found, and lock those. Raises Invalid, Refused `residence_street`."""
    require_atomic()
    wanted = list(dict.fromkeys(ids))
    sites = Site.objects.in_use().filter(organization_id=program.organization_id).lock_all(wanted)
    if len(sites) < len(wanted):
        raise Invalid(fields={"sites": ["Each is a place of the organization that is still used."]})
    if "service_at_locations" in program.extra:  # what a directory once said has given way
        program.extra = {name: value for name, value in program.extra.items() if name != "service_at_locations"}
        program.save(update_fields=["extra"])
    program.sites.set(sites)
    return sites


def require_unpublished(program: Program, sites: Iterable[Site]) -> None:
    """Raise Refused `residence_street` when others could read where the people of a residence live (rules.md §7)."""
    if program.kind != Kind.SOBER_LIVING:
        return
    told = [
        program.name,
        program.description,
        program.eligibility,
        program.fees,
        program.interpretation,
        program.application_process,
        program.alert,
        *program.schedules.values_list("description", flat=True),
    ]
    for site in sites:
        if site.street_published or any(tells(text, site.street) for text in (*told, site.accessibility)):
            sentence = "The street of a residence is not published: not at its place, nor in what its program tells."
            raise Refused(sentence, code="residence_street")


def _lock_own(site_id: UUID, *, actor: Actor) -> Site:
    site: Site = Site.objects.visible_to(actor).lock(site_id)
    if site.organization_id != own_organization(actor).id:
        raise NotPermitted("Only the organization whose place this is may change it.")
    return site


def _require_fit(values: Mapping[str, Any]) -> None:
    refusals = place_refusals({**values, "timezone": values["timezone"] or "UTC"})  # a directory may not tell it
    if values["street_published"] and not values["street"]:
        refusals["street_published"] = ["There is no street to publish."]
    if refusals:
        raise Invalid(fields=refusals)

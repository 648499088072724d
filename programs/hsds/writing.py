"""From rows of the directory to HSDS documents (rules.md §7). Pure: it is handed rows with what they refer to.

What a directory once said (`extra`) goes out as it came; a column that was changed since takes its place. The street of
a residence does not go out: its location tells city, state and country, and texts that name the street lose it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from programs.rules.kinds import Kind, ProgramStatus
from programs.rules.listing import Standards, capacity_state

from .hours import schedule_of
from .mapping import (
    AGES,
    SERVICE_TEXTS,
    WAITLIST,
    accessibility_of,
    location_values,
    numbers_of,
    tags_of,
)
from .taxonomy import OF_LOCATIONS, OF_SERVICES, attributes_of, derived_id

if TYPE_CHECKING:
    from casemgmt.accounts.models import Organization
    from programs.models import Program, Schedule, Site

WITHHELD = "[address withheld]"
# What of a residence's location goes out; names, maps and directions tell an address.
OF_RESIDENCES = ("id", "location_type", "addresses", "languages", "phones", "accessibility", "attributes")
OF_ADDRESSES = ("id", "city", "state_province", "country", "address_type")
COUNTRY = "US"  # of what was told here; telephone numbers assume the same


def id_of(row: Organization | Site | Program) -> str:
    """Return the id by which the directory knows a row: the one it came with, or its own."""
    return row.hsds_id or str(row.pk)


def organization_document(organization: Organization) -> dict[str, Any]:
    """Return an organization without its services and locations."""
    extra = organization.extra
    document = {
        **extra,
        "id": id_of(organization),
        "name": _whole(extra, "name", organization.name),
        "description": organization.description,
    }
    if organization.email:
        document["email"] = organization.email
    numbers = [organization.phone] if organization.phone else []
    first = numbers_of(extra.get("phones", ()))[:1]
    if numbers and first != numbers:
        document["phones"] = _phones(document["id"], numbers)
    return document


def location_document(site: Site, *, residence: bool) -> dict[str, Any]:
    """Return a site. Of a residence, and of a site that publishes no street, the city is told and no more."""
    extra, key = site.extra, id_of(site)
    document: dict[str, Any] = {"location_type": "physical", **extra, "id": key}
    if site.name:
        document["name"] = _whole(extra, "name", site.name)
    _keep_or_make(document, "phones", site.phones, read=numbers_of, make=_phones)
    _keep_or_make(document, "languages", site.languages, read=tags_of, make=_languages)
    told = [site.accessibility] if site.accessibility else []
    _keep_or_make(document, "accessibility", told, read=lambda rows: [accessibility_of(rows)], make=_accessibility)
    addresses = _addresses(site)
    if residence or not site.street_published:
        addresses = [_city_of(address) for address in addresses]
    if addresses:
        document["addresses"] = addresses
    _add(document, "attributes", attributes_of(key, {"timezone": site.timezone}, OF_LOCATIONS))
    if not residence:
        return document
    return {name: without_history(document[name]) for name in OF_RESIDENCES if name in document}


def service_document(program: Program, *, standards: Standards, residences: Collection[Any]) -> dict[str, Any]:
    """Return a program with its hours and the locations where it is found; `residences`: ids of sites."""
    extra, key = program.extra, id_of(program)
    document: dict[str, Any] = {
        **extra,
        "id": key,
        "organization_id": id_of(program.organization),
        "name": _whole(extra, "name", program.name),
        "status": _status(program),
    }
    texts = {field: getattr(program, column) for column, field in SERVICE_TEXTS.items()}
    if program.waitlist_only:
        texts["alert"] = f"{WAITLIST} {program.alert}".rstrip()
    texts["assurer_email"] = program.assurer_email
    document |= {field: text for field, text in texts.items() if text}
    document |= {name: age for name in AGES if (age := getattr(program, name)) is not None}
    if program.assured_date:
        document["assured_date"] = _whole(extra, "assured_date", program.assured_date.isoformat())
    number = [program.phone] if program.phone else []
    _keep_or_make(document, "phones", number, read=lambda rows: numbers_of(rows)[:1], make=_phones)
    _keep_or_make(document, "languages", program.languages, read=tags_of, make=_languages)
    _add(document, "attributes", attributes_of(key, _facets(program), OF_SERVICES))
    lines = list(program.schedules.all())
    _add(document, "schedules", [_schedule(key, line) for line in lines if line.site_id is None])
    links = _links(program, lines, residences)
    if links:
        document["service_at_locations"] = links
    capacity = _capacity(program, standards)
    if capacity:
        document["service_capacity"] = capacity
    if program.kind == Kind.SOBER_LIVING:
        document = without_history(document)
    return document


def without_history(value: Any) -> Any:
    """Return a document without its `metadata`: what a place was once called may be where people live."""
    if isinstance(value, dict):
        return {name: without_history(each) for name, each in value.items() if name != "metadata"}
    return [without_history(each) for each in value] if isinstance(value, list) else value


def withheld(value: Any, streets: Collection[str]) -> Any:
    """Return a document whose texts name none of these streets, however they are spaced and in whatever case."""
    parts = [re.findall(r"\w+", street) for street in streets]
    patterns = [r"\b" + r"\W+".join(map(re.escape, words)) + r"\b" for words in parts if words]
    if not patterns:
        return value
    named = re.compile("|".join(sorted(patterns, key=len, reverse=True)), re.IGNORECASE)
    return _without(value, named)


def _without(value: Any, named: re.Pattern[str]) -> Any:
    if isinstance(value, dict):
        return {name: _without(each, named) for name, each in value.items()}
    if isinstance(value, list):
        return [_without(each, named) for each in value]
    return named.sub(WITHHELD, value) if isinstance(value, str) else value


def streets_of(site: Site) -> set[str]:
    """Return every street that is known of a site."""
    told = {address.get("address_1", "") for address in site.extra.get("addresses", ())}
    return {street for street in {site.street, *told} if street.strip()}


def _whole(extra: Mapping[str, Any], name: str, column: str) -> str:
    """Return the text that the column is the beginning of, or the column when it was changed since."""
    told = extra.get(name)
    return told if isinstance(told, str) and told.startswith(column) else column


def _keep_or_make(
    document: dict[str, Any],
    name: str,
    told: list[str],
    *,
    read: Callable[[Iterable[dict[str, Any]]], list[str]],
    make: Callable[[str, list[str]], list[dict[str, Any]]],
) -> None:
    """Leave what came as long as it says what the column says; otherwise make it of the column."""
    if told and read(document.get(name, ())) != told:
        document[name] = make(document["id"], told)


def _phones(owner: str, numbers: list[str]) -> list[dict[str, Any]]:
    return [{"id": derived_id(owner, "phone", number), "number": number, "type": "voice"} for number in numbers]


def _languages(owner: str, tags: list[str]) -> list[dict[str, Any]]:
    return [{"id": derived_id(owner, "language", tag), "code": tag} for tag in tags]


def _accessibility(owner: str, texts: list[str]) -> list[dict[str, Any]]:
    return [{"id": derived_id(owner, "accessibility"), "description": text} for text in texts]


def _add(document: dict[str, Any], name: str, rows: list[dict[str, Any]]) -> None:
    if rows:
        document[name] = [*document.get(name, ()), *rows]


def _addresses(site: Site) -> list[dict[str, Any]]:
    """Return the addresses as they came while the columns say the same, or the one that the columns tell."""
    came: list[dict[str, Any]] = list(site.extra.get("addresses", ()))
    columns = ("city", "state", "street", "postal_code")
    told = location_values({"addresses": came}) if came else {}
    if came and all(told.get(name, "") == getattr(site, name) for name in columns):
        return came
    if not any(getattr(site, name) for name in columns):
        return []
    address = {
        "id": came[0]["id"] if came else derived_id(id_of(site), "address"),
        "address_1": site.street,
        "city": site.city,
        "state_province": site.state,
        "postal_code": site.postal_code,
        "country": COUNTRY,
        "address_type": "physical",
    }
    return [address]


def _city_of(address: dict[str, Any]) -> dict[str, Any]:
    return {name: address[name] for name in OF_ADDRESSES} | {"address_1": "", "postal_code": ""}


def _status(program: Program) -> str:
    """Return the status of HSDS: what is not published is `inactive` (§7)."""
    return program.status.replace("_", " ") if program.published else ProgramStatus.INACTIVE.value


def _facets(program: Program) -> dict[str, Any]:
    """Return the columns that attributes tell. A flag that is the usual one tells nothing."""
    values = {facet.column: getattr(program, facet.column, None) for facet in OF_SERVICES.values()}
    edition = program.level_of_care_edition
    values["level_of_care"] = None if edition is None else f"{edition}/{program.level_of_care_code}"
    return values | {"waitlist_only": program.waitlist_only or None}


def _schedule(owner: str, line: Schedule) -> dict[str, Any]:
    return schedule_of(line, schedule_id=derived_id(owner, "schedule", line.position))


def _links(program: Program, lines: list[Schedule], residences: Collection[Any]) -> list[dict[str, Any]]:
    """Return where a program is found: links as they came, and one for each other site."""
    key = id_of(program)
    came = list(program.extra.get("service_at_locations", ()))
    links = []
    for site in program.sites.all():
        place = id_of(site)
        link = next((each for each in came if each.get("location_id") == place), None)
        came = [each for each in came if each is not link]
        document = {"id": derived_id(key, "at", place), **(link or {}), "location_id": place}
        document["location"] = location_document(site, residence=site.pk in residences)
        _add(document, "schedules", [_schedule(key, line) for line in lines if line.site_id == site.pk])
        links.append(document)
    return links + came


def _capacity(program: Program, standards: Standards) -> list[dict[str, Any]]:
    """Return the places as HSDS 3.1 tells them, when somebody confirmed them lately (F5); no count of people."""
    if capacity_state(program.capacity_total, program.capacity_confirmed_at, standards) != "confirmed":
        return []
    key = id_of(program)
    unit = {"id": derived_id("unit", "place"), "name": "place"}
    return [
        {
            "id": derived_id(key, "capacity"),
            "service_id": key,
            "unit": unit,
            "available": program.places_open,
            "maximum": program.capacity_total,
            "updated": program.capacity_confirmed_at.isoformat(),  # type: ignore[union-attr]
        }
    ]

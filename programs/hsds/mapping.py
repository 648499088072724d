"""What of an HSDS document becomes which column, and what stays as it came (rules.md §7). Pure.

A field without a column is kept whole in `extra`; a text that a column would cut is kept there too. The deprecated
`wait_time`, `fees` and `licenses` are kept there and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from casemgmt.clients.languages import LONGEST, to_tag
from casemgmt.clients.phones import to_e164
from programs.rules.kinds import Kind, ProgramStatus

# Words by which taxonomies call our kinds; compared in lower case with every other sign as one underscore.
KIND_WORDS: dict[str, Kind] = {
    **{kind.value: kind for kind in Kind},
    "intensive_outpatient": Kind.IOP,
    "intensive_outpatient_program": Kind.IOP,
    "intensive_outpatient_treatment": Kind.IOP,
    "outpatient_therapy": Kind.THERAPY,
    "peer_recovery_support": Kind.PEER_SUPPORT,
    "recovery_supports": Kind.PEER_SUPPORT,
    "recovery_residence": Kind.SOBER_LIVING,
    "recovery_housing": Kind.SOBER_LIVING,
    "sober_living_home": Kind.SOBER_LIVING,
    "continuing_care": Kind.AFTERCARE,
}

LENGTHS = {"name": 200, "city": 100, "state": 100}
ORGANIZATION_COLUMNS = ("id", "name", "description", "email")
SERVICE_COLUMNS = ("id", "name", "description", "status", "eligibility_description", "assured_date")
LOCATION_COLUMNS = ("id", "name")
ROWS_OF_THEIR_OWN = ("services", "locations", "organization", "service_at_locations")


def _rest(document: dict[str, Any], columns: tuple[str, ...], kept: dict[str, Any]) -> dict[str, Any]:
    """Return what has no column, and whatever a column could not hold as it came (`kept`)."""
    apart = {*columns, *ROWS_OF_THEIR_OWN}
    return {name: value for name, value in document.items() if name not in apart} | kept


def _cut(document: dict[str, Any], name: str, longest: int, kept: dict[str, Any]) -> str:
    text = str(document[name])
    if len(text) > longest:
        kept[name] = text
    return text[:longest]


def organization_values(document: dict[str, Any]) -> dict[str, Any]:
    """Return the columns of an organization that a document tells, with `extra`."""
    kept: dict[str, Any] = {}
    values: dict[str, Any] = {
        "name": _cut(document, "name", LENGTHS["name"], kept),
        "description": document["description"],
    }
    if "email" in document:
        values["email"] = _cut(document, "email", 254, kept)
    numbers = [to_e164(str(phone["number"]).strip("\" '")) for phone in document.get("phones", ())]
    number = next((each for each in numbers if each), None)
    if number:
        values["phone"] = number
    return values | {"extra": _rest(document, ORGANIZATION_COLUMNS, kept)}


def location_values(document: dict[str, Any]) -> dict[str, Any]:
    """Return the columns of a site that a document tells, with `extra`, where its street stays."""
    kept: dict[str, Any] = {}
    values: dict[str, Any] = {}
    if "name" in document:
        values["name"] = _cut(document, "name", LENGTHS["name"], kept)
    for address in document.get("addresses", ())[:1]:
        values["city"] = str(address["city"])[: LENGTHS["city"]]
        values["state"] = str(address["state_province"])[: LENGTHS["state"]]
    return values | {"extra": _rest(document, LOCATION_COLUMNS, kept)}


def service_values(document: dict[str, Any]) -> dict[str, Any]:
    """Return the columns of a program that a service tells, with `extra`. An inactive one is not published (§7)."""
    kept: dict[str, Any] = {}
    status = document["status"].replace(" ", "_")
    values: dict[str, Any] = {
        "name": _cut(document, "name", LENGTHS["name"], kept),
        "kind": service_kind(document).value,
        "status": status,
        "published": status != ProgramStatus.INACTIVE,
    }
    for ours, theirs in (("description", "description"), ("eligibility", "eligibility_description")):
        if theirs in document:
            values[ours] = document[theirs]
    if "assured_date" in document:
        values["assured_date"] = _date(document["assured_date"])
        if values["assured_date"] is None:
            kept["assured_date"] = document["assured_date"]
    if "languages" in document:
        values["languages"] = list(dict.fromkeys(_tags(document["languages"])))
        kept["languages"] = document["languages"]
    cities = [value["city"] for place in places(document) if (value := location_values(place)).get("city")]
    if cities:
        values["city"] = cities[0]
    if "service_at_locations" in document:
        kept["service_at_locations"] = [_link(each) for each in document["service_at_locations"]]
    return values | {"extra": _rest(document, SERVICE_COLUMNS, kept)}


def _link(link: dict[str, Any]) -> dict[str, Any]:
    """Return a service's link to a location without the location, which has a row of its own; its id remains."""
    kept = {name: value for name, value in link.items() if name != "location"}
    if isinstance(link.get("location"), dict):
        kept["location_id"] = link["location"]["id"]
    return kept


def _tags(languages: list[dict[str, Any]]) -> Iterator[str]:
    for language in languages:
        for told in (language.get("code"), language.get("name")):
            tag = to_tag(told) if told else None
            if tag is not None and len(tag) <= LONGEST:
                yield tag
                break


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def places(service: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the locations that a service document holds."""
    return [link["location"] for link in service.get("service_at_locations", ()) if link.get("location")]


def service_kind(document: dict[str, Any]) -> Kind:
    """Return the kind that an attribute or its taxonomy term names, `other` when none does."""
    for attribute in document.get("attributes", ()):
        term = attribute.get("taxonomy_term", {})
        for told in (attribute.get("value"), term.get("code"), term.get("name")):
            kind = KIND_WORDS.get(re.sub(r"[^a-z0-9]+", "_", (told or "").lower()).strip("_"))
            if kind is not None:
                return kind
    return Kind.OTHER

"""What of an HSDS document becomes which column, and what stays as it came (rules.md §7). Pure.

A field without a column is kept whole in `extra`; so is one whose column holds only a part of it (telephone numbers,
languages) and a text that a column would cut. The deprecated `wait_time`, `fees` and `licenses` are kept there and
nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from casemgmt.clients.languages import LONGEST, to_tag
from casemgmt.clients.phones import to_e164
from programs.rules.kinds import Kind, ProgramStatus
from programs.rules.levels import level_refusal
from programs.rules.listing import OLDEST
from programs.rules.programs import RESIDENCE_FIELDS

from .hours import line_of
from .taxonomy import OF_LOCATIONS, OF_SERVICES, read_attributes

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

LENGTHS = {"name": 200, "city": 100, "state": 100, "street": 300, "postal_code": 20, "email": 254}
# Column -> field, for texts of any length.
SERVICE_TEXTS = {
    "description": "description",
    "eligibility": "eligibility_description",
    "fees": "fees_description",
    "interpretation": "interpretation_services",
    "application_process": "application_process",
    "alert": "alert",
}
GONE: Any = object()  # stands in `extra` for what was kept there before and is a column now
AGES = ("minimum_age", "maximum_age")
ORGANIZATION_COLUMNS = ("id", "name", "description", "email")
SERVICE_COLUMNS = ("id", "name", "status", "assured_date", "assurer_email", *SERVICE_TEXTS.values(), *AGES)
LOCATION_COLUMNS = ("id", "name")
ROWS_OF_THEIR_OWN = ("services", "locations", "organization", "organization_id", "service_at_locations")
MOST_PHONES = 10
WAITLIST = "Takes people from its waitlist."  # what an alert says first when it is so (§7)


def _rest(document: dict[str, Any], columns: tuple[str, ...], kept: dict[str, Any]) -> dict[str, Any]:
    """Return what has no column, and whatever a column could not hold as it came (`kept`)."""
    apart = {*columns, *ROWS_OF_THEIR_OWN}
    return {name: value for name, value in document.items() if name not in apart} | kept


def _left(told: list[Any], others: list[Any]) -> Any:
    """Return what of a list no column holds; GONE when columns hold all of it."""
    return GONE if told and not others else others


def _cut(document: dict[str, Any], name: str, kept: dict[str, Any]) -> str:
    text, longest = str(document[name]), LENGTHS[name]
    if len(text) > longest:
        kept[name] = text
    return text[:longest]


def numbers_of(phones: Iterable[dict[str, Any]]) -> list[str]:
    """Return the telephone numbers that somebody can own, in E.164, each once."""
    told = (to_e164(str(phone["number"]).strip("\" '")) for phone in phones)
    return list(dict.fromkeys(number for number in told if number))


def tags_of(languages: Iterable[dict[str, Any]]) -> list[str]:
    """Return the languages that are named so that we know them (BCP 47), each once."""
    return list(dict.fromkeys(_tags(languages)))


def accessibility_of(rows: Iterable[dict[str, Any]]) -> str:
    """Return what is told of accessibility as one text."""
    return "\n".join(row["description"] for row in rows if row.get("description"))


def organization_values(document: dict[str, Any]) -> dict[str, Any]:
    """Return the columns of an organization that a document tells, with `extra`."""
    kept: dict[str, Any] = {}
    values: dict[str, Any] = {"name": _cut(document, "name", kept), "description": document["description"]}
    if "email" in document:
        values["email"] = _email(document["email"], "email", kept)
    numbers = numbers_of(document.get("phones", ()))
    if numbers:
        values["phone"] = numbers[0]
    return values | {"extra": _rest(document, ORGANIZATION_COLUMNS, kept)}


def location_values(document: dict[str, Any]) -> dict[str, Any]:
    """Return the columns of a site that a document tells, with `extra`. A street left empty is one not told."""
    kept: dict[str, Any] = {}
    values: dict[str, Any] = {}
    if "name" in document:
        values["name"] = _cut(document, "name", kept)
    addresses = document.get("addresses", ())
    for address in addresses[:1]:
        values["city"] = str(address["city"])[: LENGTHS["city"]]
        values["state"] = str(address["state_province"])[: LENGTHS["state"]]
        if address["address_1"].strip():
            values["street"] = street_of(address)[: LENGTHS["street"]]
            values["postal_code"] = str(address["postal_code"])[: LENGTHS["postal_code"]]
    if "phones" in document:
        values["phones"] = numbers_of(document["phones"])[:MOST_PHONES]
    if "languages" in document:
        values["languages"] = tags_of(document["languages"])
    if "accessibility" in document:
        values["accessibility"] = accessibility_of(document["accessibility"])
    if "attributes" in document:
        told, _, others = read_attributes(document["attributes"], OF_LOCATIONS)
        kept["attributes"] = _left(document["attributes"], others)
        values |= told
    extra = _rest(document, LOCATION_COLUMNS, kept)
    if addresses and not any(address["address_1"].strip() for address in addresses):
        del extra["addresses"]
    return values | {"extra": extra}


def street_of(address: dict[str, Any]) -> str:
    """Return the lines of an address that say where in a city it is."""
    return ", ".join(line.strip() for line in (address["address_1"], address.get("address_2", "")) if line.strip())


def service_values(document: dict[str, Any]) -> dict[str, Any]:
    """Return the columns of a program that a service tells, with `extra`. An inactive one is not published (§7)."""
    kept: dict[str, Any] = {}
    status = document["status"].replace(" ", "_")
    values: dict[str, Any] = {
        "name": _cut(document, "name", kept),
        "status": status,
        "published": status != ProgramStatus.INACTIVE,
    }
    values |= {column: document[name] for column, name in SERVICE_TEXTS.items() if name in document}
    values |= _ages(document, kept)
    values |= _assured(document, kept)
    if "languages" in document:
        values["languages"] = tags_of(document["languages"])
    if "phones" in document:
        values["phone"] = next(iter(numbers_of(document["phones"])), "")
    if "attributes" in document:
        told, others = _by_attributes(document)
        kept["attributes"] = _left(document["attributes"], others)
        values |= told
    if values.get("waitlist_only") and values.get("alert", "").startswith(WAITLIST):
        values["alert"] = values["alert"].removeprefix(WAITLIST).lstrip()
    located = [value for place in places(document) if (value := location_values(place)).get("city")]
    if located:
        values |= {name: located[0][name] for name in ("city", "state")}
    if "service_at_locations" in document:
        kept["service_at_locations"] = [_link(each) for each in document["service_at_locations"]]
    if "schedules" in document:
        unsaid = [each for each in document["schedules"] if line_of(each) is None]
        kept["schedules"] = _left(document["schedules"], unsaid)
    return values | {"extra": _rest(document, SERVICE_COLUMNS, kept)}


def _ages(document: dict[str, Any], kept: dict[str, Any]) -> dict[str, int]:
    """Return the ages in years that people have, the lower one first; other numbers are kept as they came."""
    told = {name: document[name] for name in AGES if name in document}
    fit = {name: int(age) for name, age in told.items() if age == int(age) and 0 <= age <= OLDEST}
    if len(fit) == len(AGES) and fit["maximum_age"] < fit["minimum_age"]:
        fit = {}
    kept |= {name: age for name, age in told.items() if name not in fit}
    return fit


def _assured(document: dict[str, Any], kept: dict[str, Any]) -> dict[str, Any]:
    """Return when and by whom the listing was checked; what is no plain date is kept as it came."""
    values: dict[str, Any] = {}
    if "assured_date" in document:
        checked = values["assured_date"] = _date(document["assured_date"])
        if checked is None or checked.isoformat() != document["assured_date"]:
            kept["assured_date"] = document["assured_date"]
    if "assurer_email" in document:
        values["assurer_email"] = _email(document["assurer_email"], "assurer_email", kept)
    return values


def _by_attributes(document: dict[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the columns that attributes tell and fit the kind, and the attributes that tell none."""
    values, told, others = read_attributes(document["attributes"], OF_SERVICES)
    kind = values.get("kind") or service_kind(document).value
    unfit = set() if kind == Kind.SOBER_LIVING else {*RESIDENCE_FIELDS} & values.keys()
    if kind != Kind.THERAPY and "modalities" in values:
        unfit.add("modalities")
    if not re.fullmatch(r"[0-9a-f]{64}", values.get("house_rules_hash", "0" * 64)):
        unfit.add("house_rules_hash")
    if "level_of_care" in values:
        edition, code = values["level_of_care"]
        if level_refusal(kind, edition=edition, code=code):
            unfit.add("level_of_care")
        else:
            values |= {"level_of_care_edition": edition, "level_of_care_code": code}
    others += [attribute for column in sorted(unfit) for attribute in told[column]]
    return {name: value for name, value in values.items() if name not in {*unfit, "level_of_care"}} | {
        "kind": kind
    }, others


def service_hours(document: dict[str, Any]) -> list[dict[str, Any]] | None:
    """Return the lines of hours of a service, those at a location with its `location_id`; None: it tells no hours."""
    links = document.get("service_at_locations", ())
    if "schedules" not in document and not any("schedules" in link for link in links):
        return None
    lines = [line | {"location_id": None} for each in document.get("schedules", ()) if (line := line_of(each))]
    for link in links:
        location = link["location"]["id"] if isinstance(link.get("location"), dict) else None
        if location is not None:
            there = (line_of(each) for each in link.get("schedules", ()))
            lines += [line | {"location_id": location} for line in there if line]
    return lines


def _link(link: dict[str, Any]) -> dict[str, Any]:
    """Return a service's link to a location without the location, which has a row of its own; its id remains."""
    kept = {name: value for name, value in link.items() if name != "location"}
    if isinstance(link.get("location"), dict):
        kept["location_id"] = link["location"]["id"]
        unsaid = [each for each in kept.pop("schedules", ()) if line_of(each) is None]
        if unsaid or link.get("schedules") == []:
            kept["schedules"] = unsaid
    return kept


def _tags(languages: Iterable[dict[str, Any]]) -> Iterator[str]:
    for language in languages:
        for told in (language.get("code"), language.get("name")):
            tag = to_tag(told) if told else None
            if tag is not None and len(tag) <= LONGEST:
                yield tag
                break


def _email(text: str, name: str, kept: dict[str, Any]) -> str:
    """Return an address; one that is too long is kept as it came and has no column."""
    if len(text) <= LENGTHS["email"]:
        return text
    kept[name] = text
    return ""


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

"""Whether the parts of a program fit each other. Pure: gets the values, returns sentences by field."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from casemgmt.clients.languages import to_tag
from casemgmt.clients.phones import to_e164

from .hours import Hours, hours_refusals
from .kinds import Kind, Modality
from .levels import level_refusal
from .listing import OLDEST, Payer, Population

RESIDENCE_FIELDS = ("narr_level", "narr_certified", "certifying_affiliate", "certificate_expires", "house_rules_hash")


def program_refusals(values: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return what does not fit in a program's values (field name -> sentences); empty when everything does."""
    found: dict[str, list[str]] = {}
    kind = values["kind"]
    level = level_refusal(kind, edition=values["level_of_care_edition"], code=values["level_of_care_code"])
    if level:
        found["level_of_care"] = [level]
    if kind != Kind.SOBER_LIVING:
        found |= {name: ["Only a residence has this."] for name in RESIDENCE_FIELDS if values[name] not in ("", None)}
    if values["modalities"] and kind != Kind.THERAPY:
        found["modalities"] = ["Only therapy has modalities."]
    elif not set(values["modalities"]) <= set(Modality.values):
        found["modalities"] = [f"Known: {', '.join(Modality.values)}."]
    found |= place_refusals(values)
    found |= _listing_refusals(values)
    return found


def place_refusals(values: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return what does not fit in what programs and sites both have: zone, languages, telephone numbers."""
    found: dict[str, list[str]] = {}
    if values["timezone"] not in _zones():
        found["timezone"] = ["This is not a time zone of the IANA list."]
    if any(to_tag(each) != each for each in values["languages"]):
        found["languages"] = ["Give language tags such as en or es-MX."]
    for name in ("phone", "phones"):
        given = values.get(name) or []
        if any(to_e164(each) != each for each in ([given] if isinstance(given, str) else given)):
            found[name] = ["Give numbers in E.164 that somebody can own, such as +13162678888."]
    return found


@cache
def _zones() -> frozenset[str]:
    """Return the zones of the IANA list, which is read from files: once, not for every program of an import."""
    return frozenset(available_timezones())


def schedule_refusals(lines: Iterable[Hours]) -> dict[str, list[str]]:
    """Return what does not fit in a program's hours, by the place of the line."""
    found = {f"schedules.{place}": hours_refusals(line) for place, line in enumerate(lines)}
    return {name: sentences for name, sentences in found.items() if sentences}


def _listing_refusals(values: Mapping[str, Any]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    youngest, oldest = values["minimum_age"], values["maximum_age"]
    for name, age in (("minimum_age", youngest), ("maximum_age", oldest)):
        if age is not None and not 0 <= age <= OLDEST:
            found[name] = [f"From 0 to {OLDEST} years."]
    if youngest is not None and oldest is not None and oldest < youngest:
        found["maximum_age"] = ["Not below minimum_age."]
    for name, words in (("populations", Population), ("payers", Payer)):
        if not set(values[name]) <= set(words.values):
            found[name] = [f"Known: {', '.join(words.values)}."]
    return found


def tells(text: str, street: str) -> bool:
    """Return whether a text holds a street, however the two are spaced and in whatever case."""
    return bool(_plain(street)) and f" {_plain(street)} " in f" {_plain(text)} "


def _plain(text: str) -> str:
    return " ".join(re.sub(r"\W+", " ", text.casefold()).split())

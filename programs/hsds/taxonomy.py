"""What HSDS has no field for and we have a column: told as attributes of a taxonomy of ours, both ways. Pure.

An attribute of ours names the column by its term's code and holds the value as text. One that does not fit its service,
or that says what no column can hold, stays where all other attributes stay: in `extra`, as it came.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid5

from programs.rules.kinds import Kind, Modality
from programs.rules.listing import Payer, Population
from programs.rules.programs import place_refusals
from programs.rules.residences import NarrLevel

TAXONOMY = "casemgmt"
NAMESPACE = UUID("6f0d2bb0-8a56-4f0c-9d36-0e3f9a3c6f11")


def derived_id(*parts: object) -> str:
    """Return an id that is the same at every export: of what has no row of its own."""
    return str(uuid5(NAMESPACE, ":".join(str(part) for part in parts)))


@dataclass(frozen=True, slots=True)
class Facet:
    """One term: the column, what it is called, and how a text becomes its value (ValueError when it is none)."""

    column: str
    name: str
    read: Callable[[str], Any]
    several: bool = False  # the column holds a list, each value an attribute


def _one_of(words: Any) -> Callable[[str], str]:
    return lambda text: str(words(text).value)


def _flag(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError(text)
    return text == "true"


def _level(text: str) -> tuple[int, str]:
    edition, code = text.split("/")
    return int(edition), code


def _zone(text: str) -> str:
    if place_refusals({"timezone": text, "languages": ()}):
        raise ValueError(text)
    return text


def _text(longest: int) -> Callable[[str], str]:
    def read(text: str) -> str:
        if len(text) > longest:
            raise ValueError(text)
        return text

    return read


OF_SERVICES: dict[str, Facet] = {
    "kind": Facet("kind", "Kind of program", _one_of(Kind)),
    "level_of_care": Facet("level_of_care", "Level of care (edition/code)", _level),
    "narr_level": Facet("narr_level", "NARR level", _one_of(NarrLevel)),
    "narr_certified": Facet("narr_certified", "NARR certificate held", _flag),
    "certifying_affiliate": Facet("certifying_affiliate", "Certifying affiliate of NARR", _text(200)),
    "certificate_expires": Facet("certificate_expires", "Last day of the NARR certificate", date.fromisoformat),
    "house_rules_hash": Facet("house_rules_hash", "SHA-256 of the house rules", _text(64)),
    "accepts_moud": Facet("accepts_moud", "Medication for opioid use disorder accepted", _flag),
    "modality": Facet("modalities", "Modality of therapy", _one_of(Modality), several=True),
    "population": Facet("populations", "Made for", _one_of(Population), several=True),
    "payer": Facet("payers", "Payer accepted", _one_of(Payer), several=True),
    "waitlist_only": Facet("waitlist_only", "Takes people from its waitlist", _flag),
    "timezone": Facet("timezone", "Time zone (IANA)", _zone),
}
OF_LOCATIONS: dict[str, Facet] = {"timezone": OF_SERVICES["timezone"]}


def read_attributes(
    attributes: list[dict[str, Any]], facets: Mapping[str, Facet]
) -> tuple[dict[str, Any], dict[str, list[dict[str, Any]]], list[dict[str, Any]]]:
    """Return the columns that attributes of ours tell, which attributes told each, and all others."""
    values: dict[str, Any] = {}
    told: dict[str, list[dict[str, Any]]] = {}
    others = []
    for attribute in attributes:
        term = attribute.get("taxonomy_term", {})
        facet = facets.get(term.get("code", "")) if term.get("taxonomy") == TAXONOMY else None
        try:
            value = facet.read(attribute["value"]) if facet else None
        except (KeyError, ValueError):
            facet = None
        if facet is None or (not facet.several and facet.column in values):
            others.append(attribute)
            continue
        if not facet.several:
            values[facet.column] = value
        elif value not in values.setdefault(facet.column, []):
            values[facet.column].append(value)
        told.setdefault(facet.column, []).append(attribute)
    return values, told, others


def attributes_of(owner: str, values: Mapping[str, Any], facets: Mapping[str, Facet]) -> list[dict[str, Any]]:
    """Return what the columns of a row tell (its HSDS id is `owner`), as attributes of ours; unknown tells nothing."""
    found = []
    for code, facet in facets.items():
        value = values.get(facet.column)
        several: list[Any] = value or [] if facet.several else [value]
        for each in several:
            if each is None or each == "":
                continue
            text = str(each).lower() if isinstance(each, bool) else str(each)
            term = {
                "id": derived_id("term", code),
                "code": code,
                "name": facet.name,
                "description": facet.name,
                "taxonomy": TAXONOMY,
            }
            found.append({"id": derived_id(owner, code, text), "value": text, "taxonomy_term": term})
    return found

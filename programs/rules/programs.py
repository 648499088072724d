"""Whether the parts of a program fit each other. Pure: gets the values, returns sentences by field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import available_timezones

from casemgmt.clients.languages import to_tag

from .kinds import Kind, Modality
from .levels import level_refusal

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
    if values["timezone"] not in available_timezones():
        found["timezone"] = ["This is not a time zone of the IANA list."]
    if any(to_tag(each) != each for each in values["languages"]):
        found["languages"] = ["Give language tags such as en or es-MX."]
    return found

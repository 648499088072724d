"""Whatever a directory leaves out or adds, what it told goes out again, valid and whole (HSD-02)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import casemgmt.devtools
from casemgmt.accounts.models import Organization
from casemgmt.kernel.actor import Actor
from programs.hsds.reading import read
from programs.hsds.schemas import faults
from programs.hsds_export import export_organizations
from programs.hsds_import import import_directory
from programs.models import Program, Schedule, Site
from tests.rooms.programs.test_export_hsds import lost

SAMPLE = Path(casemgmt.devtools.__file__).parent / "sample" / "hsds-3.0"
FULL = json.loads((SAMPLE / "organization_full.json").read_text())
NEEDED = {"id", "name", "description", "status", "location_type", "locations", "services", "service_at_locations"}
ACTOR = Actor.system("test")

words = st.text(st.characters(codec="utf-8", exclude_characters="\x00", exclude_categories=["Cs"]), max_size=30)
unknown = st.dictionaries(
    words.map(lambda word: f"x_{word}"),
    st.recursive(st.none() | st.booleans() | st.integers(-9, 9) | words, st.lists, max_leaves=4),
    max_size=3,
)
times = st.times(timezones=st.none()).map(lambda each: each.replace(microsecond=0).isoformat())
schedules = st.fixed_dictionaries(
    {"id": st.uuids().map(str)},
    optional={
        "freq": st.sampled_from(["WEEKLY", "MONTHLY"]),
        "byday": st.sampled_from(["MO", "MO,TU", "1MO", "-1FR,2SA", "", "XX", "MO, TU"]),
        "opens_at": times | words,
        "closes_at": times,
        "interval": st.sampled_from([0, 1, 2, 1.5]),
        "valid_from": st.dates().map(str) | words,
        "until": st.dates().map(str),
        "bymonthday": st.just("1"),
        "description": words,
        "wkst": st.just("SU"),
    },
)


def some_of(document: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Return the document with any of its optional fields left out and any unknown ones added."""
    optional = sorted(document.keys() - NEEDED)
    kept = st.sets(st.sampled_from(optional))
    return st.builds(
        lambda names, more: {k: v for k, v in document.items() if k in NEEDED or k in names} | more, kept, unknown
    )


@st.composite
def directories(draw: Any) -> dict[str, Any]:
    """Return an organization with one service at one location."""
    service, location = FULL["services"][0], FULL["locations"][0]
    place = draw(some_of(location))
    link = {**service["service_at_locations"][0], "location": place}
    offered = draw(some_of({**service, "service_at_locations": [link]}))
    if draw(st.booleans()):
        lines = draw(st.lists(schedules, max_size=3, unique_by=lambda each: each["id"]))
        offered["schedules"] = lines
        link["schedules"] = draw(st.lists(schedules, max_size=2, unique_by=lambda each: each["id"]))
    if draw(st.booleans()):
        offered |= {"minimum_age": draw(st.integers(-1, 130)), "maximum_age": draw(st.integers(-1, 130) | st.just(1.5))}
    return {**draw(some_of(FULL)), "locations": [place], "services": [offered]}


def bring_in(document: dict[str, Any], folder: Path) -> Any:
    path = folder / "organization.json"
    path.write_text(json.dumps(document))
    summary = import_directory(reading=read([path]), actor=ACTOR)
    assert summary.faults == []
    return summary


@pytest.mark.django_db
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(directories())
def test_nothing_is_lost_on_the_way_round(tmp_path: Path, told: dict[str, Any]) -> None:
    for model in (Schedule, Program.sites.through, Program, Site, Organization):
        model.objects.all().delete()

    bring_in(told, tmp_path)
    (document,) = export_organizations(Organization.objects.all(), actor=ACTOR, unpublished=True)
    again = bring_in(document, tmp_path)
    (second,) = export_organizations(Organization.objects.all(), actor=ACTOR, unpublished=True)

    assert list(faults("organization", document)) == []
    assert lost(told, document) == []
    assert (again.organizations.unchanged, again.sites.unchanged, again.programs.unchanged) == (1, 1, 1)
    assert second == document

"""What of an imported directory becomes a column, and what stays as it came when it fits none (HSD-02)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from programs.models import Program, Schedule, Site
from programs.rules.kinds import Kind

IDS = [f"ac148810-d857-441c-9679-{number:012}" for number in range(9)]
ORGANIZATION = {"id": IDS[0], "name": "Org", "description": "An organization"}
SERVICE = {"id": IDS[1], "name": "Therapy", "status": "active", "organization_id": IDS[0]}
OPEN = {"id": IDS[2], "freq": "WEEKLY", "byday": "MO, TU", "opens_at": "09:00", "closes_at": "17:00:00"}
ADDRESS = {
    "id": IDS[3],
    "address_1": "12 Elm Street",
    "city": "Wichita",
    "state_province": "KS",
    "postal_code": "67202",
    "country": "US",
    "address_type": "physical",
}
PLACE = {"id": IDS[4], "location_type": "physical", "name": "Elm", "addresses": [ADDRESS]}


def ours(code: str, value: str, number: int = 5) -> dict[str, Any]:
    """Return an attribute of our taxonomy."""
    term = {"id": IDS[number], "code": code, "name": code, "description": code, "taxonomy": "casemgmt"}
    return {"id": IDS[number], "value": value, "taxonomy_term": term}


def at(place: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    return [{"id": IDS[6], "location": place, **more}]


@pytest.fixture
def run(db: None, tmp_path: Path) -> Any:
    """Return `run(**service)`: import the service with these fields and return the program."""

    def imported(**told: Any) -> Program:
        for name, content in (("organization", ORGANIZATION), ("service", {**SERVICE, **told})):
            (tmp_path / f"{name}.json").write_text(json.dumps(content))
        call_command("import_hsds", tmp_path)
        return Program.objects.get()

    return imported


def test_fields_become_columns(run) -> None:
    program = run(
        fees_description="Nothing.",
        interpretation_services="Any language.",
        application_process="Call.",
        alert="Ring twice.",
        minimum_age=18,
        maximum_age=64.0,
        assurer_email="sue@example.org",
        phones=[{"id": IDS[5], "number": "555"}, {"id": IDS[6], "number": "(316) 267-8888"}],
        service_at_locations=at(PLACE),
    )

    assert (program.fees, program.interpretation, program.application_process) == ("Nothing.", "Any language.", "Call.")
    assert (program.alert, program.minimum_age, program.maximum_age) == ("Ring twice.", 18, 64)
    assert (program.assurer_email, program.phone) == ("sue@example.org", "+13162678888")
    assert (program.city, program.state) == ("Wichita", "KS")
    site = Site.objects.get()
    assert (site.street, site.postal_code, site.street_published) == ("12 Elm Street", "67202", True)


@pytest.mark.parametrize("ages", [{"minimum_age": 20, "maximum_age": 10}, {"minimum_age": 0.5}, {"maximum_age": 300}])
def test_ages_that_nobody_has_stay_aside(run, ages) -> None:
    program = run(**ages)

    assert (program.minimum_age, program.maximum_age) == (None, None)
    assert program.extra == ages


def test_ages_of_two_files_that_cross_stay_aside(run) -> None:
    run(minimum_age=18)

    program = run(maximum_age=12)

    assert (program.minimum_age, program.maximum_age, program.extra) == (18, None, {"maximum_age": 12})


def test_hours_that_a_line_can_say_become_lines_and_others_stay_aside(run) -> None:
    odd = {**OPEN, "id": IDS[7], "bymonthday": "1"}
    there = {**OPEN, "id": IDS[8], "byday": "SA"}

    program = run(schedules=[OPEN, odd], service_at_locations=at(PLACE, schedules=[there]))

    first, second = Schedule.objects.order_by("position")
    assert (first.byday, first.site_id, str(first.closes_at)) == (["MO", "TU"], None, "17:00:00")
    assert (second.byday, second.site) == (["SA"], Site.objects.get())
    assert program.extra["schedules"] == [odd]


def test_hours_are_replaced_by_the_next_telling_and_kept_by_silence(run) -> None:
    run(schedules=[OPEN])
    kept = Schedule.objects.get().pk

    assert run().version == 1
    assert Schedule.objects.get().pk == kept
    assert run(schedules=[{**OPEN, "byday": "FR"}]).version == 2
    assert Schedule.objects.get().byday == ["FR"]
    assert run(schedules=[]).version == 3
    assert not Schedule.objects.exists()


def test_attributes_of_ours_become_columns_where_they_fit(run) -> None:
    fit = [
        ours("kind", "iop"),
        ours("level_of_care", "4/2.1"),
        ours("payer", "medicaid"),
        ours("accepts_moud", "false"),
    ]
    unfit = [ours("narr_level", "II"), ours("modality", "cbt"), ours("payer", "gold"), ours("timezone", "Kansas")]

    program = run(attributes=[*fit, *unfit])

    assert (program.kind, program.level_of_care_edition, program.level_of_care_code) == (Kind.IOP, 4, "2.1")
    assert (program.payers, program.accepts_moud, program.narr_level) == (["medicaid"], False, "")
    assert sorted(each["value"] for each in program.extra["attributes"]) == ["II", "Kansas", "cbt", "gold"]


def test_a_short_form_does_not_make_another_kind_of_it(run) -> None:
    run(attributes=[{"id": IDS[5], "value": "recovery residence"}])

    assert run(name="Short").kind == Kind.SOBER_LIVING


def test_what_one_kind_had_goes_with_it(run) -> None:
    run(attributes=[ours("kind", "sober_living"), ours("narr_level", "II"), ours("narr_certified", "true")])

    program = run(attributes=[ours("kind", "therapy"), ours("modality", "cbt")])

    assert (program.kind, program.narr_level, program.narr_certified) == (Kind.THERAPY, "", None)
    assert program.modalities == ["cbt"]


def test_a_place_where_people_turn_out_to_live_loses_its_street(run) -> None:
    """rules.md §7: whichever file says it first."""
    run(service_at_locations=at(PLACE))
    assert Site.objects.get().street_published

    run(attributes=[{"id": IDS[5], "value": "recovery residence"}])
    assert not Site.objects.get().street_published

    run(service_at_locations=at(PLACE))
    assert (Site.objects.get().street_published, Site.objects.get().street) == (False, "12 Elm Street")


def test_a_waitlist_is_told_by_its_attribute_and_not_twice(run) -> None:
    told = "Takes people from its waitlist. Ring twice."

    program = run(attributes=[ours("waitlist_only", "true")], alert=told)

    assert (program.waitlist_only, program.alert, program.status) == (True, "Ring twice.", "active")

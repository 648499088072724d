"""Searching the directory by need: what is found and why, what is left out, pages, and a thousand programs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from casemgmt.accounts.roles import Role
from casemgmt.api.models import IdempotencyKey
from casemgmt.audit.models import AuditEvent
from casemgmt.kernel import clock
from programs.models import Program, Schedule, Site
from programs.rules.kinds import Kind
from tests.factories import programs

HOUSES = {"kind": "sober_living"}


def house(at, name: str, **fields) -> Program:
    known = {"assured_date": clock.now().date(), "timezone": "UTC"}
    return programs.program(at, kind=Kind.SOBER_LIVING, name=name, **{**known, **fields})


def names(answer) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [row["program"]["name"] for row in answer.json()["results"]]


def codes(row, part: str) -> list[str]:
    return [each["code"] for each in row[part]]


def test_a_result_says_why_it_matched_and_what_nobody_knows(cast, api) -> None:
    house(cast.south, "Told", accepts_moud=True, narr_level="II", city="Wichita", capacity_total=4)
    house(cast.north, "Silent", assured_date=None)
    house(cast.south, "Other", accepts_moud=False, city="Salina")
    needs = {**HOUSES, "moud": True, "city": "wichita", "narr_levels": ["I", "II"], "places": 1}

    found = api(cast.case_manager).post("programs/search/", needs).json()

    told, silent = found["results"]
    assert (told["program"]["name"], silent["program"]["name"]) == ("Told", "Silent")
    assert codes(told, "matched") == ["moud_fits", "place_fits", "narr_level_fits", "places_fits"]
    assert (told["unknown"], told["stale"]) == ([], [])
    assert codes(silent, "unknown") == ["moud_unknown", "place_unknown", "narr_level_unknown", "places_unknown"]
    assert codes(silent, "stale") == ["listing_never_checked"]
    assert told["matched"][0] == {
        "need": "moud",
        "code": "moud_fits",
        "sentence": "Accepts medication for opioid use disorder.",
    }
    reasons = {each["code"]: each["count"] for each in found["left_out"]["reasons"]}
    assert (found["left_out"]["total"], reasons) == (1, {"moud_differs": 1, "place_differs": 1})
    assert found["next"] is None
    assert "level" in found["order"]


def test_every_role_searches_and_a_stranger_does_not(cast, api) -> None:
    house(cast.north, "A")

    assert all(names(api(cast.at_south[role]).post("programs/search/", HOUSES)) == ["A"] for role in Role)
    assert api(None).post("programs/search/", HOUSES).status_code == 401


def test_drafts_other_kinds_and_those_who_take_nobody_are_not_found(cast, api) -> None:
    house(cast.north, "Draft", published=False)
    programs.program(cast.north, kind=Kind.IOP, name="Other kind")
    house(cast.north, "Closed", status="temporarily_closed")

    found = api(cast.case_manager).post("programs/search/", HOUSES)

    assert names(found) == []
    assert found.json()["left_out"]["total"] == 1
    assert codes(found.json()["left_out"], "reasons") == ["not_taking_people"]


def test_a_stale_listing_is_hidden_and_an_old_one_says_so(cast, api) -> None:
    """rules.md §7: warn after 90 days, hide after 180."""
    today = clock.now().date()
    house(cast.north, "Stale", assured_date=today - timedelta(days=181))
    house(cast.north, "Old", assured_date=today - timedelta(days=180))
    house(cast.north, "Zest", assured_date=today)

    found = api(cast.case_manager).post("programs/search/", HOUSES)

    assert names(found) == ["Zest", "Old"]
    assert codes(found.json()["results"][1], "stale") == ["listing_old"]
    assert codes(found.json()["left_out"], "reasons") == ["listing_stale"]


def test_places_that_nobody_confirmed_are_unknown_not_free(cast, api) -> None:
    """F5."""
    program = house(cast.north, "A", capacity_total=4)
    Program.objects.update(capacity_confirmed_at=clock.now() - timedelta(days=15))

    (row,) = api(cast.case_manager).post("programs/search/", {**HOUSES, "places": 1}).json()["results"]

    assert row["program"]["id"] == str(program.id)
    assert (row["program"]["places_open"], codes(row, "unknown")) == (None, ["places_unconfirmed"])
    assert codes(row, "stale") == ["capacity_unconfirmed"]


def test_levels_of_residences_make_no_order(cast, api) -> None:
    """CLN-10: one is not better than another; the name decides."""
    for name, level in (("A", "IV"), ("B", "I"), ("C", "III"), ("D", "II")):
        house(cast.north, name, narr_level=level)
    needs = {**HOUSES, "narr_levels": ["I", "II", "III", "IV"]}

    assert names(api(cast.case_manager).post("programs/search/", needs)) == ["A", "B", "C", "D"]


def test_hours_and_sites_count(cast, api) -> None:
    evening = house(cast.north, "Evening")
    house(cast.north, "Silent")
    day = house(cast.north, "Day")
    for program, closes in ((evening, "20:00"), (day, "16:00")):
        Schedule.objects.create(
            program=program, position=0, freq="WEEKLY", byday=["MO"], opens_at="12:00", closes_at=closes
        )
        program.sites.add(Site.objects.create(city="Derby", state="KS"))
    needs = {**HOUSES, "times": ["evening", "weekend"], "city": "Derby", "state": "KS"}

    found = api(cast.case_manager).post("programs/search/", needs)

    assert names(found) == ["Evening", "Silent"]
    assert codes(found.json()["left_out"], "reasons") == ["times_differs"]


def test_pages_hold_every_result_once_in_one_order(cast, api) -> None:
    for number in range(7):
        house(cast.north, f"H{number}", accepts_moud=True if number % 2 else None)
    web, cursor, seen = api(cast.case_manager), None, []

    while True:
        page = web.post("programs/search/", {**HOUSES, "moud": True, "limit": 3, "cursor": cursor})
        seen += names(page)
        cursor = page.json()["next"]
        if cursor is None:
            break

    assert seen == ["H1", "H3", "H5", "H0", "H2", "H4", "H6"]
    nowhere = web.post("programs/search/", {**HOUSES, "cursor": str(cast.north.id)})
    assert (nowhere.status_code, nowhere.json()["code"]) == (400, "cursor_invalid")


@pytest.mark.parametrize(
    ("needs", "field"),
    [
        ({}, "kind"),
        ({"kind": "iop", "modality": "cbt"}, "modality"),
        ({"kind": "iop", "narr_levels": ["I"]}, "narr_levels"),
        ({"kind": "iop", "level_of_care": {"edition": 4, "code": "1.5"}}, "level_of_care"),
        ({"kind": "iop", "language": "Klingon!"}, "language"),
        ({"kind": "iop", "client": "00000000-0000-7000-8000-000000000000"}, "client"),
        ({"kind": "iop", "times": ["noon"]}, "times.0"),
        ({"kind": "iop", "age": -1}, "age"),
    ],
)
def test_what_no_program_of_the_kind_can_have_is_refused_by_field(cast, api, needs, field) -> None:
    """HSD-01: a search is told needs; it takes no client."""
    refused = api(cast.case_manager).post("programs/search/", needs)

    assert (refused.status_code, list(refused.json()["fields"])) == (400, [field])


def test_a_search_leaves_its_trail_without_the_needs(cast, api) -> None:
    api(cast.case_manager).post("programs/search/", {**HOUSES, "moud": True, "city": "Wichita"})

    (row,) = AuditEvent.objects.filter(action="program.searched").values()
    assert (row["client_ids"], "Wichita" in str(row)) == ([], False)
    assert not IdempotencyKey.objects.exists()


def test_a_thousand_programs_take_as_many_queries_as_ten(cast, api) -> None:
    web, counts = api(cast.case_manager), []
    site = Site.objects.create(city="Wichita", state="KS")

    for amount in (10, 1000):
        fresh = [
            Program(
                organization=cast.south, kind=Kind.SOBER_LIVING, name=f"{amount}-{n}", published=True, timezone="UTC"
            )
            for n in range(amount - Program.objects.count())
        ]
        Program.objects.bulk_create(fresh)
        Program.sites.through.objects.bulk_create(Program.sites.through(program=each, site=site) for each in fresh)
        Schedule.objects.bulk_create(
            Schedule(program=each, position=0, freq="WEEKLY", byday=["MO"], opens_at="09:00", closes_at="20:00")
            for each in fresh
        )
        with CaptureQueriesContext(connection) as queries:
            found = web.post("programs/search/", {**HOUSES, "city": "Wichita", "times": ["evening"], "limit": 10})
        assert len(names(found)) == 10
        counts.append(len(queries))

    assert len(set(counts)) == 1

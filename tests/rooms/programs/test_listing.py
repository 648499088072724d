"""What a program's listing tells over HTTP: hours, ages, certificates, and how far each can be trusted today."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from casemgmt.accounts.roles import Role
from casemgmt.kernel import clock
from programs.models import Program, Schedule, Site
from programs.rules.kinds import Kind
from tests.factories import programs

TOLD = {
    "kind": "therapy",
    "name": "Outpatient therapy",
    "minimum_age": 18,
    "maximum_age": 64,
    "populations": ["veterans", "women"],
    "fees": "Nothing is asked of who has nothing.",
    "payers": ["medicaid", "sliding_scale"],
    "interpretation": "Any language, by telephone.",
    "application_process": "Call us.",
    "phone": "+13162678888",
    "alert": "Closed on 25 December.",
    "waitlist_only": True,
    "city": "Wichita",
    "state": "KS",
    "assured_date": "2026-11-01",
    "assurer_email": "sue@example.org",
}
OFFICE = {"freq": "WEEKLY", "byday": ["MO", "TU"], "opens_at": "09:00:00", "closes_at": "17:00:00"}


def test_a_listing_is_told_whole_and_shown_whole(cast, api) -> None:
    made = api(cast.supervisor).post("programs/", TOLD)
    seen = api(cast.outsider).get(f"programs/{made.json()['id']}/").json()

    assert made.status_code == 201
    assert {name: seen[name] for name in TOLD} == TOLD


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"minimum_age": 65}, "maximum_age"),
        ({"maximum_age": 121}, "maximum_age"),
        ({"populations": ["everybody"]}, "populations.0"),
        ({"payers": ["gold"]}, "payers.0"),
        ({"phone": "555"}, "phone"),
        ({"assurer_email": "Sue"}, "assurer_email"),
        ({"schedules": [{**OFFICE, "byday": ["2MO"]}]}, "schedules.0"),
        ({"schedules": [OFFICE, {**OFFICE, "interval": 2}]}, "schedules.1"),
        ({"schedules": [{**OFFICE, "site": "00000000-0000-7000-8000-000000000000"}]}, "schedules.0"),
        ({"schedules": [{**OFFICE, "freq": "DAILY"}]}, "schedules.0.freq"),
        ({"schedules": [{**OFFICE, "opens_at": "25:00"}]}, "schedules.0.opens_at"),
    ],
)
def test_what_does_not_fit_is_refused_by_field(cast, api, changes, field) -> None:
    refused = api(cast.supervisor).post("programs/", {**TOLD, **changes})

    assert (refused.status_code, list(refused.json()["fields"])) == (400, [field])
    assert not Program.objects.exists()
    assert not Schedule.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"minimum_age": 20, "maximum_age": 19},
        {"maximum_age": 121},
        {"populations": ["everybody"]},
        {"payers": ["gold"]},
        {"capacity_confirmed_at": datetime(2026, 1, 1, tzinfo=UTC)},
    ],
)
def test_postgresql_refuses_it_too(cast, fields) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        programs.program(cast.north, **fields)


def test_hours_are_kept_on_the_clock_of_their_site(cast, api, travel) -> None:
    """Monday 23 November 2026, 15:30 UTC: half past nine in Chicago, half past eight in Denver."""
    travel(datetime(2026, 11, 23, 15, 30, tzinfo=UTC))
    site = Site.objects.create(organization=cast.north, timezone="America/Denver")
    web = api(cast.supervisor)
    here = web.post("programs/", {"kind": "iop", "name": "Here", "schedules": [OFFICE]}).json()
    there = {**OFFICE, "site": str(site.id)}
    away = web.post("programs/", {"kind": "iop", "name": "Away", "sites": [str(site.id)], "schedules": [there]}).json()

    assert (here["open_now"], here["next_opening"]) == (True, "2026-11-24T15:00:00Z")
    assert (away["open_now"], away["next_opening"]) == (False, "2026-11-23T16:00:00Z")
    assert away["schedules"][0]["site_id"] == str(site.id)


def test_without_hours_nobody_knows_whether_it_is_open(cast, api) -> None:
    made = api(cast.supervisor).post("programs/", {"kind": "iop", "name": "IOP"}).json()

    assert (made["schedules"], made["open_now"], made["next_opening"]) == ([], None, None)


def test_hours_are_told_as_a_whole(cast, api) -> None:
    site = Site.objects.create(organization=cast.north)
    web = api(cast.supervisor)
    lines = [OFFICE, {**OFFICE, "freq": "MONTHLY", "byday": ["1SA"], "site": str(site.id)}]
    made = web.post("programs/", {"kind": "iop", "name": "IOP", "sites": [str(site.id)], "schedules": lines})
    path = f"programs/{made.json()['id']}/"

    refused = web.patch(path, {"sites": []}, If_Match='"1"')
    edited = web.patch(path, {"sites": [], "schedules": [OFFICE]}, If_Match='"1"')

    assert [line["byday"] for line in made.json()["schedules"]] == [["MO", "TU"], ["1SA"]]
    assert (refused.status_code, list(refused.json()["fields"])) == (400, ["sites"])
    assert (edited.status_code, len(edited.json()["schedules"]), edited["ETag"]) == (200, 1, '"2"')
    assert Schedule.objects.count() == 1


def test_a_certificate_that_expired_says_so(cast, api) -> None:
    """CLN-10: its last day, in the program's own zone, still counts."""
    today = clock.now().date()
    house = programs.program(cast.north, kind=Kind.SOBER_LIVING, narr_level="II", timezone="UTC")
    web = api(cast.outsider)

    def certificate(**fields) -> str:
        Program.objects.filter(pk=house.pk).update(**fields)
        return web.get(f"programs/{house.id}/").json()["certificate"]

    assert certificate() == "unknown"
    assert certificate(narr_certified=False) == "none"
    assert certificate(narr_certified=True) == "held"
    assert certificate(certificate_expires=today) == "held"
    assert certificate(certificate_expires=today - timedelta(days=1)) == "expired"


def test_how_old_a_listing_is_goes_by_the_readers_own_numbers(cast, api) -> None:
    """rules.md §7: warned of after 90 days, hidden after 180; an organization may be stricter."""
    program = programs.program(cast.north, timezone="UTC")
    web, today = api(cast.case_manager), clock.now().date()

    def listing(days: int | None) -> str:
        checked = None if days is None else today - timedelta(days=days)
        Program.objects.filter(pk=program.pk).update(assured_date=checked)
        return web.get(f"programs/{program.id}/").json()["listing"]

    assert [listing(days) for days in (None, 90, 91, 180, 181)] == ["never", "fresh", "old", "old", "stale"]
    number = {"name": "listing_warn_days", "value": 30, "reason": "Agreed."}
    assert api(cast.supervisor).post("policies/", number).status_code == 201
    assert listing(31) == "old"
    assert api(cast.at_south[Role.PEER_SPECIALIST]).get(f"programs/{program.id}/").json()["listing"] == "fresh"

"""An organization's business calendar over HTTP and in the database: its own, bounded, and never edited."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from casemgmt.accounts.roles import Role
from casemgmt.calendars.models import BusinessWeek, Closure
from casemgmt.calendars.rules import OFFICE_HOURS
from casemgmt.calendars.services import calendar_of, calendars_of
from tests.factories import people

LATE = {"mon": [{"opens": "12:00", "closes": "20:00"}], "sat": [{"opens": "09:00", "closes": "24:00"}]}


def week(**changes) -> dict:
    return {"hours": LATE, "federal_holidays": False, "reason": "Evenings suit our clients."} | changes


def test_unless_told_otherwise_an_organization_keeps_office_hours(cast, api, travel) -> None:
    travel(datetime(2026, 11, 21, 15, tzinfo=UTC))  # a Saturday

    shown = api(cast.peer).get("business-calendar/").json()

    assert shown["timezone"] == cast.north.timezone
    assert shown["hours"]["mon"] == [{"opens": "09:00", "closes": "17:00"}]
    assert shown["hours"]["sat"] == []
    assert shown["federal_holidays"] is True
    assert shown["open_now"] is False
    assert shown["next_opening"].startswith("2026-11-23T")
    assert shown["business_day_minutes"] == 480


def test_a_supervisor_sets_the_week_and_the_history_keeps_both(cast, api) -> None:
    web = api(cast.supervisor)

    answer = web.post("business-calendar/weeks/", week())
    second = web.post("business-calendar/weeks/", week(federal_holidays=True, reason="Holidays after all."))

    assert answer.status_code == 201, answer.content
    assert answer.json()["hours"]["mon"] == LATE["mon"]
    shown = web.get("business-calendar/").json()
    assert shown["hours"]["sat"] == LATE["sat"]
    assert shown["hours"]["tue"] == []
    assert shown["federal_holidays"] is True
    assert shown["business_day_minutes"] == (8 + 15) * 60 // 2
    listed = web.get("business-calendar/weeks/").json()["results"]
    assert [row["seq"] for row in listed] == [second.json()["seq"], answer.json()["seq"]]
    assert api(cast.at_south[Role.SUPERVISOR]).get("business-calendar/weeks/").json()["results"] == []
    assert calendar_of(cast.south.id).week == OFFICE_HOURS


@pytest.mark.parametrize(
    ("hours", "where"),
    [
        ({}, "hours"),
        ({"mon": []}, "hours"),
        ({"mon": [{"opens": "17:00", "closes": "09:00"}]}, "hours.mon"),
        ({"tue": [{"opens": "09:00", "closes": "12:00"}, {"opens": "11:59", "closes": "13:00"}]}, "hours.tue"),
    ],
)
def test_a_week_that_cannot_be_is_refused_and_nothing_changes(cast, api, hours, where) -> None:
    answer = api(cast.supervisor).post("business-calendar/weeks/", week(hours=hours))

    assert answer.status_code == 400
    assert where in answer.json()["fields"]
    assert not BusinessWeek.objects.exists()


def test_only_supervisors_and_administrators_set_the_calendar(cast, api) -> None:
    for path, body in (("weeks", week()), ("closures", {"day": "2030-01-01", "reason": "x"})):
        assert api(cast.case_manager).post(f"business-calendar/{path}/", body).status_code == 403

    assert not BusinessWeek.objects.exists()
    assert not Closure.objects.exists()


def test_a_day_is_closed_and_opened_again_and_the_last_word_holds(cast, api) -> None:
    web, day = api(cast.supervisor), people.today() + timedelta(days=10)

    for closed in (True, False):
        given = {"day": str(day), "closed": closed, "reason": "The roof is mended."}
        assert web.post("business-calendar/closures/", given).status_code == 201

    assert calendar_of(cast.north.id).closures == {day: False}
    assert calendar_of(cast.south.id).closures == {}
    assert [row["closed"] for row in web.get("business-calendar/closures/").json()["results"]] == [False, True]


@pytest.mark.parametrize("days", [-10, 800])
def test_a_day_long_gone_or_far_off_is_refused(cast, api, days) -> None:
    day = people.today() + timedelta(days=days)

    answer = api(cast.supervisor).post("business-calendar/closures/", {"day": str(day), "reason": "x"})

    assert answer.status_code == 400
    assert not Closure.objects.exists()


def test_however_many_calendars_three_queries_read_them(cast, django_assert_num_queries) -> None:
    with django_assert_num_queries(4):  # and one for the time
        assert set(calendars_of([cast.north.id, cast.south.id])) == {cast.north.id, cast.south.id}


def test_what_was_set_cannot_be_changed_even_by_sql(cast, api) -> None:
    api(cast.supervisor).post("business-calendar/weeks/", week())
    api(cast.supervisor).post("business-calendar/closures/", {"day": str(people.today()), "reason": "x"})

    for table in ("businessweek", "closure"):
        for statement in (f"UPDATE calendars_{table} SET reason = 'y'", f"DELETE FROM calendars_{table}"):
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)
    with pytest.raises(IntegrityError), transaction.atomic():
        BusinessWeek.objects.create(organization=cast.north, week=[[]] * 6, reason="x", set_by_id=cast.supervisor.id)

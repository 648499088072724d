"""F9, CLN-02: hours by week agree with counting minutes one by one, wherever clocks change and weeks end."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casemgmt.sessions.dose import attended
from casemgmt.sessions.words import AttendanceState
from tests.factories import dose as make

ZONES = (
    "America/Chicago",
    "America/Phoenix",
    "America/St_Johns",
    "America/Havana",  # its clocks change at midnight
    "Asia/Kathmandu",
    "Asia/Beirut",
    "Australia/Lord_Howe",  # by half an hour
    "Atlantic/Azores",
    "Europe/London",
    "Pacific/Kiritimati",
    "Pacific/Apia",
    "UTC",
)
# Sundays on which clocks change somewhere, and a turn of the year within a week; stays gather around their ends.
TURNS = (date(2025, 3, 9), date(2025, 3, 30), date(2025, 10, 26), date(2025, 11, 2), date(2025, 12, 28))
CAME = (AttendanceState.ATTENDED, AttendanceState.LATE, AttendanceState.LEFT_EARLY)


class Stay(NamedTuple):
    zone: str
    starts_at: datetime
    length: int
    minutes: int
    state: AttendanceState


@st.composite
def stays(draw: st.DrawFn) -> Stay:
    zone = draw(st.sampled_from(ZONES))
    around = datetime.combine(draw(st.sampled_from(TURNS)), datetime.min.time(), tzinfo=ZoneInfo(zone))
    moment = around.astimezone(UTC) + timedelta(minutes=draw(st.integers(-60 * 24, 60 * 48)))
    length = draw(st.integers(1, 480))
    state = draw(st.sampled_from(CAME))
    minutes = length if state == AttendanceState.ATTENDED else draw(st.integers(1, length))
    return Stay(zone, moment, length, minutes, state)


def monday(moment: datetime, zone: str) -> date:
    day = moment.astimezone(ZoneInfo(zone)).date()
    return date.fromisocalendar(*day.isocalendar()[:2], 1)


def one_by_one(found: list[Stay]) -> tuple[Counter[date], Counter[date]]:
    minutes: Counter[date] = Counter()
    sessions: Counter[date] = Counter()
    for each in found:
        skipped = each.length - each.minutes if each.state == AttendanceState.LATE else 0
        for minute in range(skipped, skipped + each.minutes):
            minutes[monday(each.starts_at + timedelta(minutes=minute), each.zone)] += 1
        sessions[monday(each.starts_at, each.zone)] += 1
    return minutes, sessions


@pytest.mark.django_db
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(found=st.lists(stays(), min_size=1, max_size=5))
def test_hours_by_week_agree_with_counting_minutes(cast, found: list[Stay]) -> None:
    with transaction.atomic():
        enrollment = make.enrolled(cast, weeks_ago=100)
        for each in found:
            row = make.attends(
                enrollment,
                cast.therapist,
                starts_at=each.starts_at,
                minutes=each.minutes,
                state=each.state,
                ends_at=each.starts_at + timedelta(minutes=each.length),
                timezone=each.zone,
            )
            assert row.minutes == each.minutes
        counted = attended([enrollment.id], since=date(2025, 1, 6), until=date(2026, 3, 2))
        transaction.set_rollback(True)

    minutes, sessions = one_by_one(found)
    assert {week: value.minutes for (_, week), value in counted.items()} == {
        week: minutes[week] for week in minutes | sessions
    }
    assert {week: value.sessions for (_, week), value in counted.items() if value.sessions} == sessions

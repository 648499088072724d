"""When people are at work."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from casemgmt.worklist.office_hours import add_office_hours, end_of_next_office_day, is_office_day

CHICAGO = "America/Chicago"


@pytest.mark.parametrize(
    "day",
    [
        date(2026, 11, 21),  # Saturday
        date(2026, 11, 22),  # Sunday
        date(2026, 11, 26),  # Thanksgiving
        date(2026, 7, 3),  # Independence Day falls on a Saturday
        date(2027, 12, 31),  # New Year's Day 2028 falls on a Saturday
        date(2027, 7, 5),  # Independence Day falls on a Sunday
        date(2026, 1, 19),  # Martin Luther King, Jr.
        date(2026, 2, 16),  # Washington's Birthday
        date(2026, 5, 25),  # Memorial Day
        date(2026, 9, 7),  # Labor Day
        date(2026, 10, 12),  # Columbus Day
        date(2026, 6, 19),
        date(2026, 11, 11),
    ],
)
def test_nobody_is_there(day) -> None:
    assert not is_office_day(day)


@pytest.mark.parametrize("day", [date(2026, 11, 27), date(2026, 5, 18), date(2026, 7, 6), date(2026, 12, 24)])
def test_somebody_is_there(day) -> None:
    assert is_office_day(day)


@pytest.mark.parametrize(
    ("at", "hours", "due"),
    [
        (datetime(2026, 11, 24, 15, tzinfo=UTC), 4, datetime(2026, 11, 24, 19, tzinfo=UTC)),  # nine to one
        (datetime(2026, 11, 24, 19, tzinfo=UTC), 4, datetime(2026, 11, 24, 23, tzinfo=UTC)),  # to the very end
        (
            datetime(2026, 11, 24, 22, tzinfo=UTC),
            4,
            datetime(2026, 11, 25, 18, tzinfo=UTC),
        ),  # one today, three tomorrow
        (datetime(2026, 11, 24, 9, tzinfo=UTC), 4, datetime(2026, 11, 24, 19, tzinfo=UTC)),  # three at night
        (datetime(2026, 11, 25, 23, tzinfo=UTC), 4, datetime(2026, 11, 27, 19, tzinfo=UTC)),  # over Thanksgiving
        (datetime(2026, 11, 27, 22, tzinfo=UTC), 10, datetime(2026, 12, 1, 16, tzinfo=UTC)),  # over a weekend and a day
        (datetime(2027, 3, 12, 22, tzinfo=UTC), 4, datetime(2027, 3, 15, 17, tzinfo=UTC)),  # the clocks change between
    ],
)
def test_hours_are_office_hours(at, hours, due) -> None:
    assert add_office_hours(at, hours, zone=CHICAGO) == due


def test_the_next_office_day_ends_at_five() -> None:
    friday_night = datetime(2026, 11, 28, 3, tzinfo=UTC)

    assert end_of_next_office_day(friday_night, zone=CHICAGO) == datetime(2026, 11, 30, 23, tzinfo=UTC)


def test_no_hour_is_counted_twice_or_lost() -> None:
    at = datetime(2026, 11, 23, 15, tzinfo=UTC)

    for hours in range(1, 40):
        in_two_steps = add_office_hours(add_office_hours(at, hours / 2, zone=CHICAGO), hours / 2, zone=CHICAGO)
        whole = add_office_hours(at, hours, zone=CHICAGO)
        assert abs(whole - in_two_steps) < timedelta(seconds=1)

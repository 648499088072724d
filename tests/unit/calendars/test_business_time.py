"""Business time against a minute-by-minute count: weekends, holidays, closures, clock changes (rules.md §9)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casemgmt.calendars.rules import (
    OFFICE_HOURS,
    Calendar,
    NeverOpen,
    moment_after,
    next_opening,
    open_time,
)

MINUTE = timedelta(minutes=1)
# clocks that change by an hour, by half an hour, at midnight, and never
ZONES = ["America/New_York", "America/Phoenix", "Australia/Lord_Howe", "Asia/Beirut", "America/Havana", "Europe/Dublin"]


def utc(*when: int) -> datetime:
    return datetime(*when, tzinfo=UTC)


def is_open(calendar: Calendar, at: datetime) -> bool:
    """The definition itself: what the wall clock shows."""
    local = at.astimezone(ZoneInfo(calendar.timezone))
    minute = local.hour * 60 + local.minute
    spans = calendar.week[local.weekday()]
    return not calendar.is_closed(local.date()) and any(opens <= minute < closes for opens, closes in spans)


def counted(calendar: Calendar, start: datetime, end: datetime) -> timedelta:
    minutes = int((end - start) / MINUTE)
    return MINUTE * sum(is_open(calendar, start + MINUTE * step) for step in range(minutes))


@st.composite
def calendars(draw) -> Calendar:
    week = []
    for _ in range(7):
        edges = sorted(draw(st.lists(st.integers(0, 1440), unique=True, max_size=4)))
        week.append(tuple(zip(edges[::2], edges[1::2], strict=False)))
    if not any(week):
        week[0] = ((9 * 60, 17 * 60),)
    closures = draw(st.dictionaries(st.dates(date(2026, 3, 1), date(2026, 11, 10)), st.booleans(), max_size=5))
    return Calendar(draw(st.sampled_from(ZONES)), tuple(week), draw(st.booleans()), closures)


# about the days on which clocks change, and any other
STARTS = st.one_of(
    st.sampled_from(
        [utc(2026, 3, 7, 20), utc(2026, 10, 31, 20), utc(2026, 3, 28, 18), utc(2026, 4, 4, 8), utc(2026, 10, 3, 8)]
    ),
    st.integers(0, 240 * 24 * 60).map(lambda minutes: utc(2026, 3, 1) + MINUTE * minutes),
)


@settings(max_examples=120, deadline=None)
@given(calendars(), STARTS, st.integers(0, 4 * 24 * 60))
def test_open_time_is_what_a_clock_on_the_wall_counts(calendar, start, minutes) -> None:
    """§9: a business hour is an hour in which the door is open."""
    end = start + MINUTE * minutes

    assert open_time(calendar, start, end) == counted(calendar, start, end)


@settings(max_examples=120, deadline=None)
@given(calendars(), STARTS, st.integers(1, 2000))
def test_a_deadline_comes_when_its_open_time_has_passed_and_no_minute_before(calendar, start, minutes) -> None:
    """§9: "1 business day", "4 h"."""
    due = moment_after(calendar, start, MINUTE * minutes)

    assert open_time(calendar, start, due) == MINUTE * minutes
    assert open_time(calendar, start, due - MINUTE) == MINUTE * (minutes - 1)
    assert is_open(calendar, due - MINUTE)


@pytest.mark.parametrize(
    ("start", "amount", "due"),
    [
        # Friday 16:00 in New York; four business hours end on Monday at noon
        (utc(2026, 11, 20, 21), timedelta(hours=4), utc(2026, 11, 23, 17)),
        # the day before Thanksgiving at noon: a business day ends on Friday at noon
        (utc(2026, 11, 25, 17), timedelta(hours=8), utc(2026, 11, 27, 17)),
        # asked on a Saturday: the clock begins on Monday at nine, by then in summer time
        (utc(2026, 3, 7, 15), timedelta(hours=1), utc(2026, 3, 9, 14)),
        # ends with the day: not on the next morning
        (utc(2026, 11, 23, 14), timedelta(hours=8), utc(2026, 11, 23, 22)),
        (utc(2026, 11, 22, 3), timedelta(0), utc(2026, 11, 22, 3)),
    ],
)
def test_deadlines_by_hand(start, amount, due) -> None:
    assert moment_after(Calendar("America/New_York"), start, amount) == due


def test_an_hour_that_comes_twice_counts_twice_and_one_that_is_skipped_not_at_all() -> None:
    night = Calendar("America/New_York", (((60, 180),),) * 7, federal_holidays=False)  # 01:00 to 03:00

    assert open_time(night, utc(2026, 11, 1), utc(2026, 11, 2)) == timedelta(hours=3)
    assert open_time(night, utc(2026, 3, 8), utc(2026, 3, 9)) == timedelta(hours=1)


def test_an_organization_may_open_on_a_holiday_and_close_on_any_day() -> None:
    thanksgiving, friday = date(2026, 11, 26), date(2026, 11, 27)
    usual = Calendar("America/New_York")
    told = Calendar("America/New_York", closures={thanksgiving: False, friday: True})

    assert usual.is_closed(thanksgiving)
    assert not usual.is_closed(friday)
    assert not told.is_closed(thanksgiving)
    assert told.is_closed(friday)
    assert next_opening(usual, utc(2026, 11, 26, 15)) == utc(2026, 11, 27, 14)
    assert next_opening(told, utc(2026, 11, 26, 15)) == utc(2026, 11, 26, 15)


def test_a_holiday_on_a_saturday_is_kept_on_the_friday_before() -> None:
    assert Calendar("America/New_York").is_closed(date(2026, 7, 3))  # July 4, 2026 is a Saturday


def test_a_business_day_is_the_mean_of_the_days_that_open() -> None:
    short_friday = (*OFFICE_HOURS[:4], ((540, 780),), (), ())

    assert Calendar("UTC").business_day == timedelta(hours=8)
    assert Calendar("UTC", short_friday).business_day == timedelta(hours=7.2)


def test_nobody_waits_for_a_door_that_never_opens() -> None:
    shut = Calendar("UTC", ((),) * 7)

    with pytest.raises(NeverOpen):
        moment_after(shut, utc(2026, 1, 1), MINUTE)
    with pytest.raises(NeverOpen):
        next_opening(shut, utc(2026, 1, 1))
    assert open_time(shut, utc(2026, 1, 1), utc(2026, 2, 1)) == timedelta(0)

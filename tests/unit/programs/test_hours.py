"""Hours on the wall clock of their zone: what is open at a moment, and when it opens next, across clock changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from programs.rules.hours import DAYS, Hours, hours_refusals, is_open, next_opening, times_of_week

ZONES = ("America/Chicago", "America/St_Johns", "Australia/Lord_Howe", "Africa/Cairo", "UTC")


def hours(byday: str, opens: str, closes: str, *, zone: str = "America/Chicago", freq: str = "WEEKLY", **told) -> Hours:
    return Hours(freq, tuple(byday.split(",")), time.fromisoformat(opens), time.fromisoformat(closes), zone, **told)


def at(text: str, zone: str = "America/Chicago", *, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


def test_it_is_open_from_the_first_minute_to_before_the_last() -> None:
    office = [hours("MO,TU", "09:00", "17:00")]

    assert [is_open(office, at(f"2026-11-23T{clock}")) for clock in ("08:59", "09:00", "16:59", "17:00")] == [
        False,
        True,
        True,
        False,
    ]
    assert next_opening(office, at("2026-11-24T09:00")) == at("2026-11-30T09:00")
    assert next_opening(office, at("2026-11-24T08:59")) == at("2026-11-24T09:00")


def test_hours_past_midnight_belong_to_the_day_they_begin() -> None:
    night = [hours("FR", "22:00", "02:00")]

    assert is_open(night, at("2026-11-28T01:59"))  # Saturday
    assert not is_open(night, at("2026-11-27T01:59"))
    assert not is_open(night, at("2026-11-28T02:00"))


def test_a_whole_day_has_no_gap_at_midnight_even_when_the_clock_changes() -> None:
    always = [hours(",".join(DAYS), "00:00", "00:00")]
    start = at("2026-10-31T12:00")

    assert all(is_open(always, start + timedelta(minutes=17 * step)) for step in range(170))


def test_a_week_that_ends_keeps_the_wall_clock_when_the_clock_goes_back() -> None:
    """1 November 2026: 09:00 in Chicago is 14:00 UTC on Saturday and 15:00 UTC on Sunday."""
    daily = [hours(",".join(DAYS), "09:00", "10:00")]

    assert next_opening(daily, at("2026-10-31T00:00")) == datetime(2026, 10, 31, 14, tzinfo=UTC)
    assert next_opening(daily, at("2026-10-31T10:00")) == datetime(2026, 11, 1, 15, tzinfo=UTC)


def test_of_two_equal_times_hours_begin_with_the_first_and_end_with_the_second() -> None:
    twice = [hours("SU", "01:15", "01:45")]

    assert is_open(twice, at("2026-11-01T01:15", fold=0))
    assert is_open(twice, at("2026-11-01T01:44", fold=1))
    assert is_open(twice, at("2026-11-01T01:50", fold=0))
    assert not is_open(twice, at("2026-11-01T01:45", fold=1))


def test_a_time_that_is_skipped_is_the_jump() -> None:
    """8 March 2026: from 02:00 to 03:00 there is no clock in Chicago."""
    early = [hours("SU", "01:00", "02:30")]
    late = [hours("SU", "02:30", "04:00")]
    inside = [hours("SU", "02:10", "02:50")]
    jump = datetime(2026, 3, 8, 8, tzinfo=UTC)

    assert is_open(early, jump - timedelta(seconds=1))
    assert not is_open(early, jump)
    assert next_opening(late, jump - timedelta(hours=3)) == jump
    assert next_opening(inside, jump - timedelta(hours=3)) == at("2026-03-15T02:10")


def test_monthly_hours_name_the_days_of_the_month() -> None:
    group = [hours("2TU,-1FR", "18:00", "19:00", freq="MONTHLY")]

    assert next_opening(group, at("2026-11-01T00:00")) == at("2026-11-10T18:00")
    assert next_opening(group, at("2026-11-11T00:00")) == at("2026-11-27T18:00")
    assert next_opening(group, at("2026-11-28T00:00")) == at("2026-12-08T18:00")


@pytest.mark.parametrize(("freq", "expected"), [("WEEKLY", "2026-12-02"), ("MONTHLY", "2027-01-06")])
def test_every_other_week_or_month_counts_from_the_first_day(freq, expected) -> None:
    byday = "WE" if freq == "WEEKLY" else "1WE"
    group = [hours(byday, "18:00", "19:00", freq=freq, interval=2, valid_from=date(2026, 11, 2))]

    assert next_opening(group, at("2026-11-04T12:00")) == at("2026-11-04T18:00")
    assert next_opening(group, at("2026-11-04T18:00")) == at(
        f"{expected}T18:00" if freq == "MONTHLY" else "2026-11-18T18:00"
    )
    if freq == "WEEKLY":
        assert next_opening(group, at("2026-11-18T18:00")) == at(f"{expected}T18:00")


def test_hours_hold_from_their_first_day_to_their_last() -> None:
    season = [hours("MO", "09:00", "17:00", valid_from=date(2026, 11, 30), valid_to=date(2026, 12, 7))]

    assert next_opening(season, at("2026-11-23T00:00")) == at("2026-11-30T09:00")
    assert is_open(season, at("2026-12-07T12:00"))
    assert next_opening(season, at("2026-12-07T09:00")) is None
    assert times_of_week(season, date(2026, 12, 7)) == {"weekday"}
    assert times_of_week(season, date(2026, 12, 8)) == frozenset()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (hours("MO", "09:00", "17:00"), {"weekday"}),
        (hours("MO", "09:00", "17:01"), {"weekday", "evening"}),
        (hours("FR", "17:00", "21:00"), {"evening"}),
        (hours("SA,SU", "09:00", "12:00"), {"weekend"}),
        (hours("FR", "22:00", "02:00"), {"evening", "weekend"}),
        (hours("FR", "22:00", "00:00"), {"evening"}),
        (hours("TH", "22:00", "02:00"), {"evening"}),
        (hours("1MO", "18:00", "19:00", freq="MONTHLY"), {"evening"}),
        (hours(",".join(DAYS), "00:00", "00:00"), {"weekday", "evening", "weekend"}),
    ],
)
def test_at_which_times_of_the_week(line, expected) -> None:
    assert times_of_week([line], date(2026, 11, 23)) == expected


@pytest.mark.parametrize(
    ("line", "part"),
    [
        (hours("XX", "09:00", "10:00"), "byday"),
        (hours("MO,MO", "09:00", "10:00"), "byday"),
        (hours("2MO", "09:00", "10:00"), "Only monthly"),
        (hours("MO", "09:00", "10:00", freq="DAILY"), "freq"),
        (hours("MO", "09:00", "10:00", interval=0), "interval"),
        (hours("MO", "09:00", "10:00", interval=2), "valid_from"),
        (hours("MO", "09:00", "10:00", valid_from=date(2026, 1, 2), valid_to=date(2026, 1, 1)), "valid_to"),
        (Hours("WEEKLY", (), time(9), time(10), "UTC"), "byday"),
    ],
)
def test_what_does_not_fit_is_said(line, part) -> None:
    (sentence,) = hours_refusals(line)
    assert part in sentence


@settings(max_examples=60, deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    days=st.sets(st.sampled_from(DAYS), min_size=1),
    opens=st.integers(0, 95),
    closes=st.integers(0, 95),
    begin=st.integers(0, 365 * 24 * 4),
)
def test_the_next_opening_is_the_first_quarter_of_an_hour_that_the_clock_on_the_wall_shows(
    zone, days, opens, closes, begin
) -> None:
    """Brute force: walk the quarters of the next nine days, and look at the wall."""
    first, last = (time(quarter // 4, quarter % 4 * 15) for quarter in (opens, closes))
    line = Hours("WEEKLY", tuple(sorted(days)), first, last, zone)
    moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=15 * begin)

    found = next_opening([line], moment)

    wall = (moment + timedelta(minutes=15 * step) for step in range(1, 9 * 96))
    seen = (each for each in wall if _shows(each, line))
    expected = next(seen, None)
    if found is not None and found.astimezone(ZoneInfo(zone)).time() != first:
        return  # a wall time that is skipped opens with the jump, which the walk does not see
    assert found == expected
    assert found is not None
    assert is_open([line], found)


def _shows(moment: datetime, line: Hours) -> bool:
    local = moment.astimezone(ZoneInfo(line.timezone))
    first_of_two = local.fold == 0
    return first_of_two and local.time() == line.opens_at and DAYS[local.weekday()] in line.byday

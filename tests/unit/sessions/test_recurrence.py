"""By which rules sessions come again: which are taken, which days they name, and at which moment (CHK-02, F9)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casemgmt.sessions.rules.recurrence import Recurrence, RuleInvalid, local_day, moment_of

ZONES = sorted(available_timezones() - {"Factory", "localtime"})
MONDAY = date(2027, 2, 1)


def days(rule: str, *, since: date = MONDAY, count: int = 4) -> list[str]:
    found = Recurrence(rule, since).days(until=since + timedelta(days=800))
    return [str(day) for day, _ in zip(found, range(count), strict=False)]


def test_rules_name_the_days_that_they_say() -> None:
    """F9."""
    assert days("FREQ=DAILY;COUNT=2") == ["2027-02-01", "2027-02-02"]
    assert days("FREQ=WEEKLY;BYDAY=MO,WE") == ["2027-02-01", "2027-02-03", "2027-02-08", "2027-02-10"]
    assert days("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH") == ["2027-02-02", "2027-02-04", "2027-02-16", "2027-02-18"]
    assert days("FREQ=MONTHLY;BYDAY=1MO,-1FR") == ["2027-02-01", "2027-02-26", "2027-03-01", "2027-03-26"]
    assert days("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", count=2) == ["2027-02-26", "2027-03-31"]
    assert days("FREQ=MONTHLY;BYMONTHDAY=31", count=2) == ["2027-03-31", "2027-05-31"]


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "BYDAY=MO",
        "FREQ=SECONDLY",
        "FREQ=MINUTELY",
        "FREQ=HOURLY",
        "FREQ=YEARLY",
        "freq=daily",
        "FREQ=DAILY;FREQ=WEEKLY",
        "FREQ=DAILY;UNTIL=20270301",
        "FREQ=DAILY;BYHOUR=3",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;COUNT=0",
        "FREQ=DAILY;INTERVAL=7;BYDAY=TU",
        "FREQ=WEEKLY;BYDAY=1MO",
        "FREQ=WEEKLY;BYMONTHDAY=3",
        "FREQ=MONTHLY;BYMONTHDAY=13;BYDAY=FR",
        "FREQ=MONTHLY;BYDAY=1MO;BYSETPOS=2",
        "FREQ=MONTHLY;BYMONTHDAY=31;INTERVAL=12",
        "FREQ=DAILY\nDTSTART:20270101T000000",
    ],
)
def test_what_is_no_rule_of_ours_is_refused(rule) -> None:
    """F9: also what might be searched for ever."""
    with pytest.raises(RuleInvalid):
        Recurrence(rule, MONDAY)


rules = st.builds(
    lambda freq, every, day, count: ";".join(
        part for part in (freq, f"INTERVAL={every}" if every > 1 else "", day if every == 1 else "", count) if part
    ),
    st.sampled_from(["FREQ=DAILY", "FREQ=WEEKLY", "FREQ=MONTHLY"]),
    st.integers(1, 5),
    st.sampled_from(["", "BYDAY=MO,TH", "BYDAY=SU"]),
    st.sampled_from(["", "COUNT=40"]),
)


@given(rule=rules, start=st.dates(date(2026, 1, 1), date(2030, 1, 1)), ahead=st.integers(0, 300))
@settings(max_examples=200, deadline=None)
def test_what_follows_from_a_day_on_names_the_same_days(rule, start, ahead) -> None:
    """F9: "this and following" keeps every second week the same weeks, and a count what is left of it."""
    whole = Recurrence(rule, start)
    day, until = start + timedelta(days=ahead), start + timedelta(days=2000)
    left = list(whole.days(since=day, until=until))

    if not left:
        with pytest.raises(RuleInvalid):
            whole.from_day(day)
        return
    rest = whole.from_day(day)

    assert list(rest.days(until=until)) == left
    assert rest.starts_on == left[0]


def wall(moment: datetime, zone: str) -> datetime:
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


@given(
    zone=st.sampled_from(ZONES),
    day=st.dates(date(2026, 1, 1), date(2037, 1, 1)),
    at=st.times().map(lambda each: each.replace(second=0, microsecond=0)),
)
@settings(max_examples=400, deadline=None)
def test_the_wall_clock_is_kept_whatever_the_clocks_do(zone, day, at) -> None:
    """CHK-02: a skipped time becomes the first valid minute after it; of a time shown twice the first pass counts."""
    moment, wanted = moment_of(day, local_time=at, timezone=zone), datetime.combine(day, at)

    assert moment.tzinfo is UTC
    if wall(moment, zone) == wanted:
        assert wall(moment - timedelta(minutes=30), zone) != wanted
        assert wall(moment - timedelta(hours=1), zone) != wanted
    else:
        assert wall(moment, zone) > wanted
        assert wall(moment - timedelta(minutes=1), zone) < wanted
    assert local_day(moment, timezone=zone) >= day


@pytest.mark.parametrize(
    ("zone", "day", "at", "instant"),
    [
        ("America/Chicago", date(2027, 3, 14), time(2, 30), "2027-03-14T08:00"),  # skipped: 3:00
        ("America/Chicago", date(2027, 11, 7), time(1, 30), "2027-11-07T06:30"),  # twice: the first
        ("Australia/Lord_Howe", date(2026, 10, 4), time(2, 10), "2026-10-03T15:30"),  # skipped by half an hour
        ("America/Chicago", date(2027, 3, 15), time(9), "2027-03-15T14:00"),
    ],
)
def test_moments_worked_out_by_hand(zone, day, at, instant) -> None:
    """CHK-02."""
    assert f"{moment_of(day, local_time=at, timezone=zone):%Y-%m-%dT%H:%M}" == instant

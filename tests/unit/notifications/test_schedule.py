"""When check-ins are due: each local day and slot exactly once, whatever the clocks do (CHK-02, F16)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casemgmt.kernel.wall_time import first_instant
from notifications.schedule import Cadence, Occurrence, daily, every, occurrences, weekly

NEW_YORK = ZoneInfo("America/New_York")
NINE, NOON, EVENING = 9 * 60, 12 * 60, 18 * 60 + 30
ZONES = sorted(name for name in available_timezones() if not name.startswith(("posix/", "right/", "localtime")))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def due(
    cadence: Cadence, start: str, until: str, *, since: str | None = None, last: str | None = None
) -> list[Occurrence]:
    return list(
        occurrences(
            cadence,
            zone=NEW_YORK,
            start=date.fromisoformat(start),
            since=at(since or "2020-01-01"),
            until=at(until),
            last=date.fromisoformat(last) if last else None,
        )
    )


def test_every_day_at_two_times() -> None:
    assert due(daily(NINE, EVENING), "2027-06-07", "2027-06-08T20:00") == [
        Occurrence(date(2027, 6, 7), 0, at("2027-06-07T13:00")),
        Occurrence(date(2027, 6, 7), 1, at("2027-06-07T22:30")),
        Occurrence(date(2027, 6, 8), 0, at("2027-06-08T13:00")),
    ]


def test_weekly_on_given_days() -> None:
    found = due(weekly(frozenset({1, 4}), NOON), "2027-06-08", "2027-06-22")

    assert [occurrence.local_date.isoformat() for occurrence in found] == [
        "2027-06-10",
        "2027-06-14",
        "2027-06-17",
        "2027-06-21",
    ]


def test_every_third_day_counts_from_the_start_wherever_we_look_from() -> None:
    whole = due(every(3, NOON), "2027-06-07", "2027-07-07")

    assert [occurrence.local_date.day for occurrence in whole] == [7, 10, 13, 16, 19, 22, 25, 28, 1, 4]
    assert due(every(3, NOON), "2027-06-07", "2027-07-07", since="2027-06-20") == whole[5:]


def test_the_limits_are_since_inclusive_and_until_exclusive_and_the_last_day() -> None:
    first, second = due(daily(NINE), "2027-06-07", "2027-06-09")

    assert due(daily(NINE), "2027-06-07", "2027-06-08T13:00", since="2027-06-07T13:00") == [first]
    assert due(daily(NINE), "2027-06-07", "2027-06-08T13:01", since="2027-06-07T13:01") == [second]
    assert due(daily(NINE), "2027-06-07", "2027-07-01", last="2027-06-07") == [first]
    assert due(daily(NINE), "2027-06-07", "2027-06-01") == []


@pytest.mark.parametrize(
    ("day", "minutes", "instant"),
    [
        ("2027-03-13", 9 * 60, "2027-03-13T14:00"),
        ("2027-03-14", 9 * 60, "2027-03-14T13:00"),
        ("2027-03-14", 1 * 60 + 59, "2027-03-14T06:59"),
        ("2027-03-14", 2 * 60, "2027-03-14T07:00"),  # skipped: the first valid instant after
        ("2027-03-14", 2 * 60 + 30, "2027-03-14T07:00"),
        ("2027-03-14", 3 * 60, "2027-03-14T07:00"),
        ("2027-11-07", 1 * 60 + 30, "2027-11-07T05:30"),  # shown twice: the first pass
        ("2027-11-07", 2 * 60, "2027-11-07T07:00"),
    ],
)
def test_wall_time_in_new_york(day: str, minutes: int, instant: str) -> None:
    assert first_instant(date.fromisoformat(day), minutes, NEW_YORK) == at(instant)


def test_a_day_that_a_zone_left_out_falls_on_the_first_instant_after_it() -> None:
    assert first_instant(date(2011, 12, 30), NINE, ZoneInfo("Pacific/Apia")) == at("2011-12-30T10:00")


@pytest.mark.parametrize(
    "wrong",
    [
        {"slots": ()},
        {"slots": (1440,)},
        {"slots": (-1,)},
        {"slots": (1, 1)},
        {"slots": (1,), "weekdays": frozenset()},
        {"slots": (1,), "weekdays": frozenset({0})},
        {"slots": (1,), "every_days": 0},
    ],
)
def test_a_cadence_that_never_happens_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"cadence|weekdays"):
        Cadence(**wrong)  # type: ignore[arg-type]


@settings(max_examples=150, deadline=None)
@given(
    zone=st.sampled_from(ZONES).map(ZoneInfo),
    start=st.dates(date(2024, 1, 1), date(2030, 11, 1)),
    quarters=st.sets(st.integers(0, 95), min_size=1, max_size=6),
)
def test_each_local_day_and_slot_comes_exactly_once_in_any_zone(
    zone: ZoneInfo, start: date, quarters: set[int]
) -> None:
    cadence = daily(*(quarter * 15 for quarter in sorted(quarters)))
    days = [start + timedelta(days=offset) for offset in range(40)]
    since, until = first_instant(start, 0, zone), first_instant(days[-1] + timedelta(days=2), 0, zone)

    found = list(occurrences(cadence, zone=zone, start=start, since=since, until=until, last=days[-1]))

    keys = [(occurrence.local_date, occurrence.slot) for occurrence in found]
    assert keys == [(day, slot) for day in days for slot in range(len(quarters))]
    for occurrence in found:
        wall = occurrence.due_at.astimezone(zone).replace(tzinfo=None)
        wanted = datetime.combine(occurrence.local_date, time()) + timedelta(minutes=cadence.slots[occurrence.slot])
        assert wall == wanted or (wall > wanted and _is_after_a_gap(occurrence.due_at, zone))
    assert all(one.due_at <= other.due_at for one, other in pairwise(found))


def _is_after_a_gap(instant: datetime, zone: ZoneInfo) -> bool:
    before, after = (instant - timedelta(seconds=1)).astimezone(zone), instant.astimezone(zone)
    return after.utcoffset() > before.utcoffset()  # type: ignore[operator]


def test_greenland_skips_its_last_hour_and_the_day_keeps_its_check_in() -> None:
    nuuk, day = ZoneInfo("America/Nuuk"), date(2027, 3, 27)
    since = first_instant(day + timedelta(days=1), 0, nuuk)

    found = list(occurrences(daily(23 * 60 + 30), zone=nuuk, start=day, since=since, until=since + timedelta(hours=1)))

    assert found == [Occurrence(day, 0, since)]


@pytest.mark.parametrize("day", [date(2027, 3, 14), date(2027, 11, 7), date(2027, 6, 7)])
def test_looking_in_pieces_finds_the_same_as_looking_at_once(day: date) -> None:
    cadence, start = daily(30, 150, NINE, 1439), day - timedelta(days=2)
    hours = [at(f"{start}T00:00") + timedelta(hours=hour) for hour in range(24 * 5 + 1)]

    pieces = [
        occurrence
        for since, until in pairwise(hours)
        for occurrence in occurrences(cadence, zone=NEW_YORK, start=start, since=since, until=until)
    ]

    assert pieces == list(occurrences(cadence, zone=NEW_YORK, start=start, since=hours[0], until=hours[-1]))


@settings(max_examples=100, deadline=None)
@given(before=st.sampled_from(ZONES).map(ZoneInfo), after=st.sampled_from(ZONES).map(ZoneInfo), hour=st.integers(0, 23))
def test_a_change_of_zone_doubles_no_key(before: ZoneInfo, after: ZoneInfo, hour: int) -> None:
    start, moment = date(2027, 6, 7), datetime(2027, 6, 9, hour, tzinfo=UTC)
    cadence, horizon = daily(NINE, EVENING), datetime(2027, 6, 14, tzinfo=UTC)

    old = list(occurrences(cadence, zone=before, start=start, since=at("2027-06-05"), until=moment))
    new = list(occurrences(cadence, zone=after, start=start, since=moment, until=horizon))
    kept = {(occurrence.local_date, occurrence.slot): occurrence for occurrence in [*new, *old]}

    assert all(sum(key[0] == day for key in kept) <= 2 for day in {key[0] for key in kept})
    assert len({(occurrence.local_date, occurrence.slot) for occurrence in new}) == len(new)

"""R7, F16: one check-in per local day in every zone there is, whatever the clocks do, and none in quiet hours.

Days on which the clocks change are tried whole: every zone, every change from 2024 to 2030, the days about it and
96 slots. All other days are alike; hypothesis picks among them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from hypothesis import given, settings
from hypothesis import strategies as st

from casemgmt.kernel.wall_time import first_instant
from notifications.quiet_hours import DEFAULT_WINDOW, Closed, Open, evaluate
from notifications.schedule import daily, occurrences

FIRST, LAST = datetime(2024, 1, 1, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC)
SLOTS = tuple(range(0, 24 * 60, 15))
ZONES = sorted(available_timezones() - {"localtime"})
AN_HOUR = timedelta(hours=1)


@cache
def clock_of(name: str) -> tuple[tuple[datetime, timedelta | None], ...]:
    """Return each day on which a zone's clock changes and how it stands then; zones that agree are tried once.

    No clock changes and changes back within the week that is looked past.
    """
    zone = ZoneInfo(name)
    found = [(FIRST, FIRST.astimezone(zone).utcoffset())]
    for week in range((LAST - FIRST).days // 7 + 1):
        ends = FIRST + timedelta(weeks=week + 1)
        if ends.astimezone(zone).utcoffset() == found[-1][1]:
            continue
        moments = (ends - timedelta(days=back) for back in range(7, -1, -1))
        changed = next(each for each in moments if each.astimezone(zone).utcoffset() != found[-1][1])
        found.append((changed, changed.astimezone(zone).utcoffset()))
    return tuple(found)


def changing_days() -> Iterator[tuple[ZoneInfo, date]]:
    """Yield each day about each change, once for all zones whose clocks stand alike."""
    distinct = {clock_of(name): name for name in ZONES}
    for changes, name in distinct.items():
        for moment, _ in changes[1:]:
            day = moment.astimezone(ZoneInfo(name)).date()
            for away in (-1, 0, 1):
                yield ZoneInfo(name), day + timedelta(days=away)


def wall(instant: datetime, zone: ZoneInfo) -> datetime:
    return instant.astimezone(zone).replace(tzinfo=None)


def expected(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    """Return the instant by looking, not by computing: the first at which the wall clock shows that time or later."""
    shown = datetime.combine(day, time()) + timedelta(minutes=minutes)
    near = shown.replace(tzinfo=UTC) - timedelta(hours=15)
    instant, step = near, timedelta(minutes=15)
    while wall(instant, zone) < shown:
        instant += step
    return instant


def test_every_day_on_which_a_clock_changes_has_each_slot_once() -> None:
    tried = 0
    for zone, day in changing_days():
        begins = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=40)
        found = list(
            occurrences(daily(*SLOTS), zone=zone, start=day, last=day, since=begins, until=begins + timedelta(days=5))
        )
        assert [(each.local_date, each.slot) for each in found] == [(day, slot) for slot in range(96)], (zone, day)
        assert all(earlier.due_at <= later.due_at for earlier, later in zip(found, found[1:], strict=False)), zone
        for each, minutes in zip(found, SLOTS, strict=True):
            assert wall(each.due_at, zone) >= datetime.combine(day, time()) + timedelta(minutes=minutes)
        tried += 1
    assert tried > 1000


def test_a_skipped_time_is_the_first_minute_after_and_a_repeated_one_the_first_pass() -> None:
    for zone, day in changing_days():
        for minutes in (0, 60, 75, 120, 135, 150, 180):
            assert first_instant(day, minutes, zone) == expected(day, minutes, zone), (zone, day, minutes)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(ZONES), st.dates(date(2024, 1, 1), date(2030, 12, 31)), st.sampled_from(SLOTS))
def test_any_day_of_any_zone_has_it_once_at_its_wall_time(name: str, day: date, minutes: int) -> None:
    zone = ZoneInfo(name)
    begins = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(days=2)

    found = list(
        occurrences(daily(minutes), zone=zone, start=day, last=day, since=begins, until=begins + 5 * AN_HOUR * 24)
    )

    assert [(each.local_date, each.slot) for each in found] == [(day, 0)]
    assert (
        timedelta(0)
        <= wall(found[0].due_at, zone) - datetime.combine(day, time()) - timedelta(minutes=minutes)
        <= 3 * AN_HOUR
    )


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(ZONES), st.dates(date(2024, 1, 1), date(2030, 12, 31)), st.sampled_from(SLOTS))
def test_what_is_due_goes_when_the_window_is_open_or_waits_until_it_is(name: str, day: date, minutes: int) -> None:
    zone = ZoneInfo(name)
    at = first_instant(day, minutes, zone)

    answer = evaluate(
        at, zones=frozenset({name}), states=frozenset(), organization_window=DEFAULT_WINDOW, client_window=None
    )

    goes = answer.next_open if isinstance(answer, Closed) else at
    assert isinstance(answer, Open | Closed)
    assert goes is not None
    local = wall(goes, zone)
    assert 9 <= local.hour < 20
    assert timedelta(0) <= goes - at <= timedelta(hours=16)

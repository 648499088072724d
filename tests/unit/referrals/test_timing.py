"""Clocks of referrals against a minute-by-minute count, pauses included (rules.md §9, F3). No database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casemgmt.calendars.rules import Calendar
from casemgmt.policies.catalog import Policy
from referrals.timing import Clock, Milestone, Running, allowance

MINUTE, DAY = timedelta(minutes=1), timedelta(hours=8)
OFFICE = Calendar("America/New_York")
ALL = [Milestone.WARN, Milestone.BREACH, Milestone.ESCALATE, Milestone.EXPIRE]


def is_open(calendar: Calendar, at: datetime) -> bool:
    local = at.astimezone(ZoneInfo(calendar.timezone))
    minute = local.hour * 60 + local.minute
    return not calendar.is_closed(local.date()) and any(a <= minute < b for a, b in calendar.week[local.weekday()])


def simulated(calendar: Calendar, start: datetime, allowed: int, pauses: list[tuple[int, int]]) -> dict[str, datetime]:
    """Walk minute by minute and note when each share of the allowance was used up; paused minutes use none."""
    wanted = {Milestone.WARN: allowed * 0.75, Milestone.BREACH: allowed, Milestone.ESCALATE: allowed * 1.5}
    found: dict[str, datetime] = {}
    used, now = 0, start
    while len(found) < len(wanted):
        passed = int((now - start) / MINUTE)
        if is_open(calendar, now) and not any(begins <= passed < ends for begins, ends in pauses):
            used += 1
        now += MINUTE
        for milestone, after in wanted.items():
            if used >= after and milestone not in found:
                found[milestone] = now
    return found


def counted(calendar: Calendar, start: datetime, allowed: int, pauses: list[tuple[int, int]]) -> dict[str, datetime]:
    """Run the clock as the room does: each milestone is taken when it comes, a pause banks what was used."""
    found: dict[str, datetime] = {}
    running = Running(MINUTE * allowed, None, timedelta(0), start, frozenset())
    for begins, ends in [*pauses, (10**9, 10**9)]:
        until = start + MINUTE * min(begins, 10**8)
        while (upcoming := running.next(calendar)) is not None and upcoming[1] <= until:
            found[upcoming[0]] = upcoming[1]
            running = Running(running.allowed, None, running.used, running.since, running.told | {upcoming[0]})
        if running.next(calendar) is None:
            break
        used = running.used_by(until, calendar)
        running = Running(running.allowed, None, used, start + MINUTE * ends, running.told)
    return found


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([datetime(2026, 3, 6, 12, tzinfo=UTC), datetime(2026, 10, 30, 9, tzinfo=UTC)]),
    st.integers(0, 6 * 24 * 60),
    st.integers(1, 300).map(lambda quarters: quarters * 4),
    st.lists(st.integers(1, 12 * 24 * 60), unique=True, max_size=4).map(sorted),
    st.sampled_from(["America/New_York", "America/Phoenix", "Australia/Lord_Howe"]),
)
def test_milestones_come_when_a_clock_on_the_wall_says_so(begin, later, allowed, edges, zone) -> None:
    """§9: across weekends, holidays, clock changes and questions that were waited for."""
    calendar, start = Calendar(zone), begin + MINUTE * later
    pauses = list(zip(edges[::2], edges[1::2], strict=False))

    assert counted(calendar, start, allowed, pauses) == simulated(calendar, start, allowed, pauses)


@pytest.mark.parametrize(
    ("kind", "urgency", "allowed", "lasting"),
    [
        (Clock.ACKNOWLEDGE, "routine", DAY, None),
        (Clock.ACKNOWLEDGE, "urgent", timedelta(hours=4), None),
        (Clock.DECIDE, "routine", DAY * 3, DAY * 10),
        (Clock.DECIDE, "urgent", DAY, DAY * 10),
        (Clock.FIRST_VISIT, "routine", DAY * 5, None),
        (Clock.FIRST_VISIT, "urgent", DAY, None),
        (Clock.CLOSE_LOOP, "routine", DAY * 21, None),
    ],
)
def test_each_clock_is_given_what_the_rule_book_says(kind, urgency, allowed, lasting) -> None:
    """§9, timers."""
    found = allowance(kind, urgency=urgency, policy=Policy(), calendar=OFFICE)

    assert (found.allowed, found.lasting) == (allowed, lasting)


def test_milestones_come_in_their_order_and_the_end_never_before_the_escalation() -> None:
    start, told, seen = datetime(2026, 3, 2, 14, tzinfo=UTC), frozenset(), []
    for _ in ALL:
        upcoming = Running(DAY * 10, DAY * 3, timedelta(0), start, told).next(OFFICE)
        assert upcoming is not None
        seen.append(upcoming)
        told |= {upcoming[0]}

    assert [milestone for milestone, _ in seen] == ALL
    assert [at for _, at in seen] == sorted(at for _, at in seen)
    assert Running(DAY * 10, DAY * 3, timedelta(0), start, told).next(OFFICE) is None

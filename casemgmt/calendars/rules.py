"""Time counted in an organization's open hours (rules.md §9: business hours and business days). Pure.

A moment is open when the wall clock in the organization's zone shows an open hour of a day that is not closed. So an
hour that a clock change repeats counts twice and one that it skips counts not at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_MINUTES = 24 * 60
Span = tuple[int, int]  # minutes since local midnight, half-open
Week = tuple[tuple[Span, ...], ...]  # seven, from Monday

OFFICE_HOURS: Week = (((9 * 60, 17 * 60),),) * 5 + ((),) * 2
FURTHEST = 3 * 366  # days that are looked through for an open hour
# Every way a clock stands lies between UTC-12 and UTC+14, so these hours about a day hold it whole.
BEFORE, AFTER = timedelta(hours=15), timedelta(hours=39)

_FEDERAL = holidays.country_holidays("US")


class NeverOpen(ValueError):
    """The calendar has no open hour within three years."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """When an organization works. `closures`: days closed (True) or open after all (False), over week and holidays."""

    timezone: str  # IANA name
    week: Week = OFFICE_HOURS
    federal_holidays: bool = True  # closed on them and on the days they are observed
    closures: dict[date, bool] = field(default_factory=dict)

    def is_closed(self, day: date) -> bool:
        """True when nobody works on a local day, whatever the week says."""
        told = self.closures.get(day)
        if told is not None:
            return told
        return self.federal_holidays and day in _FEDERAL

    @property
    def business_day(self) -> timedelta:
        """How much open time one business day stands for: what the open days of the week have on average."""
        lengths = [sum(closes - opens for opens, closes in spans) for spans in self.week if spans]
        return timedelta(minutes=sum(lengths) / len(lengths))


def moment_after(calendar: Calendar, start: datetime, amount: timedelta) -> datetime:
    """Return when `amount` of open time has passed since `start` (both aware UTC), at the earliest.

    Raises NeverOpen.
    """
    left = amount
    if left <= timedelta(0):
        return start
    for opens, closes in _open_from(calendar, start):
        if closes - opens >= left:
            return opens + left
        left -= closes - opens
    raise NeverOpen(calendar.timezone)


def open_time(calendar: Calendar, start: datetime, end: datetime) -> timedelta:
    """Return how much open time lies between two moments (aware UTC); none when `end` is not after `start`."""
    total = timedelta(0)
    for opens, closes in _open_from(calendar, start):
        if opens >= end:
            break
        total += min(closes, end) - opens
    return total


def next_opening(calendar: Calendar, at: datetime) -> datetime:
    """Return `at` when it is open, else the next opening after it (aware UTC). Raises NeverOpen."""
    for opens, _ in _open_from(calendar, at):
        return opens
    raise NeverOpen(calendar.timezone)


def end_of_next_day(calendar: Calendar, at: datetime) -> datetime:
    """Return when the next business day after the local day of `at` closes (aware UTC). Raises NeverOpen."""
    today = at.astimezone(ZoneInfo(calendar.timezone)).date()
    for count in range(1, FURTHEST):
        spans = _open_on(calendar, today + timedelta(days=count))
        if spans:
            return spans[-1][1]
    raise NeverOpen(calendar.timezone)


def _open_from(calendar: Calendar, start: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield the open stretches after `start` in order, the first one cut at `start`."""
    first = start.astimezone(ZoneInfo(calendar.timezone)).date()
    for count in range(FURTHEST):
        day = first + timedelta(days=count)
        for opens, closes in _open_on(calendar, day):
            if closes > start:
                yield max(opens, start), closes


def _open_on(calendar: Calendar, day: date) -> list[tuple[datetime, datetime]]:
    """Return the open stretches of a local day in order."""
    spans = calendar.week[day.weekday()]
    if not spans or calendar.is_closed(day):
        return []
    midnight = datetime.combine(day, time(), tzinfo=UTC)
    found = []
    for begins, ends, offset in _standing(calendar.timezone, day):
        for opens, closes in spans:
            from_ = max(begins, midnight + timedelta(minutes=opens) - offset)
            until = min(ends, midnight + timedelta(minutes=closes) - offset)
            if from_ < until:
                found.append((from_, until))
    return sorted(found)


@lru_cache(maxsize=4096)
def _standing(timezone: str, day: date) -> tuple[tuple[datetime, datetime, timedelta], ...]:
    """Return how the clock stands about a local day: stretches (aware UTC) with their offset from UTC."""
    zone = ZoneInfo(timezone)
    midnight = datetime.combine(day, time(), tzinfo=UTC)
    begins, ends = midnight - BEFORE, midnight + AFTER
    before, after = _offset(zone, begins), _offset(zone, ends)
    if before == after:
        return ((begins, ends, before),)
    low, high = begins, ends  # the clock changes between them, once
    while high - low > timedelta(seconds=1):
        middle = (low + (high - low) / 2).replace(microsecond=0)
        low, high = (middle, high) if _offset(zone, middle) == before else (low, middle)
    return ((begins, high, before), (high, ends, after))


def _offset(zone: ZoneInfo, at: datetime) -> timedelta:
    offset = at.astimezone(zone).utcoffset()
    assert offset is not None  # a zone always has one
    return offset

"""When a check-in is due: local days and slots of a cadence, as UTC instants. Pure: no clock, no database.

An occurrence is known by (plan, local date, slot), never by its instant: a change of zone or of the clocks moves it
but cannot double it (CHK-02).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from casemgmt.kernel.wall_time import first_instant
from casemgmt.sessions.rules.recurrence import Recurrence

HORIZON = timedelta(days=14)  # how far ahead occurrences may be written (CHK-02)
EVERY_WEEKDAY = frozenset(range(1, 8))


@dataclass(frozen=True, kw_only=True)
class Cadence:
    """On which local days, and at which local times of those days.

    `slots` are minutes after local midnight; the place in the tuple is the slot's number. `weekdays` are ISO (Monday
    is 1). `every_days` counts from the first day of the plan. Raises ValueError for a cadence without occurrences.
    """

    slots: tuple[int, ...]
    weekdays: frozenset[int] = EVERY_WEEKDAY
    every_days: int = 1

    def __post_init__(self) -> None:
        if not self.slots or not all(0 <= slot < 24 * 60 for slot in self.slots):
            raise ValueError("a cadence has at least one time of day")
        if len(set(self.slots)) < len(self.slots):
            raise ValueError("each time of day may stand in a cadence once")
        if not self.weekdays or not self.weekdays <= EVERY_WEEKDAY:
            raise ValueError("weekdays are 1 (Monday) to 7 (Sunday)")
        if self.every_days < 1:
            raise ValueError("a cadence repeats after at least one day")

    def falls_on(self, day: date, *, start: date) -> bool:
        """Say whether that local day has check-ins, in a plan that begins on `start`."""
        since = (day - start).days
        return since >= 0 and since % self.every_days == 0 and day.isoweekday() in self.weekdays

    def days(self, *, start: date, since: date, until: date) -> Iterator[date]:
        """Yield the local days with check-ins from `since` until and with `until`, in a plan that begins on `start`."""
        for count in range((until - since).days + 1):
            day = since + timedelta(days=count)
            if self.falls_on(day, start=start):
                yield day


@dataclass(frozen=True, slots=True)
class Phase:
    """From so many days after a plan began, by this rule (RFC 5545 as far as `Recurrence` takes it)."""

    after_days: int
    rule: str


@dataclass(frozen=True, kw_only=True)
class Course:
    """Check-ins by rules, one phase after the other: a phase lasts until the next one begins (STG-13).

    `slots` as in Cadence. Raises ValueError for a course that makes no sense.
    """

    slots: tuple[int, ...]
    phases: tuple[Phase, ...]

    def __post_init__(self) -> None:
        Cadence(slots=self.slots)
        offsets = [phase.after_days for phase in self.phases]
        if not offsets or any(later <= earlier for earlier, later in pairwise(offsets)):
            raise ValueError("phases of a course follow each other")

    def days(self, *, start: date, since: date, until: date) -> Iterator[date]:
        """Yield the local days with check-ins from `since` until and with `until`, in a plan that begins on `start`."""
        begins = [start + timedelta(days=phase.after_days) for phase in self.phases]
        ends = [*(day - timedelta(days=1) for day in begins[1:]), until]
        for phase, first, last in zip(self.phases, begins, ends, strict=True):
            if first <= until and last >= since:
                yield from Recurrence(phase.rule, first).days(since=since, until=min(last, until))


def daily(*slots: int) -> Cadence:
    """Return the cadence of every day at these times."""
    return Cadence(slots=slots)


def weekly(weekdays: frozenset[int], *slots: int) -> Cadence:
    """Return the cadence of these ISO weekdays at these times."""
    return Cadence(slots=slots, weekdays=weekdays)


def every(days: int, *slots: int) -> Cadence:
    """Return the cadence of every n-th day, counted from the first day of the plan."""
    return Cadence(slots=slots, every_days=days)


@dataclass(frozen=True)
class Occurrence:
    """One planned check-in: its key within the plan, and the UTC instant it is due."""

    local_date: date
    slot: int
    due_at: datetime


def occurrences(
    cadence: Cadence | Course,
    *,
    zone: ZoneInfo,
    start: date,
    since: datetime,
    until: datetime,
    last: date | None = None,
) -> Iterator[Occurrence]:
    """Yield what is due at `since` or later and before `until` (aware UTC), day by day, slot by slot.

    `start` and `last` are the first and the last local day of the plan. Times the clocks skip or repeat are settled
    in kernel/wall_time.py.
    """
    if since.tzinfo is None or until.tzinfo is None:
        raise ValueError("since and until must be aware")
    day = max(start, since.astimezone(zone).date() - timedelta(days=1))  # a skipped evening is due after midnight
    end = until.astimezone(zone).date()
    if last is not None:
        end = min(end, last)
    for each in cadence.days(start=start, since=day, until=end):
        for slot, minutes in enumerate(cadence.slots):
            due_at = first_instant(each, minutes, zone)
            if since <= due_at < until:
                yield Occurrence(each, slot, due_at)

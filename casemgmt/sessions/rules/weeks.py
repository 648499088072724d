"""Weeks of care: their days, whether an enrollment ran through them, and what intensive care asks of them. Pure.

A week is an ISO week named by its Monday, from local midnight to local midnight in the zone of the calendar it is
counted for. Moments are aware UTC.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from casemgmt.kernel.wall_time import first_instant
from casemgmt.policies.catalog import Policy
from programs.rules.kinds import Kind

ONE_WEEK = timedelta(weeks=1)
ADULT_AGE = 18
ACTIVE = "active"


@dataclass(frozen=True, slots=True)
class Stretch:
    """From a moment on, an enrollment stood at a stage."""

    since: datetime
    stage: str


@dataclass(frozen=True, slots=True)
class Week:
    """What was attended in one week, and what was expected. `minimum` in minutes, None where no rule asks for one.

    `counts`: the enrollment was active all of it and it is over, so that its hours may be held against the minimum.
    """

    monday: date
    minutes: int
    sessions: int
    minimum: int | None
    counts: bool

    @property
    def below(self) -> bool:
        """True when fewer hours were attended than intensive care asks for (CLN-02)."""
        return self.counts and self.minimum is not None and self.minutes < self.minimum


def monday_of(day: date) -> date:
    """Return the Monday of a day's ISO week."""
    return day - timedelta(days=day.weekday())


def week_at(moment: datetime, *, zone: str) -> date:
    """Return the Monday of the week that a wall clock of a zone shows at a moment."""
    return monday_of(moment.astimezone(ZoneInfo(zone)).date())


def mondays_back(monday: date, count: int) -> list[date]:
    """Return so many Mondays, this one first, then those before it."""
    return [monday - ONE_WEEK * number for number in range(count)]


def bounds(monday: date, *, zone: str) -> tuple[datetime, datetime]:
    """Return when a week begins and ends in a zone; one in which the clocks change has 167 or 169 hours."""
    begins, ends = (first_instant(day, 0, ZoneInfo(zone)) for day in (monday, monday + ONE_WEEK))
    return begins, ends


def ran_through(ledger: Sequence[Stretch], *, begins: datetime, ends: datetime) -> bool:
    """True when an enrollment was active at every moment of a span, as its ledger (oldest first) tells."""
    before = [each for each in ledger if each.since <= begins]
    within = [each for each in ledger if begins < each.since < ends]
    return bool(before) and all(each.stage == ACTIVE for each in (before[-1], *within))


def minimum_of(kind: str, *, birth_date: date | None, monday: date, policy: Policy) -> int | None:
    """Return the minutes that a week of a program should have at least; None: no rule asks (CLN-02, table 3.1).

    Adolescents are asked fewer; age is that of the week's Monday. Nobody's age is guessed: unknown counts as adult.
    """
    if kind != Kind.IOP:
        return None
    young = birth_date is not None and age_on(monday, birth_date=birth_date) < ADULT_AGE
    return 60 * (policy.iop_adolescent_hours_per_week if young else policy.iop_hours_per_week)


def age_on(day: date, *, birth_date: date) -> int:
    """Return somebody's age in whole years on a day."""
    had_birthday = (day.month, day.day) >= (birth_date.month, birth_date.day)
    return day.year - birth_date.year - (0 if had_birthday else 1)

"""Clocks of a referral: which run when, how long, and when each milestone comes (§9, F3). Pure.

Time is counted in the receiver's open hours (`calendars.rules`); a clock that stands still uses none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import TextChoices

from casemgmt.calendars.rules import Calendar, moment_after, open_time
from casemgmt.policies.catalog import Policy

from .words import Urgency


class Clock(TextChoices):
    """What somebody has so much time for."""

    ACKNOWLEDGE = "acknowledge"  # the receiver opens it
    DECIDE = "decide"  # the receiver answers
    FIRST_VISIT = "first_visit"  # the client is seen
    CLOSE_LOOP = "close_loop"  # the receiver says how it ended


class Milestone(StrEnum):
    """What is told of a clock, once each, in this order."""

    WARN = "warn"  # three quarters are over
    BREACH = "breach"
    ESCALATE = "escalate"  # half as much again
    EXPIRE = "expire"  # nobody will answer any more


WARN_AT, ESCALATE_AT = 0.75, 1.5

START, PAUSE, RESUME, STOP = "start", "pause", "resume", "stop"

# verb -> what it does to which clocks; what ends a referral stops them all
EFFECTS: Mapping[str, Mapping[Clock, str]] = {
    "send": {Clock.ACKNOWLEDGE: START, Clock.DECIDE: START},
    "acknowledge": {Clock.ACKNOWLEDGE: STOP},
    "request_info": {Clock.ACKNOWLEDGE: STOP, Clock.DECIDE: PAUSE},
    "answer_info": {Clock.DECIDE: RESUME},
    "accept": {Clock.ACKNOWLEDGE: STOP, Clock.DECIDE: STOP, Clock.FIRST_VISIT: START},
    "waitlist": {Clock.ACKNOWLEDGE: STOP, Clock.DECIDE: STOP, Clock.FIRST_VISIT: STOP},
    "start": {Clock.FIRST_VISIT: STOP, Clock.CLOSE_LOOP: START},
    "hold": {Clock.CLOSE_LOOP: PAUSE},
    "resume": {Clock.CLOSE_LOOP: RESUME},
}


@dataclass(frozen=True, slots=True)
class Allowance:
    """How much open time a clock has, and after how much the referral expires (None: it does not)."""

    allowed: timedelta
    lasting: timedelta | None = None


def allowance(kind: Clock, *, urgency: str, policy: Policy, calendar: Calendar) -> Allowance:
    """Return what a clock is given, in open time of the receiver's calendar (§9, timers)."""
    day, urgent = calendar.business_day, urgency == Urgency.URGENT
    if kind is Clock.ACKNOWLEDGE:
        hours = timedelta(hours=policy.referral_acknowledge_urgent_hours)
        return Allowance(hours if urgent else day * policy.referral_acknowledge_days)
    if kind is Clock.DECIDE:
        days = policy.referral_decide_urgent_days if urgent else policy.referral_decide_days
        return Allowance(day * days, day * policy.referral_expire_days)
    if kind is Clock.FIRST_VISIT:
        return Allowance(day * (policy.referral_visit_urgent_days if urgent else policy.referral_visit_days))
    return Allowance(day * policy.referral_close_days)


@dataclass(frozen=True, slots=True)
class Running:
    """A clock that runs: what it has, what it had used before `since` (aware UTC), and what was told of it."""

    allowed: timedelta
    lasting: timedelta | None
    used: timedelta
    since: datetime
    told: frozenset[Milestone]

    def due(self, calendar: Calendar) -> datetime:
        """Return when the allowance is used up, as the calendar stands. Raises NeverOpen."""
        return self._when(self.allowed, calendar)

    def next(self, calendar: Calendar) -> tuple[Milestone, datetime] | None:
        """Return the first milestone not told, and when it comes (aware UTC); None when all are told."""
        for milestone, after in self._milestones():
            if milestone not in self.told:
                return milestone, self._when(after, calendar)
        return None

    def used_by(self, at: datetime, calendar: Calendar) -> timedelta:
        """Return how much open time it has used at `at`."""
        return self.used + open_time(calendar, self.since, at)

    def _milestones(self) -> list[tuple[Milestone, timedelta]]:
        after = [
            (Milestone.WARN, self.allowed * WARN_AT),
            (Milestone.BREACH, self.allowed),
            (Milestone.ESCALATE, self.allowed * ESCALATE_AT),
        ]
        if self.lasting is not None:  # §9: the response clock and a reminder have lapsed
            after.append((Milestone.EXPIRE, max(self.lasting, self.allowed * ESCALATE_AT)))
        return after

    def _when(self, after: timedelta, calendar: Calendar) -> datetime:
        return moment_after(calendar, self.since, after - self.used)

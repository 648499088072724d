"""What verbs do to the clocks of a referral, and how a clock stands. Inner (§9, F3)."""

from __future__ import annotations

from datetime import datetime

from casemgmt.calendars.rules import Calendar, NeverOpen
from casemgmt.kernel.transactions import require_atomic
from casemgmt.policies.catalog import Policy

from .models import Referral, ReferralClock
from .timing import EFFECTS, PAUSE, RESUME, START, Clock, Milestone, Running, allowance


def turn(referral: Referral, verb: str, *, at: datetime, calendar: Calendar, policy: Policy) -> None:
    """Start, pause, resume and stop the clocks of a locked referral as a verb says; an end stops them all."""
    require_atomic()
    running = ReferralClock.objects.lock_unstopped(referral.id)
    if not referral.is_open:
        for row in running.values():
            _stop(row, at=at, calendar=calendar)
        return
    for kind, effect in EFFECTS.get(verb, {}).items():
        row = running.get(kind)
        if effect == START and row is None:
            _start(referral, kind, at=at, calendar=calendar, policy=policy)
        elif row is None:
            continue
        elif effect == PAUSE:
            _pause(row, at=at, calendar=calendar)
        elif effect == RESUME:
            _resume(row, at=at, calendar=calendar)
        elif effect != START:
            _stop(row, at=at, calendar=calendar)


def recount(row: ReferralClock, calendar: Calendar) -> None:
    """Set when a running clock is due and when its next milestone comes, as the calendar stands; not saved."""
    running = running_of(row)
    try:
        upcoming = running.next(calendar)
        row.due_at, row.next_at = running.due(calendar), upcoming[1] if upcoming else None
    except NeverOpen:  # nobody works there for years: nothing comes due until the calendar changes
        row.due_at = row.next_at = None


def running_of(row: ReferralClock) -> Running:
    """Return a running clock as timing.py counts it."""
    assert row.running_since is not None
    told = {
        Milestone.WARN: row.warned_at,
        Milestone.BREACH: row.breached_at,
        Milestone.ESCALATE: row.escalated_at,
    }
    known = frozenset(milestone for milestone, when in told.items() if when is not None)
    return Running(row.allowed, row.lasting, row.used, row.running_since, known)


def _start(referral: Referral, kind: Clock, *, at: datetime, calendar: Calendar, policy: Policy) -> None:
    given = allowance(kind, urgency=referral.urgency, policy=policy, calendar=calendar)
    row = ReferralClock(
        referral=referral,
        kind=kind,
        started_at=at,
        running_since=at,
        allowed=given.allowed,
        lasting=given.lasting,
    )
    recount(row, calendar)
    row.save(force_insert=True)


def _pause(row: ReferralClock, *, at: datetime, calendar: Calendar) -> None:
    if row.running_since is None:
        return
    row.used = running_of(row).used_by(at, calendar)
    row.running_since = row.next_at = row.due_at = None
    row.save(update_fields=["used", "running_since", "next_at", "due_at"])


def _resume(row: ReferralClock, *, at: datetime, calendar: Calendar) -> None:
    if row.running_since is not None:
        return
    row.running_since = at
    recount(row, calendar)
    row.save(update_fields=["running_since", "next_at", "due_at"])


def _stop(row: ReferralClock, *, at: datetime, calendar: Calendar) -> None:
    _pause(row, at=at, calendar=calendar)
    row.stopped_at = at
    row.save(update_fields=["stopped_at"])

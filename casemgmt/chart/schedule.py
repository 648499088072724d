"""When things of the chart are due: local days, reviews after a return to use, recovery check-ups. Pure.

Moments are aware UTC; a day is a calendar date in the organization's zone (an IANA name).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from casemgmt.policies.catalog import Policy


def local_day(at: datetime, *, zone: str) -> date:
    """Return the calendar date of a moment in a zone."""
    return at.astimezone(ZoneInfo(zone)).date()


def end_of_day(day: date, *, zone: str) -> datetime:
    """Return the moment at which a local day ends, aware UTC; a day of 23 or 25 hours ends when it does."""
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone)).astimezone(UTC)


def review_due(at: datetime, *, urgent: bool, zone: str, policy: Policy) -> datetime:
    """Return by when a return to use recorded at `at` is reviewed: in the policy's hours, urgent the same day at most
    (CLN-30).
    """
    latest = at + timedelta(hours=policy.return_to_use_review_hours)
    return min(latest, end_of_day(local_day(at, zone=zone), zone=zone)) if urgent else latest


def last_first_checkup(start: date, *, policy: Policy) -> date:
    """Return the last day for the first check-up of aftercare that began on `start` (G9, CLN-20)."""
    return start + timedelta(days=policy.first_checkup_within_days)


def checkup_days(start: date, *, first_on: date | None, policy: Policy) -> list[date]:
    """Return the days of the recovery check-ups of aftercare that began on `start` (CLN-20).

    The first is agreed in the continuing-care plan (`first_on`) where that fits the policy. The others are quarterly
    from the start, but for one that the window of the first covers.
    """
    latest = last_first_checkup(start, policy=policy)
    first = first_on if first_on is not None and start <= first_on <= latest else latest
    span, step = policy.checkup_span_days, policy.checkup_every_days
    later = [start + timedelta(days=days) for days in range(step, span + 1, step)]
    return [first, *(day for day in later if day > window(first, policy=policy)[1])]


def window(due_on: date, *, policy: Policy) -> tuple[date, date]:
    """Return the first and the last day on which a check-up counts as held in time (CLN-20)."""
    around = timedelta(days=policy.checkup_window_days)
    return due_on - around, due_on + around

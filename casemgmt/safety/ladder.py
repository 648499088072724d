"""Whom an alert asks, in which order, and how long each has: one table (F7, SMS-62, MSR-06). Pure.

The last step repeats until somebody answers. A step that finds nobody is passed over; the last one always finds the
supervisors. Below critical each step has the same share of the time until a clinician must have answered, so that the
supervisor hears of it at that moment at the latest.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from casemgmt.policies.catalog import Policy
from casemgmt.worklist.office_hours import end_of_next_office_day

from .words import Severity


class Who(StrEnum):
    """Whom a step asks."""

    NAMED = "named"  # the clinician a peer handed the client to (PEER-03)
    PEER = "peer"  # of the client's care team
    CASE_MANAGER = "case_manager"  # of the care team, else any
    THERAPIST = "therapist"  # on call
    BACKUP = "backup"  # on call behind the therapist
    SUPERVISOR = "supervisor"  # on call, else all of them


Steps = tuple[tuple[Who, ...], ...]

STEPS: dict[str, Steps] = {
    Severity.LOW: ((Who.PEER,), (Who.CASE_MANAGER,), (Who.THERAPIST,), (Who.SUPERVISOR,)),
    Severity.MODERATE: ((Who.CASE_MANAGER,), (Who.THERAPIST,), (Who.SUPERVISOR,)),
    # a clinician the same day and never a peer alone: one is asked at once, the supervisor at half-time (MSR-06)
    Severity.HIGH: ((Who.CASE_MANAGER, Who.THERAPIST), (Who.BACKUP, Who.SUPERVISOR), (Who.SUPERVISOR,)),
    Severity.CRITICAL: ((Who.THERAPIST,), (Who.BACKUP, Who.SUPERVISOR)),
}


def steps_of(severity: str, *, handed_over: bool) -> Steps:
    """Return the steps of an alert; after a peer's hand-over the named clinician comes before those of a crisis."""
    return ((Who.NAMED,), *STEPS[Severity.CRITICAL]) if handed_over else STEPS[severity]


def answer_by(severity: str, *, at: datetime, zone: str, policy: Policy) -> datetime:
    """Return by when a clinician must have answered an alert of `at` (both aware UTC; `zone` the organization's)."""
    if severity == Severity.LOW:
        return end_of_next_office_day(at, zone=zone)
    spans = {
        Severity.MODERATE.value: timedelta(hours=policy.alert_moderate_hours),
        Severity.HIGH.value: timedelta(hours=policy.alert_high_hours),
        Severity.CRITICAL.value: timedelta(minutes=policy.alert_acknowledge_minutes),
    }
    return at + spans[severity]


def patience(severity: str, *, step: int, span: timedelta, handed_over: bool, policy: Policy) -> timedelta:
    """Return how long a step has before the next one is asked. `span` is the time of all steps but the last."""
    if handed_over and step == 0:
        return timedelta(minutes=policy.alert_contact_minutes)
    if handed_over or severity == Severity.CRITICAL:
        return timedelta(minutes=policy.alert_acknowledge_minutes)
    return span / (len(STEPS[severity]) - 1)

"""Whom an alert asks and how long each has."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from casemgmt.policies.catalog import Policy
from casemgmt.safety.ladder import STEPS, Who, answer_by, patience, steps_of
from casemgmt.safety.words import Severity

POLICY = Policy()
CHICAGO = "America/Chicago"
FRIDAY_NIGHT = datetime(2026, 11, 21, 3, tzinfo=UTC)  # nine in the evening of Friday the 20th in Chicago


def test_the_ladder_climbs_from_the_peer_to_the_supervisor() -> None:
    """F7: peer, case manager, therapist on call, supervisor."""
    assert [step for steps in STEPS[Severity.LOW] for step in steps] == [
        Who.PEER,
        Who.CASE_MANAGER,
        Who.THERAPIST,
        Who.SUPERVISOR,
    ]


def test_a_grave_alert_never_begins_with_a_peer_alone() -> None:
    """MSR-06: high asks a clinician at once. SMS-62: critical begins at the therapist on call, never with a peer."""
    for severity in (Severity.HIGH, Severity.CRITICAL):
        asked = {who for step in steps_of(severity, handed_over=False) for who in step}
        assert Who.PEER not in asked
        assert Who.THERAPIST in STEPS[severity][0]


def test_after_a_crisis_s_first_step_come_backup_and_supervisor() -> None:
    """SMS-62: no acknowledgement leads to backup and supervisor."""
    assert steps_of(Severity.CRITICAL, handed_over=False)[1] == (Who.BACKUP, Who.SUPERVISOR)


def test_a_hand_over_begins_with_the_named_clinician_and_goes_on_as_a_crisis() -> None:
    """PEER-03: if none is reached, the on-call path of SMS-62 runs."""
    assert steps_of(Severity.HIGH, handed_over=True) == ((Who.NAMED,), *STEPS[Severity.CRITICAL])


def test_every_ladder_ends_with_a_supervisor() -> None:
    """F7: a ladder without a human end does not exist."""
    assert all(Who.SUPERVISOR in steps[-1] for steps in STEPS.values())


@pytest.mark.parametrize(
    ("severity", "expected"),
    [
        (Severity.CRITICAL, timedelta(minutes=5)),
        (Severity.HIGH, timedelta(hours=8)),
        (Severity.MODERATE, timedelta(hours=24)),
    ],
)
def test_a_clinician_answers_by_the_organization_s_numbers(severity: Severity, expected: timedelta) -> None:
    """MSR-06: high the same day, moderate within 24 hours; SMS-62: critical in minutes."""
    assert answer_by(severity, at=FRIDAY_NIGHT, zone=CHICAGO, policy=POLICY) == FRIDAY_NIGHT + expected


def test_a_low_one_is_answered_by_the_next_business_day_of_the_organization_s_zone() -> None:
    """MSR-06: Friday night in Chicago leads to Monday's close of business there, though it is Saturday in UTC."""
    monday = datetime(2026, 11, 23, 23, tzinfo=UTC)

    assert answer_by(Severity.LOW, at=FRIDAY_NIGHT, zone=CHICAGO, policy=POLICY) == monday


@pytest.mark.parametrize(
    ("severity", "span", "share"),
    [
        (Severity.LOW, timedelta(hours=30), timedelta(hours=10)),
        (Severity.MODERATE, timedelta(hours=24), timedelta(hours=12)),
        (Severity.HIGH, timedelta(hours=8), timedelta(hours=4)),
    ],
)
def test_steps_share_the_time_so_that_the_supervisor_hears_in_time(severity, span, share) -> None:
    """F7, MSR-06: the last step is reached when a clinician must have answered."""
    steps = STEPS[severity]
    waits = [patience(severity, step=n, span=span, handed_over=False, policy=POLICY) for n in range(len(steps))]

    assert waits == [share] * len(steps)
    assert sum(waits[:-1], timedelta()) == span


def test_a_crisis_climbs_by_the_minutes_of_the_policy() -> None:
    """SMS-62: five minutes per step, or what the organization set; a hand-over has fifteen first (PEER-03)."""
    strict = Policy(alert_acknowledge_minutes=2, alert_contact_minutes=9)
    day = timedelta(days=1)

    def wait(step: int, *, handed_over: bool, policy: Policy = POLICY) -> timedelta:
        severity = Severity.HIGH if handed_over else Severity.CRITICAL
        return patience(severity, step=step, span=day, handed_over=handed_over, policy=policy)

    assert [wait(step, handed_over=False) for step in (0, 1)] == [timedelta(minutes=5)] * 2
    assert [wait(step, handed_over=True) for step in (0, 1, 2)] == [timedelta(minutes=m) for m in (15, 5, 5)]
    assert [wait(step, handed_over=True, policy=strict) for step in (0, 1)] == [
        timedelta(minutes=9),
        timedelta(minutes=2),
    ]

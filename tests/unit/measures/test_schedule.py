"""When a measure is due: from stages heard, the last answer and the organization's numbers, without a database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casemgmt.accounts.roles import Role
from casemgmt.episodes.stages import CLINICAL, TERMINAL, Stage
from casemgmt.measures.schedule import ROUTINE, Standing, Wanted, period, standing_of, stays_due, wanted
from casemgmt.measures.words import ADMINISTERS, ENDED, HELD, INTAKE, IOP, PEER_SUPPORT, THERAPY, DueReason
from casemgmt.policies.catalog import Policy

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SYMPTOMS = ("phq9", "gad7", "bam_r")
ASKING = sorted(set(Stage.values) - set(TERMINAL) - {Stage.ON_HOLD.value})
POLICY = Policy(measures_iop_days=10, measures_therapy_days=20, barc10_days=40, measures_at_stage_change_days=5)


def days(count: float) -> datetime:
    """Return the moment so many days after NOW."""
    return NOW + timedelta(days=count)


def at(stage: str) -> Standing:
    """Return an episode that entered a stage at NOW."""
    found = standing_of([("intake", days(-100)), (stage, NOW)])
    assert found is not None
    return found


def test_the_stages_known_here_are_the_pathways() -> None:
    assert set(TERMINAL) == ENDED
    assert (HELD, INTAKE) == (Stage.ON_HOLD, Stage.INTAKE)
    assert {IOP, THERAPY} == set(CLINICAL)
    assert PEER_SUPPORT == Stage.PEER_SUPPORT


@pytest.mark.parametrize(("stage", "every"), [("iop", 10), ("therapy", 20), ("aftercare", None), ("intake", None)])
def test_symptoms_repeat_in_clinical_stages_as_the_organization_says(stage, every) -> None:
    """MSR-09: every 2 weeks in IOP, monthly in therapy, unless an organization set other numbers."""
    expected = None if every is None else timedelta(days=every)

    assert [period(code, stage=stage, policy=POLICY) for code in SYMPTOMS] == [expected] * 3


@pytest.mark.parametrize("stage", ASKING)
def test_recovery_capital_repeats_everywhere(stage) -> None:
    """MSR-09: BARC-10 every 90 days everywhere."""
    assert period("barc10", stage=stage, policy=POLICY) == timedelta(days=40)
    assert period("barc10", stage=stage, policy=Policy()) == timedelta(days=90)
    recent = wanted("barc10", last=days(-1), standing=at(stage), policy=POLICY)
    assert recent == Wanted(days(39), DueReason.CADENCE)


@pytest.mark.parametrize("instrument", ROUTINE)
def test_everything_is_due_at_intake(instrument) -> None:
    """MSR-09: intake."""
    standing = standing_of([("intake", NOW)])
    assert standing is not None

    assert wanted(instrument, last=None, standing=standing, policy=Policy()) == Wanted(NOW, DueReason.INTAKE)


@pytest.mark.parametrize("stage", sorted(set(ASKING) - {"intake"}))
@pytest.mark.parametrize("instrument", ROUTINE)
def test_a_stage_change_asks_unless_the_last_answer_is_recent(instrument, stage) -> None:
    """MSR-09: at every stage change if older than the organization's number of days."""
    asked = Wanted(NOW, DueReason.STAGE_CHANGE)

    assert wanted(instrument, last=None, standing=at(stage), policy=POLICY) == asked
    assert wanted(instrument, last=days(-5.01), standing=at(stage), policy=POLICY) == asked
    recent = wanted(instrument, last=days(-5), standing=at(stage), policy=POLICY)
    assert recent is None or recent.because is DueReason.CADENCE


@pytest.mark.parametrize("stage", [HELD, *sorted(ENDED)])
@pytest.mark.parametrize("instrument", ROUTINE)
def test_nothing_is_due_on_hold_and_after_the_end(instrument, stage) -> None:
    """MSR-09: a hold, an end and a death ask nothing."""
    assert wanted(instrument, last=None, standing=at(stage), policy=POLICY) is None


def test_what_has_no_cadence_is_never_due_by_itself() -> None:
    assert wanted("cssrs", last=None, standing=at("iop"), policy=POLICY) is None
    assert wanted("ruler_hope", last=None, standing=at("iop"), policy=POLICY) is None
    assert period("audit_c", stage="iop", policy=POLICY) is None


def test_a_hold_and_an_end_leave_the_lead_stage_as_it_was() -> None:
    """MSR-08: the last stage change is that of the lead stage; a pause is none."""
    marks = [("intake", days(0)), ("iop", days(1)), ("on_hold", days(5)), ("iop", days(9)), ("completed", days(20))]

    standing = standing_of(marks)

    assert standing == Standing("completed", days(20), "iop", days(1), days(0))
    assert standing_of([]) is None
    assert standing_of(marks[:4]) == Standing("iop", days(9), "iop", days(1), days(0))


@given(st.lists(st.sampled_from(Stage.values), min_size=1, max_size=8))
def test_the_lead_stage_is_one_that_was_entered_and_not_later_than_the_last(stages: list[str]) -> None:
    marks = [(stage, days(index)) for index, stage in enumerate(stages)]

    standing = standing_of(marks)

    assert standing is not None
    assert (standing.lead, standing.lead_since) in marks
    assert standing.opened_at <= standing.lead_since <= standing.entered_at == marks[-1][1]


def test_what_is_overdue_either_way_is_not_asked_anew() -> None:
    """MSR-09: a stage change or a late recording does not double what is due."""
    assert stays_due(due_at=days(3), wanted_at=days(3), at=NOW)
    assert stays_due(due_at=days(-9), wanted_at=days(-1), at=NOW)
    assert not stays_due(due_at=days(-9), wanted_at=days(1), at=NOW)
    assert not stays_due(due_at=days(9), wanted_at=days(1), at=NOW)


@pytest.mark.parametrize("stage", ASKING)
def test_whoever_the_worklist_asks_may_administer(stage) -> None:
    """MSR-07: and in peer support that is the peer specialist."""
    assert at(stage).role.value in ADMINISTERS
    assert (at(stage).role is Role.PEER_SPECIALIST) is (stage == "peer_support")

"""The default of each lead stage, and what an organization makes of it (STG-13)."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest

from casemgmt.episodes.stages import OPEN, Stage
from casemgmt.policies.catalog import Policy
from notifications.presets import preset_of
from notifications.schedule import Course, Phase

MONDAY = date(2027, 1, 4)


def days_of(stage: Stage, policy: Policy, weeks: int) -> list[date]:
    preset = preset_of(stage, policy)
    if preset is None:
        return []
    course = Course(slots=(preset.minute,), phases=preset.phases)
    return list(course.days(start=MONDAY, since=MONDAY, until=MONDAY + timedelta(weeks=weeks, days=-1)))


def by_week(stage: Stage, weeks: int) -> list[int]:
    counts = Counter((day - MONDAY).days // 7 for day in days_of(stage, Policy(), weeks))
    return [counts[week] for week in range(weeks)]


@pytest.mark.parametrize(
    ("stage", "per_week"),
    [(Stage.IOP, 3), (Stage.SOBER_LIVING, 2), (Stage.THERAPY, 1), (Stage.WAITLIST, 1)],
)
def test_a_stage_has_its_check_ins_every_week(stage, per_week) -> None:
    assert by_week(stage, 20) == [per_week] * 20


@pytest.mark.parametrize("stage", [Stage.INTAKE, Stage.ON_HOLD])
def test_intake_and_a_hold_have_none(stage) -> None:
    assert preset_of(stage, Policy()) is None


def test_peer_support_is_twice_a_week_for_thirty_days_and_then_once() -> None:
    days = days_of(Stage.PEER_SUPPORT, Policy(), 12)

    first = [day for day in days if (day - MONDAY).days < 30]
    assert (len(first), by_week(Stage.PEER_SUPPORT, 12)[5:]) == (9, [1] * 7)
    assert {day.isoweekday() for day in first} == {1, 4}
    assert {day.isoweekday() for day in days[9:]} == {3}


def test_aftercare_is_weekly_eight_times_then_every_second_week_then_monthly() -> None:
    days = days_of(Stage.AFTERCARE, Policy(), 104)

    weekly = [day for day in days if (day - MONDAY).days < 56]
    second = [day for day in days if 56 <= (day - MONDAY).days < 365]
    monthly = [day for day in days if (day - MONDAY).days >= 365]
    assert len(weekly) == 8
    assert {(later - earlier).days for earlier, later in zip(second, second[1:], strict=False)} == {14}
    assert len({(day.year, day.month) for day in monthly}) == len(monthly) == 12


@pytest.mark.parametrize("stage", OPEN)
def test_no_default_is_more_than_the_caps_allow(stage) -> None:
    """SMS-05: at most one a day, three a week."""
    days = days_of(stage, Policy(), 120)

    assert len(set(days)) == len(days)
    assert max(Counter(day.isocalendar()[:2] for day in days).values(), default=0) <= 3


def test_an_organization_sets_how_often_and_when() -> None:
    own = Policy(checkin_iop_count=2, checkin_therapy_count=0, checkin_at_minutes=600, checkin_aftercare_count=0)

    preset = preset_of(Stage.IOP, own)
    assert preset is not None
    assert (preset.minute, preset.phases) == (600, (Phase(0, "FREQ=WEEKLY;BYDAY=MO,TH"),))
    assert preset_of(Stage.THERAPY, own) is None
    assert preset_of(Stage.AFTERCARE, own) is None


def test_a_phase_ends_where_the_next_begins() -> None:
    course = Course(slots=(720,), phases=(Phase(0, "FREQ=DAILY"), Phase(3, "FREQ=DAILY;COUNT=2")))

    found = list(course.days(start=MONDAY, since=MONDAY, until=MONDAY + timedelta(days=30)))
    assert [(day - MONDAY).days for day in found] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("offsets", [(), (0, 0), (5, 1)])
def test_phases_follow_each_other(offsets) -> None:
    with pytest.raises(ValueError, match="follow each other"):
        Course(slots=(720,), phases=tuple(Phase(offset, "FREQ=DAILY") for offset in offsets))

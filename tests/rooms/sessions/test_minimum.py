"""CLN-02: two weeks below the minimum of hours are somebody's work, once, and until the hours say otherwise."""

from __future__ import annotations

from datetime import timedelta

import pytest

from casemgmt.kernel import clock
from casemgmt.sessions.models import Attendance
from casemgmt.sessions.services.attending import tell_attendance
from casemgmt.sessions.services.minimum import watch_minimum
from casemgmt.sessions.services.steps import Told
from casemgmt.sessions.words import AttendanceState
from casemgmt.worklist.models import WorkItem
from programs.lifecycle import EnrollmentStage
from programs.models import Enrollment
from programs.rules.kinds import Kind
from tests.factories import dose as make
from tests.factories import pathway, people, programs


def asked() -> list[WorkItem]:
    return list(WorkItem.objects.open().filter(kind="iop_below_minimum"))


@pytest.fixture
def low(cast) -> Enrollment:
    """Return an enrollment with eight hours in each of the last two weeks."""
    enrollment = make.enrolled(cast)
    programs.notice(enrollment.client, cast.north)
    for weeks_ago in (1, 2):
        make.hours(enrollment, cast.therapist, weeks_ago=weeks_ago, count=8)
    return enrollment


def test_two_weeks_below_are_asked_about_once(cast, api, low) -> None:
    assert (watch_minimum(), watch_minimum()) == (1, 0)
    (item,) = asked()
    assert (item.role, item.client_id, item.source_id) == ("case_manager", low.client_id, low.id)
    assert item.due_at > clock.now()

    done = api(cast.case_manager).post(f"work-items/{item.id}/done/", {"outcome": "reached"})
    assert done.status_code == 200
    assert watch_minimum() == 0


def test_the_next_two_weeks_are_asked_about_again(cast, low, travel) -> None:
    watch_minimum()
    WorkItem.objects.update(done_at=clock.now(), done_by=cast.case_manager.id, by_hand=True, outcome="called")

    travel(clock.now() + timedelta(weeks=1))

    assert watch_minimum() == 1


@pytest.mark.parametrize("hours", [9, 12])
def test_one_week_at_the_minimum_is_enough(cast, hours) -> None:
    enrollment = make.enrolled(cast)
    make.hours(enrollment, cast.therapist, weeks_ago=2, count=hours)

    assert watch_minimum() == 0


def test_hours_that_are_told_anew_take_the_question_back(cast, low) -> None:
    watch_minimum()
    missed = make.attends(low, cast.therapist, starts_at=make.weekday(1, 5), minutes=60, state=AttendanceState.EXCUSED)
    assert asked()

    told = Told(low.client_id, AttendanceState.ATTENDED, reason="They came after all.")
    tell_attendance(attendance_id=missed.id, told=told, actor=cast.therapist)

    assert not asked()
    assert WorkItem.objects.get(kind="iop_below_minimum").outcome == "hours_reached"
    assert watch_minimum() == 0

    row = Attendance.objects.get(pk=missed.pk)
    told = Told(low.client_id, AttendanceState.EXCUSED, reason="It was somebody else.")
    tell_attendance(attendance_id=row.id, told=told, actor=cast.therapist)
    assert (watch_minimum(), len(asked())) == (1, 1)


def test_a_hold_takes_the_question_back(cast, low) -> None:
    watch_minimum()

    pathway.step(low.episode, pathway.Stage.ON_HOLD, actor=cast.case_manager)

    assert not asked()
    assert watch_minimum() == 0


def test_weeks_before_the_beginning_and_of_a_hold_do_not_count(cast) -> None:
    make.enrolled(cast, weeks_ago=2)  # began within the week before the last
    held = make.enrolled(cast)
    make.turn(held, EnrollmentStage.ACTIVE, EnrollmentStage.ON_HOLD, at=make.weekday(2, 1))
    make.turn(held, EnrollmentStage.ON_HOLD, EnrollmentStage.ACTIVE, at=make.weekday(2, 3))

    assert watch_minimum() == 0


def test_other_programs_have_no_minimum_and_the_young_a_lower_one(cast) -> None:
    make.enrolled(cast, kind=Kind.THERAPY)
    born = (clock.now() - timedelta(days=366 * 15)).date()
    young = make.enrolled(cast, client=people.client(cast.north, phone=None, birth_date=born))
    for weeks_ago in (1, 2):
        make.hours(young, cast.therapist, weeks_ago=weeks_ago, count=6)

    assert watch_minimum() == 0


def test_nobody_is_asked_while_hours_may_still_be_told(cast, low, travel) -> None:
    """PEER-05: three days are left to tell."""
    monday = make.weekday(0, 0, 1) + timedelta(weeks=1)
    travel(monday + timedelta(hours=1))
    waiting = make.attends(low, cast.therapist, starts_at=make.weekday(1, 6), stage="scheduled", state="expected")
    assert waiting.minutes == 0
    assert watch_minimum() == 0

    travel(monday + timedelta(hours=73))
    assert watch_minimum() == 1

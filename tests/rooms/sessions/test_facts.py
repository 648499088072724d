"""CLN-02, F9: what the pathway is told of attendance, for people to weigh. No guard refuses for it."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext

from casemgmt.episodes.models import StageMove
from casemgmt.episodes.services import MoveOrder, gather, move_episode
from casemgmt.kernel import clock
from casemgmt.sessions.facts import for_episode
from casemgmt.sessions.models import Attendance
from casemgmt.sessions.words import AttendanceState
from tests.factories import dose as make
from tests.factories import people


def test_a_step_is_looked_at_with_the_hours_of_the_last_weeks(cast, api) -> None:
    enrollment = make.enrolled(cast)
    make.hours(enrollment, cast.therapist, weeks_ago=1, count=4)
    make.hours(enrollment, cast.therapist, weeks_ago=2, count=9)
    make.attends(enrollment, cast.therapist, starts_at=make.weekday(1, 6), state=AttendanceState.NO_SHOW)
    path = f"episodes/{enrollment.episode_id}/transitions/"

    shown = api(cast.case_manager).get(path).json()
    (attended,) = shown["attended"]

    assert attended == {
        "enrollment_id": str(enrollment.id),
        "kind": "iop",
        "monday": f"{make.weekday(1).date()}",
        "minutes": 240,
        "minutes_before": 540,
        "minimum_minutes": 540,
        "no_shows_in_a_row": 1,
    }
    refusals = [each["code"] for option in shown["transitions"] for each in option["failed_guards"]]
    assert not any("dose" in code or "attend" in code for code in refusals)
    assert api(cast.peer).get(path).json()["attended"] == []


def test_a_move_keeps_what_was_attended_by_then(cast) -> None:
    enrollment = make.enrolled(cast)
    make.hours(enrollment, cast.therapist, weeks_ago=1, count=3)
    review = people.today() + timedelta(days=7)
    order = MoveOrder(verb="hold", given={"hold_reason": "hospital", "review_date": review}, reason="In hospital.")

    row = move_episode(episode_id=enrollment.episode_id, order=order, actor=cast.case_manager)

    kept = StageMove.objects.get(pk=row.pk).facts["doses"]
    assert [(each["minutes"], each["enrollment_id"]) for each in kept] == [(180, str(enrollment.id))]


def test_it_costs_as_many_queries_however_much_was_attended(cast) -> None:
    enrollment = make.enrolled(cast)
    episode = enrollment.episode

    def cost() -> int:
        with CaptureQueriesContext(connection) as seen:
            for_episode(episode, at=clock.now())
        return len(seen)

    cost()
    before = cost()
    make.hours(enrollment, cast.therapist, weeks_ago=1, count=9)
    assert cost() == before
    assert gather(episode, at=clock.now()).doses[0].minutes == 540


def test_contact_is_who_came_on_a_local_day(cast) -> None:
    """CHK-01: what counts as having met today is the client's day."""
    enrollment = make.enrolled(cast)
    late = make.attends(enrollment, cast.therapist, starts_at=make.weekday(1, 2, 23))  # past midnight in UTC
    make.attends(enrollment, cast.therapist, starts_at=make.weekday(1, 4), state=AttendanceState.NO_SHOW)
    mine = Attendance.objects.filter(client=enrollment.client)
    day = make.weekday(1, 2, 12).date()

    assert list(mine.came_on(day, "America/Chicago")) == [late]
    assert not mine.came_on(day + timedelta(days=1), "America/Chicago").exists()
    assert mine.came_on(day + timedelta(days=1), "UTC").exists()
    assert mine.last_contact() == late.starts_at
    assert Attendance.objects.none().last_contact() is None

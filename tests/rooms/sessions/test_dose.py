"""F9, CLN-02: hours and sessions by week, always counted from what was told of attendance."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from casemgmt.policies.services import set_number
from casemgmt.sessions.dose import weeks_of
from casemgmt.sessions.lifecycle import SessionStage
from casemgmt.sessions.models import Attendance
from casemgmt.sessions.words import AttendanceState
from programs.lifecycle import EnrollmentStage
from programs.models import Enrollment
from programs.rules.kinds import Kind
from tests.factories import dose as make
from tests.factories import people


def weeks(api: Any, actor: Any, enrollment: Enrollment, count: int = 4) -> list[dict[str, Any]]:
    answer = api(actor).get(f"enrollments/{enrollment.id}/dose/?weeks={count}")
    assert answer.status_code == 200, answer.content
    found: list[dict[str, Any]] = answer.json()["weeks"]
    return found


def test_weeks_stand_newest_first_and_empty_ones_too(cast, api) -> None:
    enrollment = make.enrolled(cast)
    make.hours(enrollment, cast.therapist, weeks_ago=1, count=9)
    make.hours(enrollment, cast.therapist, weeks_ago=3, count=2)

    found = weeks(api, cast.case_manager, enrollment)

    assert [(each["minutes"], each["sessions"]) for each in found] == [(0, 0), (540, 9), (0, 0), (120, 2)]
    assert [each["below_minimum"] for each in found] == [False, False, True, True]
    assert [each["minimum_minutes"] for each in found] == [540] * 4
    assert [each["counts"] for each in found] == [False, True, True, True]
    mondays = [date.fromisoformat(each["monday"]) for each in found]
    assert mondays == sorted(mondays, reverse=True)
    assert [each["week"] for each in found] == [f"{day:%G-W%V}" for day in mondays]


def test_what_is_told_anew_counts_anew(cast) -> None:
    enrollment = make.enrolled(cast)
    row, *_ = make.hours(enrollment, cast.therapist, weeks_ago=1, count=3)
    assert weeks_of([enrollment], back=2)[enrollment.id][1].minutes == 180

    Attendance.objects.filter(pk=row.pk).update(state=AttendanceState.LEFT_EARLY, minutes=20)
    assert weeks_of([enrollment], back=2)[enrollment.id][1].minutes == 140

    Attendance.objects.filter(pk=row.pk).update(state=AttendanceState.NO_SHOW, minutes=0)
    assert weeks_of([enrollment], back=2)[enrollment.id][1].minutes == 120


def test_only_those_who_came_to_what_was_held_count(cast) -> None:
    enrollment, other = make.enrolled(cast), make.enrolled(cast)
    make.attends(enrollment, cast.therapist, starts_at=make.weekday(1), state=AttendanceState.NO_SHOW)
    make.attends(enrollment, cast.therapist, starts_at=make.weekday(1), state=AttendanceState.EXCUSED)
    make.attends(enrollment, cast.therapist, starts_at=make.weekday(1), stage=SessionStage.ENTERED_IN_ERROR)
    make.attends(other, cast.therapist, starts_at=make.weekday(1))

    found = weeks_of([enrollment, other], back=2)

    assert [(each.minutes, each.sessions) for each in found[enrollment.id]] == [(0, 0), (0, 0)]
    assert [(each.minutes, each.sessions) for each in found[other.id]] == [(0, 0), (60, 1)]


def test_who_is_under_18_in_a_week_is_asked_for_six_hours(cast) -> None:
    """CLN-02, table 3.1: by the age on that week's Monday."""
    last = make.weekday(1).date()
    birthday = last.replace(year=last.year - 18) - timedelta(days=3)  # between the last two Mondays
    enrollment = make.enrolled(cast, client=people.client(cast.north, phone=None, birth_date=birthday))

    assert [each.minimum for each in weeks_of([enrollment], back=3)[enrollment.id]] == [540, 540, 360]


def test_the_minimum_is_a_number_of_the_organization_and_of_iop_only(cast) -> None:
    set_number(name="iop_hours_per_week", value=12, reason="our payer", actor=cast.supervisor)

    assert weeks_of([row := make.enrolled(cast)], back=1)[row.id][0].minimum == 720
    assert weeks_of([row := make.enrolled(cast, kind=Kind.THERAPY)], back=1)[row.id][0].minimum is None


def test_a_week_counts_only_if_the_enrollment_ran_all_of_it(cast) -> None:
    """CLN-02: not while on hold, and not the week in which it began."""
    enrollment = make.enrolled(cast, weeks_ago=5)
    make.turn(enrollment, EnrollmentStage.ACTIVE, EnrollmentStage.ON_HOLD, at=make.weekday(3, 2))
    make.turn(enrollment, EnrollmentStage.ON_HOLD, EnrollmentStage.ACTIVE, at=make.weekday(2, 0, 0))

    found = weeks_of([enrollment], back=7)[enrollment.id]

    assert [each.counts for each in found] == [False, True, True, False, True, False, False]


def test_a_client_has_the_weeks_of_every_program(cast, api) -> None:
    client = people.client(cast.north, phone=None)
    first = make.enrolled(cast, client=client)
    make.hours(first, cast.therapist, weeks_ago=1, count=2)

    answer = api(cast.therapist).get(f"clients/{client.id}/dose/?weeks=2").json()

    assert answer["client"] == str(client.id)
    assert [each["enrollment"] for each in answer["enrollments"]] == [str(first.id)]
    assert [each["minutes"] for each in answer["enrollments"][0]["weeks"]] == [0, 120]


def test_hours_of_all_disciplines_are_for_those_who_read_all_of_them(cast, api) -> None:
    """Table 1.9, notes 1 and 2; P2-41."""
    enrollment = make.enrolled(cast)

    for path in (f"enrollments/{enrollment.id}/dose/", f"clients/{enrollment.client_id}/dose/"):
        assert api(cast.peer).get(path).status_code == 403
        assert api(cast.outsider).get(path).status_code == 404
        assert api(None).get(path).status_code == 401
        assert api(cast.case_manager).get(f"{path}?weeks=105").status_code == 400


def test_many_enrollments_cost_as_many_queries_as_one(cast) -> None:
    rows = [make.enrolled(cast) for _ in range(4)]
    for each in rows:
        make.hours(each, cast.therapist, weeks_ago=1, count=1)
    loaded = list(Enrollment.objects.select_related("program", "client", "episode").filter(program=rows[0].program))

    def cost(count: int) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert len(weeks_of(loaded[:count], back=8)) == count
        return len(seen)

    assert cost(1) == cost(4) == 4

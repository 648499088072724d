"""T11, T12, T14-T17, STG-14: what becomes of sessions when care pauses, ends or goes on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from casemgmt.clients.services import record_death
from casemgmt.episodes.stages import Stage
from casemgmt.kernel import clock
from casemgmt.sessions.lifecycle import SessionStage
from casemgmt.sessions.models import Attendance, AttendanceMove, SeriesMember, Session, SessionMove
from casemgmt.sessions.words import AttendanceState, Format
from casemgmt.worklist.models import WorkItem
from programs.models import Enrollment
from programs.services.enrollments import move_enrollment
from programs.services.steps import EnrollmentOrder
from tests.factories import dose as make
from tests.factories import pathway, people, sessions

# What no transaction may leave behind, said without any of our code.
OPEN_SESSIONS = """
SELECT count(*) FROM sessions_attendance AS a JOIN clients_client AS c ON c.id = a.client_id
LEFT JOIN episodes_episode AS e ON e.id = a.episode_id
WHERE a.state = 'expected' AND a.starts_at > casemgmt_now()
  AND (c.deceased OR e.stage = 'on_hold' OR e.ended_at IS NOT NULL)
"""


def open_sessions() -> int:
    with connection.cursor() as cursor:
        cursor.execute(OPEN_SESSIONS)
        (count,) = cursor.fetchone()
    return int(count)


def judged() -> None:
    """Let PostgreSQL judge what it would judge at the commit."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


@pytest.fixture
def enrollment(cast) -> Enrollment:
    return make.enrolled(cast)


def coming(enrollment: Enrollment, staff: Any, *, ahead: float = 24, **fields: Any) -> Attendance:
    starts_at = clock.now() + timedelta(hours=ahead)
    waits = {"state": AttendanceState.EXPECTED, "stage": SessionStage.SCHEDULED}
    return make.attends(enrollment, staff, starts_at=starts_at, **{**waits, **fields})


def states() -> list[str]:
    return list(Attendance.objects.order_by("starts_at").values_list("state", flat=True))


def test_a_hold_calls_off_what_is_to_come_and_leaves_what_has_begun(cast, enrollment) -> None:
    begun = coming(enrollment, cast.therapist, ahead=-0.5)
    alone = coming(enrollment, cast.therapist, ahead=1, format=Format.INDIVIDUAL)
    group = coming(enrollment, cast.therapist, ahead=30)
    neighbor = sessions.attendance(group.session, people.client(cast.north, phone=None))

    pathway.step(enrollment.episode, Stage.ON_HOLD, actor=cast.case_manager)
    judged()

    for each in (begun, alone, group, neighbor):
        each.refresh_from_db()
    assert (begun.state, neighbor.state) == ("expected", "expected")
    assert (alone.state, alone.cancelled_by) == (group.state, group.cancelled_by) == ("cancelled", "system")
    assert Session.objects.get(pk=alone.session_id).stage == "cancelled"
    assert Session.objects.get(pk=group.session_id).stage == "scheduled"
    move = SessionMove.objects.get(session=alone.session_id, verb="cancel")
    assert (move.actor_kind, move.reason, move.given) == (
        "system",
        "The client's care is on hold.",
        {"cancelled_by": "system"},
    )
    told = AttendanceMove.objects.get(attendance=group)
    assert (told.from_state, told.to_state, told.reason) == ("expected", "cancelled", "The client's care is on hold.")
    assert open_sessions() == 0


@pytest.mark.parametrize("stage", [Stage.ON_HOLD, Stage.DISCHARGED])
def test_memberships_end_with_care(cast, api, enrollment, stage) -> None:
    web = api(cast.therapist)
    body = {
        "rrule": "FREQ=WEEKLY",
        "starts_on": f"{(clock.now() + timedelta(days=1)).date()}",
        "local_time": "10:00",
        "minutes": 60,
        "mode": "in_person",
        "program": str(enrollment.program_id),
        "clients": [str(enrollment.client_id)],
    }
    answer = web.post("series/", body)
    assert answer.status_code == 201, answer.content
    assert set(states()) == {"expected"}

    pathway.step(enrollment.episode, stage, actor=cast.therapist)
    judged()

    member = SeriesMember.objects.get()
    assert member.until_date == member.from_date - timedelta(days=1)
    assert set(states()) == {"cancelled"}
    assert open_sessions() == 0


def test_a_death_leaves_nothing_open_wherever_it_stands(cast) -> None:
    client = people.client(cast.north, phone=None)
    mine = sessions.session(cast.peer, client, ahead=5)
    theirs = sessions.session(cast.therapist, client, people.client(cast.north, phone=None), ahead=5)

    record_death(client_id=client.id, died_on=None, actor=cast.therapist)
    judged()

    assert [str(each.stage) for each in Session.objects.order_by("id")] == ["cancelled", "scheduled"]
    assert Attendance.objects.get(session=theirs, client=client).cancelled_by == "system"
    assert SessionMove.objects.get(session=mine, verb="cancel").reason == "The client has died."
    assert open_sessions() == 0


@pytest.mark.parametrize("verb", ["hold", "end"])
def test_an_enrollment_that_pauses_or_ends_by_itself_takes_its_sessions_along(cast, verb) -> None:
    enrollment = make.enrolled(cast)
    coming(enrollment, cast.therapist)
    other = sessions.session(cast.peer, enrollment.client, ahead=3)
    Attendance.objects.filter(session=other).update(episode=enrollment.episode)
    pathway.step(enrollment.episode, Stage.THERAPY, actor=cast.therapist, old_service="continue")
    given = {"end_reason": "other"} if verb == "end" else {"hold_reason": "other"}

    move_enrollment(enrollment_id=enrollment.id, order=EnrollmentOrder(verb, given=given), actor=cast.case_manager)
    judged()

    assert states() == ["expected", "cancelled"]


def test_a_service_that_ends_with_a_step_takes_its_sessions_along(cast) -> None:
    """T9: the old service ends as the new stage leads."""
    enrollment = make.enrolled(cast)
    coming(enrollment, cast.therapist)

    pathway.step(enrollment.episode, Stage.THERAPY, actor=cast.therapist, old_service="end")
    judged()

    assert (str(Enrollment.objects.get().stage), states()) == ("ended", ["cancelled"])


def test_after_a_hold_somebody_is_asked_to_plan_and_nothing_comes_back(cast, enrollment) -> None:
    coming(enrollment, cast.therapist)
    pathway.step(enrollment.episode, Stage.ON_HOLD, actor=cast.case_manager)
    pathway.step(enrollment.episode, Stage.IOP, actor=cast.therapist)
    judged()

    assert states() == ["cancelled"]
    item = WorkItem.objects.get(kind="sessions_to_plan")
    assert (item.source_id, item.client_id, item.done_at) == (enrollment.episode_id, enrollment.client_id, None)

    pathway.step(enrollment.episode, Stage.ON_HOLD, actor=cast.case_manager)
    assert WorkItem.objects.get(kind="sessions_to_plan").outcome == "moot"


def test_a_hold_that_called_nothing_off_asks_for_nothing(cast, enrollment) -> None:
    pathway.step(enrollment.episode, Stage.ON_HOLD, actor=cast.case_manager)
    pathway.step(enrollment.episode, Stage.IOP, actor=cast.therapist)

    assert not WorkItem.objects.filter(kind="sessions_to_plan").exists()


def test_nobody_plans_for_a_client_on_hold(cast, api, enrollment) -> None:
    pathway.step(enrollment.episode, Stage.ON_HOLD, actor=cast.case_manager)
    web = api(cast.therapist)
    body = {
        "starts_at": (clock.now() + timedelta(days=2)).isoformat(),
        "minutes": 60,
        "mode": "phone",
        "clients": [str(enrollment.client_id)],
    }

    answers = [web.post("sessions/", body), web.post("sessions/", body | {"program": str(enrollment.program_id)})]

    assert [(each.status_code, each.json()["code"]) for each in answers] == [(422, "care_on_hold")] * 2
    assert not Session.objects.exists()


def test_who_was_called_off_by_a_hold_is_not_expected_again_during_it(cast, api, enrollment) -> None:
    row = coming(enrollment, cast.therapist)
    pathway.step(enrollment.episode, Stage.ON_HOLD, actor=cast.case_manager)
    row.refresh_from_db()

    answer = api(cast.therapist).patch(
        f"attendances/{row.id}/", {"state": "expected", "reason": "After all."}, If_Match=f'"{row.version}"'
    )

    assert (answer.status_code, answer.json()["code"]) == (422, "care_on_hold")
    assert states() == ["cancelled"]


def test_an_untold_session_of_the_past_does_not_move_into_a_hold(cast, api, enrollment) -> None:
    begun = coming(enrollment, cast.therapist, ahead=-3)
    pathway.step(enrollment.episode, Stage.ON_HOLD, actor=cast.case_manager)
    session = begun.session
    later = {"starts_at": (clock.now() + timedelta(days=2)).isoformat()}

    answer = api(cast.therapist).patch(f"sessions/{session.id}/", later, If_Match=f'"{session.version}"')

    assert (answer.status_code, answer.json()["code"]) == (422, "care_on_hold")
    begun.refresh_from_db()
    assert (begun.starts_at, begun.state) == (session.starts_at, "expected")
    assert open_sessions() == 0


@pytest.mark.parametrize(
    ("table", "change", "column"),
    [
        ("episodes_episode", "stage = 'on_hold', held_stage = 'iop'", "episode_id"),
        ("programs_enrollment", "stage = 'on_hold'", "enrollment_id"),
        ("clients_client", "deceased = true", "client_id"),
    ],
)
def test_postgresql_lets_nobody_pause_care_round_the_doors(cast, enrollment, table, change, column) -> None:
    row = coming(enrollment, cast.therapist)

    def go_round() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE {table} SET {change} WHERE id = %s", [getattr(row, column)])
            cursor.execute("SET CONSTRAINTS sessions_nobody_waits IMMEDIATE")

    with pytest.raises(IntegrityError, match="still expected at sessions"):
        go_round()


def test_postgresql_lets_nobody_expect_who_is_on_hold(cast, enrollment) -> None:
    pathway.step(enrollment.episode, Stage.ON_HOLD, actor=cast.case_manager)
    judged()

    def go_round() -> None:
        with transaction.atomic():
            coming(enrollment, cast.therapist, ahead=50)
            judged()

    with pytest.raises(IntegrityError, match="on hold or has ended"):
        go_round()

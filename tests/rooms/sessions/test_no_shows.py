"""F9: who does not come is reached out to; two in a row raise the ladder; what is told anew takes it back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from casemgmt.kernel import clock
from casemgmt.sessions.models import Attendance
from casemgmt.sessions.services.attending import Holding, enter_in_error, hold_session, tell_attendance
from casemgmt.sessions.services.steps import Told
from casemgmt.sessions.services.untold import ask_who_came
from casemgmt.sessions.words import AttendanceState, Format
from casemgmt.worklist.models import WorkItem
from tests.factories import people, programs, sessions

NO_SHOW, ATTENDED, EXCUSED = AttendanceState.NO_SHOW, AttendanceState.ATTENDED, AttendanceState.EXCUSED


@pytest.fixture
def client(cast) -> Any:
    made = people.client(cast.north, phone=None)
    programs.notice(made, cast.north)
    return made


def told(cast, client: Any, state: AttendanceState, *, ago: float, **fields: Any) -> Attendance:
    """Return what the peer told of a client's part in a session of theirs that began so many hours ago."""
    made = sessions.session(cast.peer, client, ahead=-ago, **fields)
    hold_session(session_id=made.id, holding=Holding([Told(client.id, state)]), actor=cast.peer)
    return Attendance.objects.get(session=made, client=client)


def work(kind: str) -> list[WorkItem]:
    return list(WorkItem.objects.open().filter(kind=kind))


def test_the_first_no_show_asks_who_held_it_to_reach_out(cast, client) -> None:
    row = told(cast, client, NO_SHOW, ago=3)

    (item,) = work("no_show_outreach")
    assert (item.source_id, item.client_id, item.assignee_id) == (row.id, client.id, cast.peer.id)
    assert (item.role, item.priority) == ("peer_specialist", 2)
    assert timedelta(hours=8) <= item.due_at - clock.now() <= timedelta(days=5)
    assert not work("no_shows_in_a_row")


def test_two_in_a_row_raise_the_ladder_to_a_supervisor(cast, client) -> None:
    told(cast, client, NO_SHOW, ago=30)
    told(cast, client, NO_SHOW, ago=3)

    (item,) = work("no_shows_in_a_row")
    assert (item.role, item.priority, item.assignee_id) == ("supervisor", 1, None)
    assert len(work("no_show_outreach")) == 2
    assert item.due_at < work("no_show_outreach")[0].due_at


@pytest.mark.parametrize(
    ("between", "raised"), [(EXCUSED, True), (ATTENDED, False), (AttendanceState.LATE, False)], ids=str
)
def test_who_was_excused_is_passed_over_and_who_came_begins_anew(cast, client, between, raised) -> None:
    told(cast, client, NO_SHOW, ago=30)
    made = sessions.session(cast.peer, client, ahead=-20)
    part = Told(client.id, between, minutes=30 if between == AttendanceState.LATE else None)
    hold_session(session_id=made.id, holding=Holding([part]), actor=cast.peer)
    told(cast, client, NO_SHOW, ago=3)

    assert bool(work("no_shows_in_a_row")) == raised


def test_sessions_of_another_program_make_no_row(cast, client) -> None:
    told(cast, client, NO_SHOW, ago=30, program=programs.program(cast.north))
    told(cast, client, NO_SHOW, ago=3)

    assert not work("no_shows_in_a_row")


def test_what_is_told_anew_takes_its_work_back(cast, client) -> None:
    told(cast, client, NO_SHOW, ago=30)
    row = told(cast, client, NO_SHOW, ago=3)

    tell_attendance(attendance_id=row.id, told=Told(client.id, ATTENDED, reason="They were there."), actor=cast.peer)

    assert [each.source_id == row.id for each in work("no_show_outreach")] == [False]
    assert not work("no_shows_in_a_row")
    assert WorkItem.objects.get(source_id=row.id).outcome == "told_anew"

    tell_attendance(attendance_id=row.id, told=Told(client.id, NO_SHOW, reason="Mixed up."), actor=cast.peer)
    assert (len(work("no_show_outreach")), len(work("no_shows_in_a_row"))) == (2, 1)


def test_who_comes_again_closes_the_ladder(cast, client) -> None:
    told(cast, client, NO_SHOW, ago=50)
    told(cast, client, NO_SHOW, ago=30)
    told(cast, client, ATTENDED, ago=3)

    assert not work("no_shows_in_a_row")
    assert WorkItem.objects.get(kind="no_shows_in_a_row").outcome == "came"


def test_a_session_entered_in_error_asks_for_nothing(cast, client) -> None:
    told(cast, client, NO_SHOW, ago=30)
    row = told(cast, client, NO_SHOW, ago=3)

    enter_in_error(session_id=row.session_id, error_reason="Wrong day.", actor=cast.peer)

    assert len(work("no_show_outreach")) == 1
    assert not work("no_shows_in_a_row")


def test_nobody_is_told_what_it_might_mean(cast, client) -> None:
    """CHK-06: silence is never labelled."""
    told(cast, client, NO_SHOW, ago=30)
    told(cast, client, NO_SHOW, ago=3)

    assert not any("use" in each.get_kind_display().split() for each in WorkItem.objects.all())


def test_who_held_a_session_is_asked_who_came_within_15_minutes(cast, client) -> None:
    due = sessions.session(cast.peer, client, starts_at=clock.now() - timedelta(minutes=71))
    sessions.session(cast.therapist, client, starts_at=clock.now() - timedelta(minutes=65))  # over for five minutes

    assert (ask_who_came(), ask_who_came()) == (1, 0)
    (item,) = work("session_to_tell")
    assert (item.source_id, item.client_id, item.assignee_id) == (due.id, None, cast.peer.id)

    hold_session(session_id=due.id, holding=Holding(rest="attended"), actor=cast.peer)
    assert not work("session_to_tell")


def test_a_question_that_somebody_put_aside_is_not_asked_again(cast, api, client) -> None:
    due = sessions.session(cast.peer, client, starts_at=clock.now() - timedelta(hours=3), format=Format.INDIVIDUAL)
    ask_who_came()
    (item,) = work("session_to_tell")
    api(cast.peer).post(f"work-items/{item.id}/done/", {"outcome": "not_needed"})

    assert (ask_who_came(), work("session_to_tell")) == (0, [])
    assert WorkItem.objects.get(source_id=due.id).by_hand

"""Telling that a session took place and who came, in one call; telling one part anew."""

from __future__ import annotations

from datetime import timedelta

import pytest

from casemgmt.access.models import Grant
from casemgmt.accounts.roles import Role
from casemgmt.audit.models import AuditEvent
from casemgmt.kernel import clock
from casemgmt.sessions.lifecycle import SessionStage
from casemgmt.sessions.models import Attendance, AttendanceMove, Session, SessionMove
from tests.factories import people, programs
from tests.factories import sessions as make


def hold(web, session, *, version=None, **data):
    body = {"verb": "hold", "data": data} | ({"version": version} if version else {})
    return web.post(f"sessions/{session.id}/transitions/", body)


def told(client, state, **more):
    return {"client": str(client.id), "state": state, **more}


@pytest.fixture
def three(cast):
    """Three clients of North, who were given its notice."""
    return [informed(cast) for _ in range(3)]


def informed(cast):
    client = people.client(cast.north, phone=None)
    programs.notice(client, cast.north)
    return client


def states() -> list[tuple[str, int]]:
    return list(Attendance.objects.order_by("id").values_list("state", "minutes"))


def test_everybody_is_told_in_one_call(cast, api, three) -> None:
    """F9: a group of three, three states, the dose in minutes."""
    group = make.session(cast.therapist, *three, ahead=-2)
    parts = [told(three[0], "attended"), told(three[1], "late", minutes=40), told(three[2], "no_show")]

    answer = hold(api(cast.therapist), group, attendances=parts, version=1)

    assert answer.status_code == 201, answer.content
    assert states() == [("attended", 60), ("late", 40), ("no_show", 0)]
    assert AttendanceMove.objects.count() == 3
    facts = AuditEvent.objects.filter(action="attendance.told")
    assert {each.client_ids[0] for each in facts} == {each.id for each in three}
    assert AuditEvent.objects.get(action="session.held").client_ids == []


def test_who_is_not_named_is_asked_for(cast, api, three) -> None:
    """F9: or `rest` stands for them."""
    group, web = make.session(cast.therapist, *three, ahead=-2), api(cast.therapist)

    refused = hold(web, group, attendances=[told(three[0], "no_show")])

    assert (refused.status_code, refused.json()["code"]) == (400, "attendances_missing")
    assert sorted(refused.json()["missing"]) == sorted(str(each.id) for each in three[1:])
    assert states() == [("expected", 0)] * 3
    assert SessionMove.objects.count() == 1
    assert hold(web, group, attendances=[told(three[0], "no_show")], rest="attended").status_code == 201
    assert states() == [("no_show", 0), ("attended", 60), ("attended", 60)]


@pytest.mark.parametrize(
    "part",
    [
        {"state": "late"},
        {"state": "left_early", "minutes": 61},
        {"state": "late", "minutes": 0},
        {"state": "no_show", "minutes": 5},
        {"state": "cancelled"},
        {"state": "attended", "cancelled_by": "client"},
        {"state": "expected"},
        {"state": "cancelled", "cancelled_by": "system"},
    ],
)
def test_a_part_that_does_not_fit_tells_nothing(cast, api, part) -> None:
    client = informed(cast)
    single = make.session(cast.peer, client, ahead=-2)

    refused = hold(api(cast.peer), single, attendances=[{"client": str(client.id), **part}])

    assert refused.status_code == 400, refused.content
    assert (states(), Session.objects.get().stage) == ([("expected", 0)], "scheduled")


def test_nothing_is_held_before_it_is_over(cast, api) -> None:
    """PEER-05."""
    running = make.session(cast.peer, people.client(cast.north), ahead=-0.5)

    refused = hold(api(cast.peer), running, rest="attended")

    assert (refused.status_code, refused.json()["code"]) == (422, "session_in_future")
    assert states() == [("expected", 0)]


def test_late_telling_says_why(cast, api) -> None:
    """PEER-05: more than 72 hours after the end."""
    client, web = informed(cast), api(cast.peer)
    intime, late = make.session(cast.peer, client, ahead=-72.5), make.session(cast.peer, client, ahead=-73.6)

    assert hold(web, intime, rest="attended").status_code == 201
    refused = hold(web, late, rest="attended")
    assert (refused.status_code, refused.json()["code"]) == (422, "late_entry_needs_reason")
    assert hold(web, late, rest="attended", late_reason="Was ill.").status_code == 201
    assert web.get(f"sessions/{late.id}/").json()["late_reason"] == "Was ill."


def test_no_service_without_the_notice(cast, api, three) -> None:
    """P2-26: who did not come needs none."""
    fresh = people.client(cast.north, phone=None)
    group, web = make.session(cast.peer, three[0], fresh, ahead=-2), api(cast.peer)

    refused = hold(web, group, rest="attended")

    assert (refused.status_code, refused.json()["code"]) == (422, "part2_notice_missing")
    assert refused.json()["clients"] == [str(fresh.id)]
    assert states() == [("expected", 0)] * 2
    assert hold(web, group, attendances=[told(fresh, "no_show")], rest="attended").status_code == 201
    part = Attendance.objects.get(client=fresh)
    came = web.patch(f"attendances/{part.id}/", {"state": "attended", "reason": "Came after all."}, If_Match='"2"')
    assert (came.status_code, came.json()["code"]) == (422, "part2_notice_missing")


def test_the_dead_did_not_come(cast, api, three) -> None:
    group = make.session(cast.peer, *three[:2], ahead=-26)
    died = (group.starts_at - timedelta(days=3)).date()
    type(three[0]).objects.filter(pk=three[0].pk).update(deceased=True, deceased_on=died)
    web = api(cast.peer)

    refused = hold(web, group, rest="attended")
    parts = [told(three[0], "cancelled", cancelled_by="provider")]

    assert (refused.status_code, refused.json()["code"]) == (422, "client_deceased")
    assert hold(web, group, attendances=parts, rest="attended").status_code == 201


def test_who_comes_unexpected_is_told_the_same_way(cast, api, three) -> None:
    group = make.session(cast.peer, *three[:2], ahead=-2)
    single = make.session(cast.peer, three[0], ahead=-5)
    web = api(cast.peer)

    assert hold(web, single, attendances=[told(three[2], "attended")], rest="attended").status_code == 400
    assert hold(web, group, attendances=[told(three[2], "attended")], rest="no_show").status_code == 201
    assert dict(Attendance.objects.filter(session=group).values_list("client_id", "state")) == {
        three[0].id: "no_show",
        three[1].id: "no_show",
        three[2].id: "attended",
    }
    group.refresh_from_db(fields=["group_size"])
    assert group.group_size == 3


def test_whom_nobody_here_sees_stays_expected(cast, api, three) -> None:
    """F9: who tells does not learn of them; who sees them tells it."""
    group = make.session(cast.therapist, *three, ahead=-2)
    hidden = Grant.objects.filter(client_id=three[2].id)
    hidden.update(revoked_at=clock.now())
    web = api(cast.therapist)

    named = hold(web, group, attendances=[told(three[2], "attended")], rest="attended")
    answer = hold(web, group, rest="attended")

    assert (named.status_code, answer.status_code) == (404, 201)
    assert str(three[2].id) not in answer.content.decode()
    hidden.update(revoked_at=None)
    part = Attendance.objects.get(client=three[2])
    assert part.state == "expected"
    assert web.patch(f"attendances/{part.id}/", {"state": "attended"}, If_Match='"1"').status_code == 200


def test_what_was_told_is_changed_for_a_reason(cast, api) -> None:
    """F9: edits are logged; undone by telling anew."""
    single = make.session(cast.peer, informed(cast), stage=SessionStage.HELD, ahead=-2)
    part, web = Attendance.objects.get(), api(cast.peer)
    path = f"attendances/{part.id}/"
    left = {"state": "left_early", "minutes": 20}

    refused = web.patch(path, left, If_Match='"1"')
    stale = web.patch(path, left | {"reason": "Left."}, If_Match='"3"')
    done = web.patch(path, left | {"reason": "Left."}, If_Match='"1"')
    same = web.patch(path, left | {"reason": "Left."}, If_Match='"2"')
    undone = web.patch(path, {"state": "attended", "reason": "Another client."}, If_Match='"2"')

    assert (refused.status_code, list(refused.json()["fields"]), stale.status_code) == (400, ["reason"], 412)
    assert (done.json()["minutes"], done.json()["version"], same.json()["version"]) == (20, 2, 2)
    assert (undone.json()["state"], undone.json()["minutes"]) == ("attended", 60)
    moves = web.get(f"{path}moves/").json()["results"]
    assert [(each["from_state"], each["to_state"]) for each in moves] == [
        ("left_early", "attended"),
        ("attended", "left_early"),
        ("expected", "attended"),
    ]
    assert web.patch(path, {"state": "expected", "reason": "x"}, If_Match='"3"').status_code == 400
    assert single.id == part.session_id


def test_before_the_session_only_absence_is_told(cast, api, three) -> None:
    group, web = make.session(cast.peer, *three[:2]), api(cast.peer)
    part = Attendance.objects.get(client=three[0])
    path = f"attendances/{part.id}/"

    assert web.patch(path, {"state": "attended"}, If_Match='"1"').status_code == 400
    off = web.patch(path, {"state": "cancelled", "cancelled_by": "client"}, If_Match='"1"')
    assert (off.status_code, off.json()["session"]["group_size"]) == (200, 1)
    again = web.post(f"sessions/{group.id}/attendances/", {"client": str(three[0].id)})
    assert (again.status_code, again.json()["state"], again.json()["session"]["group_size"]) == (201, "expected", 2)
    twice = web.post(f"sessions/{group.id}/attendances/", {"client": str(three[0].id)})
    assert (twice.status_code, twice.json()["code"]) == (409, "already_expected")
    single = make.session(cast.peer, three[2])
    mine = Attendance.objects.get(session=single)
    refused = web.patch(f"attendances/{mine.id}/", {"state": "excused"}, If_Match='"1"')
    assert (refused.status_code, refused.json()["code"]) == (422, "cancel_the_session")
    more = web.post(f"sessions/{single.id}/attendances/", {"client": str(three[0].id)})
    assert (more.status_code, more.json()["code"]) == (422, "individual_has_one")


def test_a_mistake_counts_for_nothing(cast, api, three) -> None:
    """PEER-05: by who held it or a supervisor; the dose is gone, the ledger stays."""
    group = make.session(cast.therapist, *three[:2], stage=SessionStage.HELD, ahead=-2)
    order = {"verb": "enter_in_error", "data": {"error_reason": "Another day."}}
    path = f"sessions/{group.id}/transitions/"

    refused = api(cast.case_manager).post(path, order)
    silent = api(cast.supervisor).post(path, {"verb": "enter_in_error"})
    done = api(cast.supervisor).post(path, order)

    assert (refused.status_code, silent.status_code, done.status_code) == (403, 400, 201)
    assert set(Attendance.objects.values_list("state", "minutes", "cancelled_by")) == {("cancelled", 0, "system")}
    assert AttendanceMove.objects.filter(to_state="cancelled", cancelled_by="system").count() == 2
    assert AuditEvent.objects.filter(action="session.entered_in_error").count() == 1
    part = Attendance.objects.first()
    late = api(cast.therapist).patch(f"attendances/{part.id}/", {"state": "attended", "reason": "x"}, If_Match='"2"')
    assert (late.status_code, late.json()["code"]) == (409, "session_closed")


def test_a_colleague_without_a_hand_in_it_tells_nothing(cast, api) -> None:
    single = make.session(cast.peer, people.client(cast.north), ahead=-2)
    colleague = api(people.staff(Role.PEER_SPECIALIST, at=cast.north))

    assert colleague.get(f"sessions/{single.id}/").status_code == 200
    assert hold(colleague, single, rest="attended").status_code == 403
    options = colleague.get(f"sessions/{single.id}/transitions/").json()["transitions"]
    assert {each["status"] for each in options} == {"not_permitted"}
    assert states() == [("expected", 0)]

"""Planning a session with one client or a group, changing it, and calling it off."""

from __future__ import annotations

from datetime import timedelta

import pytest

from casemgmt.access.models import Grant, Reason
from casemgmt.accounts.roles import Role
from casemgmt.audit.models import AuditEvent
from casemgmt.clients.models import Client
from casemgmt.kernel import clock
from casemgmt.sessions.lifecycle import SessionStage
from casemgmt.sessions.models import Attendance, AttendanceMove, Session
from programs.lifecycle import EnrollmentStage
from tests.factories import episodes, people, programs
from tests.factories import sessions as make


def ahead(hours: float = 24) -> str:
    return (clock.now() + timedelta(hours=hours)).isoformat()


def planned(*clients: Client, hours: float = 24, **fields):
    group = {"format": "group"} if len(clients) != 1 else {}
    return {"starts_at": ahead(hours), "minutes": 60, "clients": [str(each.id) for each in clients], **group, **fields}


@pytest.mark.parametrize(
    ("role", "discipline"),
    [
        (Role.PEER_SPECIALIST, "peer"),
        (Role.THERAPIST, "clinical"),
        (Role.SUPERVISOR, "clinical"),
        (Role.CASE_MANAGER, "contact"),
        (Role.HOUSE_MANAGER, "house"),
    ],
)
def test_each_role_plans_its_own_kind(cast, api, role, discipline) -> None:
    """Table 1.9."""
    client = people.client(cast.north)

    answer = api(cast.at_north[role]).post("sessions/", planned(client))

    assert answer.status_code == 201, answer.content
    body = answer.json()
    assert (body["discipline"], body["stage"], body["group_size"], body["minutes"]) == (discipline, "scheduled", 1, 60)
    assert (body["staff_id"], body["timezone"]) == (str(cast.at_north[role].id), "America/Chicago")
    assert answer.headers["ETag"] == '"1"'
    made = AuditEvent.objects.filter(action__in=["session.scheduled", "attendance.expected"]).order_by("id")
    assert [(each.action, each.client_ids) for each in made] == [
        ("session.scheduled", []),
        ("attendance.expected", [client.id]),
    ]


@pytest.mark.parametrize("role", [Role.INTAKE, Role.ADMIN, Role.PRIVACY_OFFICER])
def test_who_holds_no_sessions_plans_none(cast, api, role) -> None:
    refused = api(cast.at_north[role]).post("sessions/", planned(people.client(cast.north)))

    assert refused.status_code == 403
    assert not Session.objects.exists()


def test_several_roles_say_which_kind_it_is(cast, api) -> None:
    web, client = api(people.staff(Role.PEER_SPECIALIST, Role.HOUSE_MANAGER, at=cast.north)), people.client(cast.north)

    refused = web.post("sessions/", planned(client))

    assert (refused.status_code, refused.json()["code"]) == (400, "kind_needed")
    assert refused.json()["kinds"] == ["peer", "house"]
    assert web.post("sessions/", planned(client, discipline="house")).json()["discipline"] == "house"


def test_a_peer_plans_neither_therapy_nor_for_others(cast, api) -> None:
    """PEER-02."""
    client, web = people.client(cast.north), api(cast.peer)

    clinical = web.post("sessions/", planned(client, discipline="clinical"))
    other = web.post("sessions/", planned(client, staff=str(people.staff(Role.PEER_SPECIALIST, at=cast.north).id)))

    assert (clinical.status_code, clinical.json()["code"]) == (422, "outside_peer_scope")
    assert other.status_code == 403
    assert not Session.objects.exists()


def test_a_case_manager_plans_for_a_colleague_of_the_house(cast, api) -> None:
    client, web = people.client(cast.north), api(cast.case_manager)

    made = web.post("sessions/", planned(client, staff=str(cast.therapist.id)))
    outside = web.post("sessions/", planned(client, staff=str(cast.at_south[Role.THERAPIST].id)))
    nobody = web.post("sessions/", planned(client, staff=str(cast.at_north[Role.INTAKE].id)))

    assert (made.status_code, made.json()["discipline"]) == (201, "clinical")
    assert [(each.status_code, list(each.json()["fields"])) for each in (outside, nobody)] == [(400, ["staff"])] * 2


def test_a_session_of_a_program_counts_for_its_enrollment(cast, api) -> None:
    """STG-01: the zone is the program's, the enrollment and its episode stand on the client's part."""
    client = people.client(cast.north)
    program = programs.program(cast.north, timezone="America/Denver")
    enrollment = programs.enrollment(episodes.episode(client), program, stage=EnrollmentStage.ACTIVE)

    body = api(cast.peer).post("sessions/", planned(client, program=str(program.id))).json()

    part = Attendance.objects.get(session_id=body["id"])
    assert (body["timezone"], part.enrollment_id, part.episode_id) == (
        "America/Denver",
        enrollment.id,
        enrollment.episode_id,
    )


def test_a_program_elsewhere_takes_only_whom_it_has(cast, api) -> None:
    client, web = people.client(cast.north), api(cast.peer)
    program = programs.program(cast.south)

    refused = web.post("sessions/", planned(client, program=str(program.id)))
    programs.enrollment(episodes.episode(client), program)
    taken = web.post("sessions/", planned(client, program=str(program.id)))

    assert (refused.status_code, list(refused.json()["fields"])) == (400, ["program"])
    assert taken.status_code == 201


def test_a_session_of_a_program_needs_an_open_episode(cast, api) -> None:
    client, web = people.client(cast.north), api(cast.peer)
    program = programs.program(cast.north)

    refused = web.post("sessions/", planned(client, program=str(program.id)))

    assert (refused.status_code, refused.json()["code"]) == (422, "no_open_episode")
    assert web.post("sessions/", planned(client)).status_code == 201  # between episodes people still talk


def test_hidden_and_absent_clients_are_one_answer(cast, api) -> None:
    """P2-06: also as one of several."""
    known, hidden, web = people.client(cast.north), people.client(cast.south), api(cast.peer)

    refused = web.post("sessions/", planned(known, hidden))
    absent = web.post("sessions/", planned(known) | {"clients": [str(known.id), str(cast.north.id)], "format": "group"})

    assert (refused.status_code, refused.content) == (404, absent.content)
    assert not Session.objects.exists()


def test_nothing_is_planned_with_the_dead(cast, api) -> None:
    died = (clock.now() - timedelta(days=3)).date()
    client = people.client(cast.north, deceased=True, deceased_on=died)
    web = api(cast.peer)

    refused = web.post("sessions/", planned(client))

    assert (refused.status_code, refused.json()["code"]) == (422, "client_deceased")
    assert web.post("sessions/", planned(client, hours=-24 * 5)).status_code == 201  # told late, of a day before


def test_one_person_s_individual_sessions_do_not_overlap(cast, api) -> None:
    """PEER-05: groups may, and colleagues' may."""
    client, other, web = people.client(cast.north), people.client(cast.north, phone=None), api(cast.peer)
    web.post("sessions/", planned(client))

    refused = web.post("sessions/", planned(other, hours=24.5))

    assert (refused.status_code, refused.json()["code"]) == (409, "session_overlap")
    assert web.post("sessions/", planned(client, other, hours=24.5)).status_code == 201
    assert api(cast.therapist).post("sessions/", planned(other, hours=24.5)).status_code == 201
    assert web.post("sessions/", planned(other, hours=25)).status_code == 201
    assert Session.objects.count() == 4


def test_a_client_in_two_places_is_a_warning(cast, api) -> None:
    client, web = people.client(cast.north), api(cast.case_manager)
    first = api(cast.therapist).post("sessions/", planned(client)).json()

    second = web.post("sessions/", planned(client, hours=24.5))
    after = web.post("sessions/", planned(client, hours=25.5)).json()

    warning = {"code": "client_elsewhere", "client_id": str(client.id), "session_id": first["id"]}
    assert (second.status_code, first["warnings"], second.json()["warnings"]) == (201, [], [warning])
    assert after["warnings"] == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"clients": []},
        {"minutes": 0},
        {"minutes": 481},
        {"title": "Breakfast"},
        {"mode": "carrier_pigeon"},
        {"starts_at": "2126-01-01T10:00:00Z"},
        {"staff": "x"},
        {"note": "x"},
    ],
)
def test_what_is_no_session_is_refused(cast, api, wrong) -> None:
    refused = api(cast.peer).post("sessions/", planned(people.client(cast.north)) | wrong)

    assert (refused.status_code, list(refused.json()["fields"])) == (400, [min(wrong)])
    assert not Session.objects.exists()


def test_a_scheduled_session_is_changed_by_who_saw_it(cast, api) -> None:
    client, web = people.client(cast.north), api(cast.peer)
    made = make.session(cast.peer, client)
    path, later = f"sessions/{made.id}/", ahead(30)

    blind = web.patch(path, {"minutes": 30})
    stale = web.patch(path, {"minutes": 30}, If_Match='"7"')
    moved = web.patch(path, {"starts_at": later, "minutes": 30, "mode": "video"}, If_Match='"1"')

    assert [blind.status_code, stale.status_code] == [428, 412]
    assert (moved.status_code, moved.json()["minutes"], moved.json()["mode"]) == (200, 30, "video")
    assert moved.headers["ETag"] == '"2"'
    assert Attendance.objects.get().starts_at == Session.objects.get().starts_at != made.starts_at
    assert AuditEvent.objects.filter(action="session.moved").count() == 1
    web.patch(path, {"mode": "phone"}, If_Match='"2"')
    assert AuditEvent.objects.filter(action="session.changed").count() == 1


def test_who_takes_over_holds_sessions_of_that_kind(cast, api) -> None:
    made, web = make.session(cast.therapist, people.client(cast.north)), api(cast.case_manager)
    path = f"sessions/{made.id}/"

    refused = web.patch(path, {"staff": str(cast.peer.id)}, If_Match='"1"')
    taken = web.patch(path, {"staff": str(cast.supervisor.id)}, If_Match='"1"')

    assert (refused.status_code, refused.json()["code"]) == (422, "outside_peer_scope")
    assert taken.json()["staff_id"] == str(cast.supervisor.id)


def test_moving_into_another_session_is_a_conflict(cast, api) -> None:
    client = people.client(cast.north)
    first, second = make.session(cast.peer, client), make.session(cast.peer, client, ahead=48)

    refused = api(cast.peer).patch(f"sessions/{second.id}/", {"starts_at": first.starts_at.isoformat()}, If_Match='"1"')

    assert (refused.status_code, refused.json()["code"]) == (409, "session_overlap")
    second.refresh_from_db(fields=["starts_at", "version"])
    assert (second.version, second.starts_at == first.starts_at) == (1, False)


def test_what_is_over_is_not_changed(cast, api) -> None:
    made = make.session(cast.peer, people.client(cast.north), stage=SessionStage.HELD, ahead=-3)

    refused = api(cast.peer).patch(f"sessions/{made.id}/", {"mode": "phone"}, If_Match='"1"')

    assert (refused.status_code, refused.json()["code"]) == (409, "session_closed")


def test_calling_off_calls_everybody_off(cast, api) -> None:
    """F9: by the same; who was excused before stays excused; also whom the actor no longer sees."""
    clients = [people.client(cast.north, phone=None) for _ in range(3)]
    made = make.session(cast.therapist, *clients)
    web = api(cast.therapist)
    parts = {each.client_id: each for each in Attendance.objects.all()}
    web.patch(f"attendances/{parts[clients[0].id].id}/", {"state": "excused"}, If_Match='"1"')
    Grant.objects.filter(client_id=clients[1].id, reason=Reason.CARE).update(revoked_at=clock.now())
    path = f"sessions/{made.id}/transitions/"

    unsaid = web.post(path, {"verb": "cancel"})
    called = web.post(path, {"verb": "cancel", "data": {"cancelled_by": "provider"}, "reason": "Snow.", "version": 1})
    again = web.post(path, {"verb": "cancel", "data": {"cancelled_by": "client"}})

    assert [(each.status_code, each.json()["code"]) for each in (unsaid, again)] == [
        (400, "data_missing"),
        (409, "wrong_stage"),
    ]
    assert (called.status_code, called.json()["to_stage"]) == (201, "cancelled")
    states = dict(Attendance.objects.values_list("client_id", "state"))
    assert [states[each.id] for each in clients] == ["excused", "cancelled", "cancelled"]
    assert set(AttendanceMove.objects.values_list("cancelled_by", "reason")) == {("", ""), ("provider", "")}
    assert AuditEvent.objects.filter(action="session.cancelled").count() == 1


def test_the_same_request_plans_once(cast, api) -> None:
    """F25."""
    body, web = planned(people.client(cast.north)), api(cast.peer)

    answers = [web.post("sessions/", body, Idempotency_Key="plan-1") for _ in range(2)]

    assert [each.status_code for each in answers] == [201, 201]
    assert answers[0].json()["id"] == answers[1].json()["id"] == str(Session.objects.get().id)

"""F9: nothing that somebody can read of one member of a group tells of another."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from casemgmt.access.models import Grant, Reason
from casemgmt.accounts.roles import Role
from casemgmt.kernel import clock
from casemgmt.sessions.models import Attendance, Series, SeriesMember, Session
from tests.factories import episodes, people, programs
from tests.matrix.asking import operations
from tests.matrix.bodies import ASKED

NAMES = ("Ada", "Borislava", "Clementine")


@pytest.fixture
def group(cast, api):
    """A weekly group of North in a program, one of which was held: Ada, Borislava, Clementine."""
    program = programs.program(cast.north)
    clients = []
    for number, name in enumerate(NAMES):
        client = people.client(cast.north, given_name=name, family_name=f"{name}son", phone=f"+1316555017{number}")
        programs.notice(client, cast.north)
        programs.enrollment(episodes.episode(client), program)
        clients.append(client)
    web, now = api(cast.therapist), clock.now()
    body = {
        "rrule": "FREQ=WEEKLY",
        "starts_on": f"{(now - timedelta(days=8)).date()}",
        "local_time": "12:00",
        "minutes": 60,
        "title": "Morning group",
        "program": str(program.id),
        "clients": [str(each.id) for each in clients],
    }
    series = web.post("series/", body)
    assert series.status_code == 201, series.content
    first, second = Session.objects.order_by("starts_at")[:2]
    order = {"verb": "hold", "data": {"rest": "attended", "late_reason": "Was ill."}}
    held = web.post(f"sessions/{first.id}/transitions/", order)
    assert held.status_code == 201, held.content
    part = Attendance.objects.get(session=first, client=clients[0])
    changed = web.patch(f"attendances/{part.id}/", {"state": "no_show", "reason": "Mixed up."}, If_Match='"2"')
    assert changed.status_code == 200, changed.content
    web.post(f"sessions/{second.id}/transitions/", {"verb": "cancel", "data": {"cancelled_by": "provider"}})
    return clients


def only_first(cast, clients, *, at, **more):
    """Let an organization see the first client and neither of the others."""
    Grant.objects.filter(organization_id=at.id).update(revoked_at=clock.now())
    Grant.objects.create(client_id=clients[0].id, organization_id=at.id, reason=Reason.EXPLICIT, **more)


def tokens(clients) -> list[str]:
    """Return every word by which the others could be known: ids of the person and of their rows, names, phones."""
    found = []
    for client in clients[1:]:
        parts = Attendance.objects.filter(client=client)
        found += [str(client.id), client.given_name, client.family_name]
        found += [str(each) for each in parts.values_list("id", flat=True)]
        found += [each.value for each in client.contact_points.all()]
        found += [str(each.id) for each in client.enrollments.all()]
        found += [str(each) for each in client.enrollments.values_list("episode_id", flat=True)]
    return found


def walk(web, clients) -> dict[str, bytes]:
    """Ask every GET route for every row of the group, and return the bodies by path."""
    rows = {
        "sessions": Session.objects.values_list("id", flat=True),
        "series": Series.objects.values_list("id", flat=True),
        "attendances": Attendance.objects.values_list("id", flat=True),
        "clients": [each.id for each in clients],
        "episodes": [each.enrollments.get().episode_id for each in clients],
        "enrollments": [each.enrollments.get().id for each in clients],
        "programs": {each.enrollments.get().program_id for each in clients},
    }
    heard = {}
    for method, route in operations():
        if method != "get":
            continue
        name = route.split("/", 1)[0]
        for row in rows.get(name, ()) if "<" in route else [None]:
            path = route.replace("<uuid:pk>", str(row))
            query = ASKED.get(route, "").format(client=clients[0].id)
            heard[path] = web.get(path + query).content
        if "<" not in route and route in ASKED:
            for client in clients[1:]:
                heard[f"{route}#{client.id}"] = web.get(route + ASKED[route].format(client=client.id)).content
    return heard


def told_in(heard: dict[str, bytes], words: list[str]) -> list[str]:
    """Return the paths whose bodies hold one of the words. What was asked for by its id may be named in a refusal."""
    return sorted(path for path, body in heard.items() if any(word.encode() in body for word in words))


@pytest.mark.timeout(400)
@pytest.mark.parametrize("role", [Role.CASE_MANAGER, Role.SUPERVISOR, Role.PRIVACY_OFFICER])
def test_who_sees_one_of_them_elsewhere_learns_of_no_other(cast, api, group, role) -> None:
    """F9: every GET route of the API, as staff of an organization that may see the first only."""
    only_first(cast, group, at=cast.south)
    web = api(cast.at_south[role])

    heard = walk(web, group)

    assert told_in(heard, tokens(group)) == []
    parts = web.get(f"attendances/?client={group[0].id}").json()["results"]
    assert len(parts) == Attendance.objects.filter(client=group[0]).count() > 8
    sessions = [each["session"] for each in parts]
    assert {(each["group_size"], each["title"], each["late_reason"], each["details_hidden"]) for each in sessions} == {
        (None, "", "", True)
    }
    assert all(each["staff_name"] and each["minutes"] == 60 and each["format"] == "group" for each in sessions)
    one = sessions[0]["id"]
    assert [each["client_id"] for each in web.get(f"sessions/{one}/attendances/").json()["results"]] == [
        str(group[0].id)
    ]
    assert web.get("series/").json()["results"] == []
    assert web.get("sessions/").json()["results"] == []


@pytest.mark.timeout(400)
def test_who_runs_the_group_learns_only_of_whom_they_see(cast, api, group) -> None:
    """F9: the therapist herself, when she may no longer see two of them. The group's size is hers to know."""
    only_first(cast, group, at=cast.north)
    web = api(cast.therapist)

    heard = walk(web, group)

    assert told_in(heard, tokens(group)) == []
    session = Session.objects.filter(stage="scheduled").order_by("starts_at")[0]
    shown = web.get(f"sessions/{session.id}/").json()
    assert (shown["group_size"], shown["title"], shown["details_hidden"]) == (3, "Morning group", False)
    parts = web.get(f"sessions/{session.id}/attendances/").json()
    assert ([each["client_id"] for each in parts["results"]], parts["next"]) == ([str(group[0].id)], None)
    members = web.get(f"series/{session.series_id}/members/").json()["results"]
    assert [each["client_id"] for each in members] == [str(group[0].id)]


def test_the_walk_finds_what_it_looks_for(cast, api, group) -> None:
    """The test above could not say anything otherwise."""
    heard = walk(api(cast.therapist), group)

    told = {re.sub(r"[0-9a-f-]{36}", "*", path) for path in told_in(heard, tokens(group))}
    assert {"sessions/*/attendances/", "series/*/members/", "attendances/*/", "clients/*/"} <= told


def test_a_refusal_tells_of_nobody_else(cast, api, group) -> None:
    """F9: holding as somebody who sees one of three; what is missing names the one."""
    only_first(cast, group, at=cast.north)
    session = Session.objects.filter(stage="scheduled").order_by("starts_at")[0]
    Session.objects.filter(pk=session.pk).update(
        starts_at=clock.now() - timedelta(hours=3), ends_at=clock.now() - timedelta(hours=2)
    )

    refused = api(cast.therapist).post(f"sessions/{session.id}/transitions/", {"verb": "hold"})

    assert (refused.status_code, refused.json()["missing"]) == (400, [str(group[0].id)])


@pytest.mark.parametrize("role", [Role.PEER_SPECIALIST, Role.HOUSE_MANAGER, Role.INTAKE, Role.ADMIN])
def test_others_roles_see_nothing_of_a_clinical_group(cast, api, group, role) -> None:
    """Table 1.9, notes 1 and 2."""
    web, session = api(cast.at_north[role]), Session.objects.first()

    assert web.get("sessions/").json()["results"] == []
    assert web.get(f"attendances/?client={group[0].id}").json()["results"] == []
    assert web.get(f"sessions/{session.id}/").status_code == 404
    assert web.get(f"attendances/{session.attendances.first().id}/").status_code == 404
    assert web.get(f"series/{session.series_id}/").status_code == 404


def test_the_database_itself_shows_no_other(cast, group) -> None:
    """S6: the wall round attendances, moves and members, whatever a query forgets."""
    from casemgmt.kernel.wall import acting_as

    only_first(cast, group, at=cast.south)
    with acting_as(replace(cast.at_south[Role.CASE_MANAGER], reading=True)):
        seen = set(Attendance.objects.values_list("client_id", flat=True))
        members = set(SeriesMember.objects.values_list("client_id", flat=True))

    assert seen == members == {group[0].id}

"""The calendar, one client's attendances, one session's: what they hold, in which order, and at what cost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from casemgmt.accounts.roles import Role
from casemgmt.episodes.stages import Stage
from casemgmt.kernel import clock
from casemgmt.sessions.lifecycle import SessionStage
from casemgmt.sessions.models import Session
from tests.factories import episodes, people, programs
from tests.factories import sessions as make


def ids(answer) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [each["id"] for each in answer.json()["results"]]


def test_the_calendar_by_what_one_asks(cast, api) -> None:
    client, program = people.client(cast.north), programs.program(cast.north)
    first = make.session(cast.therapist, client, ahead=-48, stage=SessionStage.HELD)
    second = make.session(cast.peer, client, ahead=24)
    third = make.session(cast.therapist, client, ahead=48, program=program)
    make.session(cast.at_south[Role.THERAPIST], people.client(cast.south), ahead=24)
    web, now = api(cast.case_manager), clock.now()
    span = f"starts_from={(now).isoformat()}&starts_before={(now + timedelta(hours=30)).isoformat()}".replace(
        "+", "%2B"
    )

    assert ids(web.get("sessions/")) == [str(each.id) for each in (first, second, third)]
    assert ids(web.get(f"sessions/?staff={cast.therapist.id}")) == [str(first.id), str(third.id)]
    assert ids(web.get(f"sessions/?program={program.id}")) == [str(third.id)]
    assert ids(web.get("sessions/?stage=held")) == [str(first.id)]
    assert ids(web.get("sessions/?discipline=peer")) == [str(second.id)]
    assert ids(web.get(f"sessions/?{span}")) == [str(second.id)]
    page = web.get("sessions/?limit=2").json()
    assert ids(web.get(f"sessions/?limit=2&cursor={page['next']}")) == [str(third.id)]


@pytest.mark.parametrize(
    ("role", "seen"),
    [
        (Role.PEER_SPECIALIST, ["peer"]),
        (Role.HOUSE_MANAGER, ["house"]),
        (Role.THERAPIST, ["clinical", "house", "peer"]),
        (Role.PRIVACY_OFFICER, ["clinical", "house", "peer"]),
        (Role.INTAKE, []),
        (Role.ADMIN, []),
    ],
)
def test_each_role_reads_its_own_kind(cast, api, role, seen) -> None:
    """Table 1.9, notes 1 and 2: and what somebody holds in another role."""
    client = people.client(cast.north)
    for each in (Role.PEER_SPECIALIST, Role.HOUSE_MANAGER, Role.THERAPIST):
        make.session(cast.at_north[each], client)
    web = api(cast.at_north[role])

    sessions = web.get("sessions/").json()["results"]
    parts = web.get(f"attendances/?client={client.id}").json()["results"]

    assert sorted(each["discipline"] for each in sessions) == seen
    assert sorted(each["session"]["discipline"] for each in parts) == seen


def test_a_peer_reads_no_earlier_episode(cast, api) -> None:
    """CLN-31."""
    client = people.client(cast.north)
    before, now = episodes.episode(client, stage=Stage.DISCHARGED), clock.now()
    type(before).objects.filter(pk=before.pk).update(opened_at=now - timedelta(days=90))
    past = make.session(cast.peer, client, ahead=-24 * 60)
    past.attendances.update(episode=before)
    present = make.session(cast.peer, client)
    present.attendances.update(episode=episodes.episode(client))

    def seen(actor) -> list[str]:
        parts = api(actor).get(f"attendances/?client={client.id}").json()["results"]
        return [each["session"]["id"] for each in parts]

    assert seen(cast.peer) == [str(present.id)]
    assert seen(cast.case_manager) == [str(present.id), str(past.id)]


def test_lists_cost_the_same_however_long(cast, api) -> None:
    """P7: one page, a constant number of queries."""
    client, web = people.client(cast.north), api(cast.case_manager)
    paths = ["sessions/", f"attendances/?client={client.id}", "sessions/{}/attendances/"]

    def cost() -> list[int]:
        found = []
        for path in paths:
            with CaptureQueriesContext(
                connection,
            ) as asked:
                assert web.get(path.format(group.id)).status_code == 200
            found.append(len(asked))
        return found

    group = make.session(cast.therapist, client, people.client(cast.north, phone=None))
    cost()
    few = cost()
    for number in range(8):
        make.session(cast.therapist, client, ahead=30 + 2 * number)
        make.attendance(group, people.client(cast.north, phone=None))

    assert cost() == few
    assert Session.objects.count() == 9


def test_a_closed_session_says_by_whom_and_a_page_tells_of_no_client(cast, api) -> None:
    client = people.client(cast.north)
    made = make.session(cast.peer, client, stage=SessionStage.CANCELLED)

    answer = api(cast.case_manager).get("sessions/")

    assert answer.json()["results"][0]["cancelled_by"] == "provider"
    assert str(client.id) not in answer.content.decode()
    assert answer.json()["results"][0]["group_size"] == 0
    assert str(made.id) in answer.content.decode()

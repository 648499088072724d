"""The line of one instrument: raw scores and changes, of responses in force (MSR-08)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from casemgmt.accounts.roles import Role
from casemgmt.audit.models import AuditEvent
from casemgmt.clients.models import Client
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.measures import trends
from casemgmt.measures.models import Response
from casemgmt.measures.services import NewResponse, amend_response, record_response
from tests.factories import people

from .pathway import answer, enter, opened


@pytest.fixture
def client(cast) -> Client:
    """Return a client of North."""
    return people.client(cast.north)


def hope(client: Client, actor: Actor, value: int, *, days: int) -> Response:
    """Return an answer to the hope ruler, given that many days ago."""
    at = clock.now() - timedelta(days=days)
    new = NewResponse(client.id, "ruler_hope", {"1": value}, "self", completed_at=at)
    return record_response(new=new, actor=actor)


def line(web, client: Client, instrument: str = "ruler_hope"):
    """Ask for the line."""
    return web.get(f"measures/trend/?client={client.id}&instrument={instrument}")


def test_each_point_tells_its_score_and_both_changes(cast, api, client) -> None:
    late = hope(client, cast.therapist, 9, days=1)
    first = hope(client, cast.therapist, 4, days=30)
    wrong = hope(client, cast.therapist, 10, days=15)
    amend_response(response_id=wrong.id, items={"1": 3}, reason="misread", actor=cast.therapist)

    told = line(api(cast.case_manager), client).json()

    assert (told["baseline_response_id"], told["earlier_left_out"]) == (str(first.id), False)
    assert [point["scores"]["value"] for point in told["points"]] == [4, 3, 9]
    assert [point["change_since_baseline"] for point in told["points"]] == [None, {"value": -1}, {"value": 5}]
    assert [point["change_since_previous"] for point in told["points"]] == [None, {"value": -1}, {"value": 6}]
    assert told["points"][-1]["response_id"] == str(late.id)
    assert AuditEvent.objects.get(action="measure.trend_read").client_ids == [client.id]


def test_a_long_line_keeps_its_newest_points_and_its_baseline(cast, api, client, monkeypatch) -> None:
    monkeypatch.setattr(trends, "MOST_POINTS", 2)
    rows = [hope(client, cast.therapist, value, days=10 - value) for value in (1, 2, 4, 8)]

    told = line(api(cast.therapist), client).json()

    assert (told["baseline_response_id"], told["earlier_left_out"]) == (str(rows[0].id), True)
    assert [point["change_since_baseline"]["value"] for point in told["points"]] == [3, 7]
    assert [point["change_since_previous"]["value"] for point in told["points"]] == [2, 4]


def test_a_peer_sees_the_line_of_what_the_peer_administered(cast, api, client) -> None:
    hope(client, cast.therapist, 1, days=9)
    own = hope(client, cast.peer, 5, days=2)

    told = line(api(cast.peer), client).json()

    assert [point["response_id"] for point in told["points"]] == [str(own.id)]
    assert told["points"][0]["change_since_baseline"] is None


def test_nothing_answered_is_an_empty_line(cast, api, client) -> None:
    assert line(api(cast.therapist), client, "phq9").json() == {
        "episode_id": None,
        "lead_stage": None,
        "lead_since": None,
        "baseline_response_id": None,
        "before_stage_response_id": None,
        "earlier_left_out": False,
        "points": [],
    }


def test_who_sees_no_line(cast, api, client) -> None:
    hope(client, cast.therapist, 1, days=9)

    assert line(api(cast.at_north[Role.HOUSE_MANAGER]), client).status_code == 403
    assert line(api(cast.outsider), client).status_code == 404
    assert line(api(cast.therapist), client, "happiness").status_code == 400


def test_the_list_pages_and_gives_the_latest_of_each_instrument(cast, api, client) -> None:
    rows = [hope(client, cast.therapist, value, days=10 - value) for value in (1, 2, 3)]
    web = api(cast.therapist)
    address = f"measures/responses/?client={client.id}&limit=2"

    first = web.get(address).json()
    second = web.get(f"{address}&cursor={first['next']}").json()

    found = [row["id"] for row in (*first["results"], *second["results"])]
    assert found == [str(row.id) for row in reversed(rows)]
    assert second["next"] is None
    assert [row["id"] for row in web.get(f"{address}&latest=true").json()["results"]] == [str(rows[-1].id)]
    assert web.get(f"{address}&instrument=phq9").json()["results"] == []


def test_the_baseline_is_the_first_response_of_the_episode(cast, api, client) -> None:
    """MSR-08: what was answered before the episode is shown, and is nothing to measure its course by."""
    before = hope(client, cast.therapist, 1, days=20)
    episode = opened(client)
    first = answer(client, cast.therapist, "ruler_hope", item_1=5)
    answer(client, cast.therapist, "ruler_hope", item_1=7)

    told = line(api(cast.case_manager), client).json()

    assert (told["episode_id"], told["baseline_response_id"]) == (str(episode.id), str(first.id))
    assert told["points"][0]["response_id"] == str(before.id)
    assert [point["change_since_baseline"] for point in told["points"]] == [None, None, {"value": 2}]
    assert [point["change_since_previous"] for point in told["points"]] == [None, {"value": 4}, {"value": 2}]


def test_the_change_since_the_last_stage_is_against_the_last_response_before_it(cast, api, client, travel) -> None:
    """MSR-08, F11: raw and change, since the baseline and since the lead stage began; a hold is no stage change."""
    episode, at = opened(client), clock.now()
    answer(client, cast.therapist, "phq9", item_1=3, item_2=3, item_3=3)
    travel(at + timedelta(days=10))
    before = answer(client, cast.therapist, "phq9", item_1=3, item_2=3)
    enter(episode, "therapy")
    began = clock.now()
    travel(at + timedelta(days=20))
    enter(episode, "on_hold")
    enter(episode, "therapy")
    answer(client, cast.therapist, "phq9", item_1=1)

    told = line(api(cast.therapist), client, "phq9").json()

    assert (told["lead_stage"], told["before_stage_response_id"]) == ("therapy", str(before.id))
    assert told["lead_since"] == began.isoformat().replace("+00:00", "Z")
    assert [point["scores"]["total"] for point in told["points"]] == [9, 6, 1]
    assert [point["change_since_baseline"] for point in told["points"]] == [None, {"total": -3}, {"total": -8}]
    assert [point["change_since_stage"] for point in told["points"]] == [None, None, {"total": -5}]
    codes = [[label["code"] for label in point["labels"]] for point in told["points"]]
    assert codes == [[], [], ["response", "remission"]]


@pytest.mark.parametrize(
    ("role", "explained"),
    [
        (Role.PEER_SPECIALIST, False),
        (Role.CASE_MANAGER, False),
        (Role.PRIVACY_OFFICER, False),
        (Role.THERAPIST, True),
        (Role.SUPERVISOR, True),
    ],
)
def test_what_a_change_means_is_said_to_clinicians(cast, api, client, role, explained) -> None:
    """MSR-07: everybody else who may read answers sees the numbers; MSR-08: always raw and change."""
    answer(client, cast.peer, "gad7", days_ago=3, item_1=3, item_2=3)
    answer(client, cast.peer, "gad7", days_ago=1)
    reader = cast.peer if role is Role.PEER_SPECIALIST else cast.at_north[role]

    last = line(api(reader), client, "gad7").json()["points"][-1]

    assert (last["scores"], last["change_since_baseline"]) == ({"total": 0}, {"total": -6})
    assert (last["labels"] is not None) is explained
    assert not explained or [label["code"] for label in last["labels"]] == ["improvement"]

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

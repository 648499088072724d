"""Recording responses over HTTP: what is scored, what is refused, and what a peer is told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from casemgmt.accounts.roles import Role
from casemgmt.audit.models import AuditEvent
from casemgmt.clients.models import Client
from casemgmt.kernel import clock
from casemgmt.measures.instruments import CATALOG
from casemgmt.measures.models import Response
from casemgmt.outbox.models import OutboxEvent
from tests.factories import episodes, people

CALM = {str(number): 0 for number in range(1, 10)}


@pytest.fixture
def client(cast) -> Client:
    """Return a client of North."""
    return people.client(cast.north)


def phq9(client: Client, items: dict[str, int] | None = None, **more: object) -> dict[str, Any]:
    """Return a PHQ-9 as it is sent."""
    items = CALM if items is None else items
    return {"client": str(client.id), "instrument": "phq9", "items": items, "mode": "in_person", **more}


def test_answers_are_scored_kept_and_told_without_a_score(cast, api, client) -> None:
    episode = episodes.episode(client)

    made = api(cast.therapist).post(
        "measures/responses/", phq9(client, CALM | {"1": 3, "9": 1, "difficulty": 3}, episode=str(episode.id))
    )

    assert made.status_code == 201
    told = made.json()
    assert (told["scores"], told["bands"], told["flags"]) == ({"total": 4}, {"total": "minimal"}, ["phq9_item_9"])
    assert told["sentences"] == {"total": "screens in the minimal range"}
    assert told["answers_hidden"] is False
    row = Response.objects.get()
    assert (row.episode_id, row.administered_by_id, row.recorded_by_id) == (episode.id, *[cast.therapist.id] * 2)
    assert row.scores == dict(CATALOG["phq9"].score(row.items).scores)  # MSR-01: stored score = f(items)
    assert (row.completed_at, row.language, row.version) == (row.recorded_at, "en", "1")
    assert AuditEvent.objects.get(action="measure.recorded").client_ids == [client.id]
    assert not OutboxEvent.objects.filter(topic__startswith="measure.").exists()


@pytest.mark.parametrize(
    ("items", "code"),
    [
        ({"1": 0}, "items_incomplete"),
        (CALM | {"1": 4}, "item_out_of_range"),
        (CALM | {"10": 0}, "item_unknown"),
        (CALM | {"1": "often"}, "invalid"),
        ({}, "invalid"),
    ],
)
def test_what_cannot_be_scored_is_refused_and_nothing_kept(cast, api, client, items, code) -> None:
    refused = api(cast.therapist).post("measures/responses/", phq9(client, items))

    assert (refused.status_code, refused.json()["code"]) == (400, code)
    assert not Response.objects.exists()
    assert not AuditEvent.objects.filter(action="measure.recorded").exists()


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.PEER_SPECIALIST, 201),
        (Role.CASE_MANAGER, 201),
        (Role.THERAPIST, 201),
        (Role.SUPERVISOR, 201),
        (Role.HOUSE_MANAGER, 403),
        (Role.PRIVACY_OFFICER, 403),
        (Role.INTAKE, 404),
        (Role.ADMIN, 404),
    ],
)
def test_who_may_administer_a_screener(cast, api, client, role: Role, status: int) -> None:
    made = api(cast.at_north[role]).post("measures/responses/", phq9(client))

    assert made.status_code == status
    assert Response.objects.exists() is (status == 201)


def test_a_client_one_cannot_see_does_not_exist(cast, api, client) -> None:
    web = api(cast.outsider)

    refused = web.post("measures/responses/", phq9(client))

    assert refused.status_code == 404
    absent = web.post("measures/responses/", phq9(client) | {"client": "00000000-0000-7000-8000-000000000000"})
    assert absent.content == refused.content
    assert not Response.objects.exists()


def test_answers_from_the_future_are_refused_and_earlier_ones_show_both_times(cast, api, client) -> None:
    web, at = api(cast.therapist), clock.now()

    refused = web.post("measures/responses/", phq9(client, completed_at=(at + timedelta(hours=1)).isoformat()))
    made = web.post("measures/responses/", phq9(client, completed_at=(at - timedelta(days=2)).isoformat()))

    assert (refused.status_code, refused.json()["code"]) == (422, "completed_in_future")
    assert made.json()["completed_at"] < made.json()["recorded_at"]
    assert Response.objects.count() == 1


def test_an_episode_of_somebody_else_is_refused(cast, api, client) -> None:
    other = episodes.episode(people.client(cast.north, phone=None))
    web = api(cast.therapist)

    for wrong in (str(other.id), "00000000-0000-7000-8000-000000000000"):
        refused = web.post("measures/responses/", phq9(client, episode=wrong))
        assert (refused.status_code, list(refused.json()["fields"])) == (400, ["episode"])
    assert not Response.objects.exists()


def test_sex_decides_a_cut_off_where_it_does_and_is_refused_elsewhere(cast, api, client) -> None:
    web = api(cast.therapist)
    drinking = phq9(client, {"1": 1, "2": 1, "3": 1}, instrument="audit_c")

    assert web.post("measures/responses/", drinking | {"sex": "male"}).json()["flags"] == []
    assert web.post("measures/responses/", drinking).json()["flags"] == ["audit_c_positive"]
    refused = web.post("measures/responses/", phq9(client, sex="male"))

    assert (refused.status_code, list(refused.json()["fields"])) == (400, ["sex"])
    assert Response.objects.count() == 2


def test_a_peer_is_told_that_it_was_taken_and_the_risk_flag_and_no_answer(cast, api, client) -> None:
    drinking = phq9(client, {"1": 4, "2": 4, "3": 4}, instrument="audit_c", sex="male")
    made = api(cast.therapist).post("measures/responses/", phq9(client, CALM | {"9": 2})).json()
    api(cast.therapist).post("measures/responses/", drinking)
    web = api(cast.peer)

    seen = web.get(f"measures/responses/{made['id']}/").json()
    rows = web.get(f"measures/responses/?client={client.id}").json()["results"]

    assert (seen["answers_hidden"], seen["flags"]) == (True, ["phq9_item_9"])
    for row in (seen, *rows):
        assert [row[name] for name in ("items", "scores", "bands", "sentences", "sex")] == [None] * 5
    assert [row["flags"] for row in rows] == [[], ["phq9_item_9"]]


def test_a_peer_reads_what_the_peer_administered(cast, api, client) -> None:
    web = api(cast.peer)

    made = web.post("measures/responses/", phq9(client, CALM | {"1": 2})).json()

    assert (made["answers_hidden"], made["scores"]) == (False, {"total": 2})
    assert web.get(f"measures/responses/{made['id']}/").json() == made
    another = people.staff(Role.PEER_SPECIALIST, at=cast.north)
    assert api(another).get(f"measures/responses/{made['id']}/").json()["items"] is None


def test_nobody_else_learns_that_it_was_taken(cast, api, client) -> None:
    made = api(cast.therapist).post("measures/responses/", phq9(client)).json()

    for actor in (cast.at_north[Role.HOUSE_MANAGER], cast.outsider, cast.at_south[Role.SUPERVISOR]):
        web = api(actor)
        assert web.get(f"measures/responses/{made['id']}/").status_code == 404
        assert web.get(f"measures/responses/?client={client.id}").json()["results"] == []


def test_the_catalog_names_items_ranges_and_licenses(cast, api) -> None:
    found = {each["code"]: each for each in api(cast.peer).get("measures/instruments/").json()["results"]}

    assert set(found) == set(CATALOG)
    assert found["phq9"]["items"][0]["text"] == "Little interest or pleasure in doing things"
    assert [item["text"] for item in found["dast10"]["items"]] == [None] * 10
    assert found["dast10"]["license"]["text_may_ship"] is False
    assert found["cssrs"]["bands"]["triage"][3]["sentence"] == "screens in the high risk range"

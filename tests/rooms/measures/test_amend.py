"""Amending a response: a new row in place of the old one, which stays (MSR-02)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError, IntegrityError

from casemgmt.access.models import Grant, Reason
from casemgmt.accounts.roles import Role
from casemgmt.audit.models import AuditEvent
from casemgmt.clients.models import Client
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.measures.models import Response
from casemgmt.measures.services import NewResponse, record_response
from tests.factories import people


@pytest.fixture
def client(cast) -> Client:
    """Return a client of North."""
    return people.client(cast.north)


def hope(client: Client, actor: Actor, value: int, **more: Any) -> Response:
    """Return a recorded answer to the hope ruler."""
    new = NewResponse(client_id=client.id, instrument="ruler_hope", items={"1": value}, mode="self", **more)
    return record_response(new=new, actor=actor)


def amend(web, row_id, value: int = 8, reason: str = "was read the wrong way round"):
    """Send an amendment."""
    return web.post(f"measures/responses/{row_id}/amendments/", {"items": {"1": value}, "reason": reason})


def test_an_amendment_takes_the_place_and_the_old_row_stays(cast, api, client) -> None:
    old = hope(client, cast.peer, 2, completed_at=clock.now() - timedelta(days=3))
    web = api(cast.therapist)

    made = amend(web, old.id)

    assert made.status_code == 201
    told = made.json()
    assert (told["supersedes_id"], told["scores"]) == (str(old.id), {"value": 8})
    new = Response.objects.get(pk=told["id"])
    assert (new.completed_at, new.administered_by_id) == (old.completed_at, cast.peer.id)
    assert new.recorded_by_id == cast.therapist.id
    seen = web.get(f"measures/responses/{old.id}/").json()
    assert (seen["scores"], seen["superseded_by_id"]) == ({"value": 2}, told["id"])
    address = f"measures/responses/?client={client.id}"
    assert [row["id"] for row in web.get(address).json()["results"]] == [told["id"]]
    assert [row["id"] for row in web.get(f"{address}&amended=true").json()["results"]] == [told["id"], str(old.id)]
    assert AuditEvent.objects.get(action="measure.amended").object_id == new.id


def test_only_the_latest_is_amended(cast, api, client) -> None:
    old = hope(client, cast.therapist, 2)
    web = api(cast.therapist)
    latest = amend(web, old.id).json()["id"]

    refused = amend(web, old.id, 9)

    assert (refused.status_code, refused.json()["code"]) == (409, "already_amended")
    assert Response.objects.count() == 2
    assert amend(web, latest, 9).status_code == 201


@pytest.mark.parametrize(
    ("value", "reason", "field"), [(11, "typo", "items.1"), (5, "   ", "reason"), (5, "", "reason")]
)
def test_an_amendment_is_whole_and_says_why(cast, api, client, value, reason, field) -> None:
    old = hope(client, cast.therapist, 2)

    refused = amend(api(cast.therapist), old.id, value, reason)

    assert (refused.status_code, list(refused.json()["fields"])) == (400, [field])
    assert Response.objects.count() == 1


def test_who_may_amend(cast, api, client) -> None:
    old = hope(client, cast.therapist, 2)

    answers = {role: amend(api(cast.at_north[role]), old.id) for role in Role if role not in (Role.THERAPIST,)}
    refused = {role: answer.status_code for role, answer in answers.items() if answer.status_code not in (201, 409)}

    assert refused == {
        Role.PEER_SPECIALIST: 403,  # only what they administered
        Role.PRIVACY_OFFICER: 403,
        Role.HOUSE_MANAGER: 404,
        Role.INTAKE: 404,
        Role.ADMIN: 404,
    }
    assert amend(api(cast.outsider), old.id).status_code == 404
    own = hope(client, cast.peer, 3)
    assert amend(api(cast.peer), own.id).status_code == 201


def test_another_organization_reads_and_does_not_amend(cast, api, client) -> None:
    old = hope(client, cast.therapist, 2)
    Grant.objects.create(client_id=client.id, organization_id=cast.south.id, reason=Reason.EXPLICIT)
    web = api(cast.at_south[Role.SUPERVISOR])

    refused = amend(web, old.id)

    assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted")
    assert web.get(f"measures/responses/{old.id}/").json()["scores"] == {"value": 2}
    assert Response.objects.count() == 1


@pytest.mark.parametrize("statement", ["DELETE FROM {0}", "UPDATE {0} SET language = 'x'", "TRUNCATE {0}"])
def test_the_table_only_grows(cast, client, statement) -> None:
    old = hope(client, cast.therapist, 2)

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format("measures_response"))

    assert Response.objects.get().language == old.language


@pytest.mark.parametrize(
    "change",
    [
        {"instrument": "phq10"},
        {"mode": "dream"},
        {"sex": "male"},
        {"items": {}},
        {"amend_reason": "why"},
        {"supersedes": "old"},
        {"completed_at": "later"},
    ],
)
def test_postgresql_refuses_what_no_door_writes(cast, client, change) -> None:
    old = hope(client, cast.therapist, 2)
    columns = {field.attname: getattr(old, field.attname) for field in Response._meta.concrete_fields}
    del columns["id"], columns["supersedes_id"]
    given = {"supersedes": old, "completed_at": old.recorded_at + timedelta(seconds=1)}
    changed = {name: given.get(name, value) for name, value in change.items()}

    with pytest.raises(IntegrityError), transaction.atomic():
        Response.objects.create(**columns | changed)

    assert Response.objects.count() == 1

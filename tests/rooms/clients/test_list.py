"""The list of clients: an organization's own by name, and among them those whom others registered and a grant opens."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from casemgmt.access.models import Grant, Reason, Scope
from casemgmt.accounts.roles import Role
from casemgmt.clients.models import Client
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.wall import acting_as
from tests.factories import people

MACHINE = Actor.system("clock")


def open_to(client: Client, organization, **fields) -> Grant:
    """Return a grant, made by a machine, as a referral makes one."""
    with acting_as(MACHINE):
        given = {"reason": Reason.REFERRAL, **fields}
        grant = Grant.objects.create(client_id=client.id, organization_id=organization.id, **given)
        grant.refresh_from_db()
    return grant


def named(at, family: str, given: str = "Ada") -> Client:
    return people.client(at, phone=None, family_name=family, given_name=given)


def listed(web, **query) -> list[tuple[str, str]]:
    """Return the names on all pages."""
    rows, cursor = [], ""
    while cursor is not None:
        told = web.get("clients/?" + "&".join(f"{k}={v}" for k, v in query.items()) + cursor).json()
        rows += [(row["family_name"], row["given_name"]) for row in told["results"]]
        cursor = told["next"] and f"&cursor={told['next']}"
    return rows


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_own_clients_and_those_of_others_stand_in_one_order(cast, api, limit) -> None:
    for family, given in (("Ames", "Bo"), ("Cole", "Di"), ("Cole", "Al")):
        named(cast.north, family, given)
    for family in ("Baker", "Cole", "Zorn"):
        open_to(named(cast.south, family, "Cy"), cast.north)
    named(cast.south, "Hidden")

    names = listed(api(cast.case_manager), limit=limit)

    assert names == [
        ("Ames", "Bo"),
        ("Baker", "Cy"),
        ("Cole", "Al"),
        ("Cole", "Cy"),
        ("Cole", "Di"),
        ("Zorn", "Cy"),
    ]


def test_nobody_is_listed_twice_however_often_they_are_granted(cast, api) -> None:
    own, theirs = named(cast.north, "Own"), named(cast.south, "Theirs")
    for client in (own, theirs):
        open_to(client, cast.north)
        open_to(client, cast.north, reason=Reason.CARE_TEAM, user_id=cast.case_manager.id)

    assert listed(api(cast.case_manager)) == [("Own", "Ada"), ("Theirs", "Ada")]


@pytest.mark.parametrize(
    "changes",
    [
        {"scope": Scope.PACKET},
        {"scope": Scope.WITHHELD},
        {"expires": -1},
        {"revoked": True},
        {"for": "peer"},
        {"at": "south"},
    ],
)
@pytest.mark.parametrize("home", ["north", "south"])
def test_a_grant_that_opens_nothing_lists_nobody(cast, api, home, changes) -> None:
    """P2-41: asked of both parts of the list."""
    client = named(getattr(cast, home), "Hidden")
    at, told = clock.now(), {"source_id": uuid4()}
    with acting_as(MACHINE):
        Grant.objects.filter(client_id=client.id).update(revoked_at=at)
    if "scope" in changes:
        told["scope"] = changes["scope"]
    if "expires" in changes:
        told["expires_at"] = at - timedelta(seconds=1)
    if "revoked" in changes:
        told["revoked_at"] = at
    if "for" in changes:
        told |= {"user_id": cast.peer.id, "reason": Reason.CARE_TEAM}
    open_to(client, cast.south if "at" in changes else cast.north, **told)

    assert listed(api(cast.case_manager)) == []

    open_to(client, cast.north)
    assert listed(api(cast.case_manager)) == [("Hidden", "Ada")]
    assert listed(api(cast.at_north[Role.THERAPIST])) == [("Hidden", "Ada")]


def test_a_grant_knows_by_itself_whether_another_registered_the_client(cast) -> None:
    """Whatever is written into it."""
    client = named(cast.north, "Own")
    own, other = open_to(client, cast.north, elsewhere=True), open_to(client, cast.south, elsewhere=False)

    assert (own.elsewhere, other.elsewhere) == (False, True)
    with acting_as(MACHINE):
        Grant.objects.filter(pk__in=[own.id, other.id]).update(elsewhere=True)
        own.refresh_from_db()
    assert own.elsewhere is False


def test_who_registered_a_client_stays(cast) -> None:
    client = named(cast.north, "Own")

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE clients_client SET organization_id = %s WHERE id = %s", [cast.south.id, client.id])

    assert Client.objects.get(pk=client.id).organization_id == cast.north.id

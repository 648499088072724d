"""The list of clients: an organization's own by name, and among them those whom others registered and a grant opens."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from casemgmt.access.models import Grant, Reason, Scope
from casemgmt.accounts.roles import Role
from casemgmt.api.kept import Kept
from casemgmt.clients.models import Client, ContactPoint
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


def test_the_list_shows_each_client_as_reading_the_client_does(cast, api) -> None:
    """One shape, by two ways of reading: contact points in their order, dates, what a role need not know left out."""
    client = people.client(cast.north, city="Wichita", source_system="old", source_id="7", birth_date=date(1980, 2, 29))
    for value, preferred, ended in (("+13165550111", False, None), ("+13165550112", False, clock.now())):
        ContactPoint.objects.create(client=client, kind="phone", value=value, preferred=preferred, ended_at=ended)
    ContactPoint.objects.create(client=client, kind="email", value="ada@example.org", preferred=True)
    gone = named(cast.north, "Gone")
    Client.objects.filter(pk=gone.id).update(deceased=True, deceased_on=date(2026, 1, 2), birth_date=None)

    for actor in (cast.case_manager, cast.peer, cast.at_north[Role.HOUSE_MANAGER], cast.at_north[Role.PRIVACY_OFFICER]):
        web = api(actor)
        rows = web.get("clients/").json()["results"]
        assert rows == [web.get(f"clients/{each.id}/").json() for each in (client, gone)]
        assert [point["value"] for point in rows[0]["contact_points"]][-1] == "+13165550111"


def test_the_list_takes_two_statements_beside_those_of_every_request(cast, api, django_assert_num_queries) -> None:
    web = api(cast.case_manager)
    for count in (1, 2, 3):
        client = named(cast.north, f"Name {count}")
        ContactPoint.objects.create(client=client, kind="phone", value=f"+1316555012{count}")
        with django_assert_num_queries(7):  # login, savepoint, who acts, page, audit row, who acted, release
            assert len(web.get("clients/").json()["results"]) == count


def test_who_sees_no_records_is_shown_an_empty_list_and_a_wrong_cursor_is_refused(cast, api) -> None:
    named(cast.north, "Own")
    hidden = named(cast.south, "Hidden")

    assert listed(api(cast.at_north[Role.ADMIN])) == []
    for cursor in (hidden.id, uuid4(), "abc"):
        answer = api(cast.case_manager).get(f"clients/?cursor={cursor}")
        assert (answer.status_code, answer.json()["code"]) == (400, "cursor_invalid")


def test_a_value_that_a_kept_statement_does_not_ask_for_is_a_mistake() -> None:
    with pytest.raises(LookupError, match="other"):
        Kept(lambda one, other: Client.objects.filter(pk=one), one=uuid4(), other=uuid4())


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

"""Recording, reading and editing clients over HTTP."""

from __future__ import annotations

from casemgmt.audit.models import AuditEvent
from casemgmt.clients.models import Client, ContactPoint
from tests.factories import people

ADA = {
    "given_name": "Ada",
    "family_name": "Example",
    "birth_date": "1990-05-17",
    "residence_state": "KS",
    "phone": "(316) 555-0142",
}


def test_a_case_manager_records_a_client_and_reads_it_back(cast, api) -> None:
    web = api(cast.case_manager)

    made = web.post("clients/", ADA)
    read = web.get(f"clients/{made.json()['id']}/")

    assert made.status_code == 201
    assert made["ETag"] == read["ETag"] == '"1"'
    assert made.json() == read.json()
    assert read.json()["contact_points"][0]["value"] == "+13165550142"
    assert read.json()["contact_points"][0]["status"] == "unverified"


def test_the_list_shows_only_ones_own_organization_in_order_of_name(cast, api) -> None:
    for name in ("Young", "Adams", "Miller"):
        people.client(cast.north, family_name=name, phone=None)
    people.client(cast.south, family_name="Bell", phone=None)

    listed = api(cast.case_manager).get("clients/").json()

    assert [row["family_name"] for row in listed["results"]] == ["Adams", "Miller", "Young"]
    assert listed["next"] is None


def test_pages_follow_each_other_without_gaps_or_names_in_the_cursor(cast, api) -> None:
    for number in range(7):
        people.client(cast.north, family_name="Same", given_name=f"N{number % 3}", phone=None)
    web, seen, cursor = api(cast.case_manager), [], ""

    for _ in range(4):
        answer = web.get(f"clients/?limit=2{cursor}").json()
        seen += [row["id"] for row in answer["results"]]
        if answer["next"] is None:
            break
        cursor = f"&cursor={answer['next']}"

    assert len(seen) == len(set(seen)) == 7
    assert "Same" not in cursor


def test_an_outsider_gets_the_same_404_for_hidden_and_absent(cast, api) -> None:
    hidden = people.client(cast.north)
    web = api(cast.outsider)

    first = web.get(f"clients/{hidden.id}/")
    second = web.get("clients/00000000-0000-7000-8000-000000000000/")

    assert (first.status_code, first.content) == (404, second.content)
    assert web.get("clients/").json()["results"] == []
    assert web.patch(f"clients/{hidden.id}/", {"city": "X"}, If_Match='"1"').content == first.content
    assert web.post(f"clients/{hidden.id}/contact-points/", {"kind": "phone", "value": "316 555 0111"}).content == (
        first.content
    )
    hidden.refresh_from_db()
    assert (hidden.city, hidden.contact_points.count()) == ("", 1)


def test_a_peer_sees_no_date_of_birth_and_may_not_edit(cast, api) -> None:
    client = people.client(cast.north)
    web = api(cast.peer)

    read = web.get(f"clients/{client.id}/").json()
    edited = web.patch(f"clients/{client.id}/", {"city": "X"}, If_Match='"1"')

    assert "birth_date" not in read
    assert read["given_name"] == "Ada"
    assert (edited.status_code, edited.json()["code"]) == (403, "not_permitted")
    assert Client.objects.get(pk=client.id).city == ""


def test_an_admin_sees_no_client(cast, api) -> None:
    from casemgmt.accounts.roles import Role

    client = people.client(cast.north)
    web = api(cast.at_north[Role.ADMIN])

    assert web.get("clients/").json()["results"] == []
    assert web.get(f"clients/{client.id}/").status_code == 404


def test_an_edit_needs_the_version_it_edits(cast, api) -> None:
    client = people.client(cast.north)
    web = api(cast.case_manager)

    without = web.patch(f"clients/{client.id}/", {"city": "Salina"})
    fresh = web.patch(f"clients/{client.id}/", {"city": "Salina"}, If_Match='"1"')
    stale = web.patch(f"clients/{client.id}/", {"city": "Derby"}, If_Match='"1"')

    assert (without.status_code, without.json()["code"]) == (428, "if_match_required")
    assert (fresh.status_code, fresh["ETag"]) == (200, '"2"')
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")
    assert Client.objects.get(pk=client.id).city == "Salina"


def test_a_new_preferred_number_takes_the_place_of_the_old(cast, api) -> None:
    client = people.client(cast.north, phone="+13165550100")
    web = api(cast.case_manager)

    added = web.post(f"clients/{client.id}/contact-points/", {"kind": "phone", "value": "316-555-0101"})
    twice = web.post(f"clients/{client.id}/contact-points/", {"kind": "phone", "value": "316-555-0101"})

    assert added.status_code == 201
    assert (twice.status_code, twice.json()["code"]) == (409, "contact_point_exists")
    points = {point.value: point.preferred for point in ContactPoint.objects.filter(client=client)}
    assert points == {"+13165550100": False, "+13165550101": True}


def test_every_read_and_every_refusal_leaves_an_audit_row(cast, api) -> None:
    client = people.client(cast.north)
    people.client(cast.north, phone=None)
    web = api(cast.case_manager)

    web.get(f"clients/{client.id}/")
    web.get("clients/")
    api(cast.outsider).get(f"clients/{client.id}/")

    read = AuditEvent.objects.get(action="client.read")
    listed = AuditEvent.objects.get(action="client.listed")
    refused = AuditEvent.objects.get(outcome="refused")
    assert (read.actor_id, read.client_ids) == (cast.case_manager.id, [client.id])
    assert len(listed.client_ids) == 2
    assert (refused.actor_id, refused.reason_code) == (cast.outsider.id, "not_found")


def test_an_address_longer_than_any_can_be_is_refused(cast, api) -> None:
    """RFC 5321: 254 characters and no more."""
    body = {**ADA, "email": f"{'a' * 243}@example.org"}

    refused = api(cast.case_manager).post("clients/", body)

    assert (refused.status_code, list(refused.json()["fields"])) == (400, ["email"])
    assert not Client.objects.exists()

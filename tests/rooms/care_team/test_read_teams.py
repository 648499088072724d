"""Reading teams and caseloads: pages, filters, who may, and how much it costs."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from casemgmt.accounts.roles import Role
from casemgmt.care_team.models import CareTeamMember
from casemgmt.care_team.services import current_team, members_with_role
from tests.factories import care_team, people


def test_an_empty_team_and_an_empty_caseload_are_empty_lists(cast, api) -> None:
    client, web = people.client(cast.north), api(cast.case_manager)

    assert web.get(f"clients/{client.id}/care-team/").json() == {"results": [], "next": None}
    assert web.get("caseload/").json() == {"results": [], "next": None}
    assert current_team(client_id=client.id, organization_id=cast.north.id) == []


def test_a_caseload_holds_the_clients_one_cares_for(cast, api) -> None:
    mine = [people.client(cast.north) for _ in range(3)]
    for client in mine:
        care_team.member(client, cast.peer)
    left = people.client(cast.north)
    care_team.member(left, cast.peer, ended_on=people.today(), end_reason="reassigned")
    care_team.member(people.client(cast.north), cast.therapist)

    rows = api(cast.peer).get("caseload/").json()["results"]
    for_supervision = api(cast.supervisor).get(f"caseload/?user={cast.peer.id}&role=peer_specialist").json()["results"]

    assert [row["client_id"] for row in rows] == [str(each.id) for each in mine]
    assert for_supervision == rows


def test_a_peer_does_not_read_the_caseloads_of_others(cast, api) -> None:
    care_team.member(people.client(cast.north), cast.therapist)

    answer = api(cast.peer).get(f"caseload/?user={cast.therapist.id}")

    assert (answer.status_code, answer.json()["code"]) == (403, "not_permitted")


def test_another_organizations_caseload_is_empty(cast, api) -> None:
    care_team.member(people.client(cast.north), cast.therapist)

    assert api(cast.outsider).get(f"caseload/?user={cast.therapist.id}").json()["results"] == []


def test_a_team_is_read_in_pages_and_by_role(cast, api) -> None:
    client, web = people.client(cast.north), api(cast.case_manager)
    peers = [people.staff(Role.PEER_SPECIALIST, at=cast.north) for _ in range(5)]
    ids = [str(care_team.member(client, each).id) for each in peers]
    care_team.member(client, cast.therapist)
    path = f"clients/{client.id}/care-team/?role=peer_specialist&limit=2"

    found, cursor = [], ""
    while cursor is not None:
        page = web.get(f"{path}&cursor={cursor}" if cursor else path).json()
        found += [row["id"] for row in page["results"]]
        cursor = page["next"]

    assert found == ids
    assert len(members_with_role(client_id=client.id, organization_id=cast.north.id, role="peer_specialist")) == 5


@pytest.mark.parametrize("query", ["past=maybe", "role=admin", "surprise=1", "limit=0", "limit=101", "cursor=zz"])
def test_odd_questions_are_refused(cast, api, query) -> None:
    client = people.client(cast.north)

    assert api(cast.case_manager).get(f"clients/{client.id}/care-team/?{query}").status_code == 400


@pytest.mark.parametrize("path", ["clients/{client}/care-team/", "caseload/"])
def test_a_long_list_costs_as_many_queries_as_a_short_one(cast, api, path) -> None:
    client, web = people.client(cast.north), api(cast.case_manager)
    address = path.format(client=client.id)
    care_team.member(client, cast.case_manager)
    web.get(address)  # warm
    with CaptureQueriesContext(
        connection,
    ) as few:
        assert len(web.get(address).json()["results"]) == 1
    for _ in range(20):
        care_team.member(client, people.staff(Role.THERAPIST, at=cast.north))
        care_team.member(people.client(cast.north), cast.case_manager)
    with CaptureQueriesContext(connection) as many:
        assert len(web.get(address).json()["results"]) == 21

    assert len(many) == len(few)


def plan_of(rows) -> str:
    """Return how PostgreSQL would find rows, as text, where a table of a few pages is too cheap to need an index."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    return str(rows.explain())


def test_an_index_serves_each_list(cast) -> None:
    client = people.client(cast.north)
    team = CareTeamMember.objects.of_client(client.id, organization_id=cast.north.id).order_by("id")
    load = CareTeamMember.objects.open().filter(user_id=cast.peer.id, organization_id=cast.north.id).order_by("id")

    for rows, index in ((team, "care_team_of_client"), (load, "care_team_caseload")):
        plan = plan_of(rows)
        assert index in plan, plan
        assert "Sort" not in plan, plan

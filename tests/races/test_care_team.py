"""Two people put the same person on a team, or make two leads: one place, one lead."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connections

from casemgmt.access.models import Grant, Reason
from casemgmt.accounts.roles import Role
from casemgmt.care_team.models import CareTeamMember
from tests.cast import gather
from tests.factories import people
from tests.web import Web


def all_at_once(web: Web, path: str, bodies: list[dict[str, Any]]) -> Counter[tuple[int, str]]:
    def one(body: dict[str, Any]) -> tuple[int, str]:
        try:
            answer = web.post(path, body)
            return answer.status_code, answer.json().get("code", "")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=8) as pool:
        return Counter(pool.map(one, bodies))


def test_the_same_person_joins_once(committed_db) -> None:
    cast = gather()
    client = people.client(cast.north)
    body = {"user": str(cast.peer.id), "role": "peer_specialist"}

    answers = all_at_once(Web(cast.case_manager), f"clients/{client.id}/care-team/", [body] * 8)

    assert answers == {(201, ""): 1, (409, "already_on_team"): 7}
    assert CareTeamMember.objects.count() == Grant.objects.filter(reason=Reason.CARE_TEAM).count() == 1


def test_one_of_many_leads(committed_db) -> None:
    cast = gather()
    client = people.client(cast.north)
    managers = [people.staff(Role.CASE_MANAGER, at=cast.north) for _ in range(6)]
    bodies = [{"user": str(each.id), "role": "case_manager", "lead": True} for each in managers]

    answers = all_at_once(Web(cast.case_manager), f"clients/{client.id}/care-team/", bodies)

    assert answers == {(201, ""): 6}
    assert CareTeamMember.objects.filter(lead=True).count() == 1


def test_who_leaves_leaves_once(committed_db) -> None:
    cast = gather()
    client = people.client(cast.north)
    web = Web(cast.case_manager)
    body = {"user": str(cast.peer.id), "role": "peer_specialist"}
    member_id = web.post(f"clients/{client.id}/care-team/", body).json()["id"]

    answers = all_at_once(web, f"care-team-members/{member_id}/end/", [{"reason": "reassigned"}] * 6)

    assert answers == {(200, ""): 1, (409, "membership_ended"): 5}
    assert not Grant.objects.filter(reason=Reason.CARE_TEAM, revoked_at__isnull=True).exists()

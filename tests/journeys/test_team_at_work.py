"""A team around a client: put together, given work, handed over, ended; as four people and a stranger see it."""

from __future__ import annotations

from typing import Any

from casemgmt.care_team.models import CareTeamMember
from casemgmt.worklist.models import ItemKind, WorkItem

INTAKE = "kind=intake_to_do"


def ids(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [row["id"] for row in answer.json()["results"]]


def kinds(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [row["kind"] for row in answer.json()["results"]]


def ok(answer: Any, status: int = 201) -> dict[str, Any]:
    assert answer.status_code == status, answer.content
    body: dict[str, Any] = answer.json()
    return body


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_a_team_cares_from_intake_to_the_end(cast, api) -> None:
    manager, therapist, peer = api(cast.case_manager), api(cast.therapist), api(cast.peer)
    supervisor, stranger = api(cast.supervisor), api(cast.outsider)

    # a supervisor sets how long an intake takes; the case manager takes a client in
    assert code(manager.post("policies/", {"name": "intake_days", "value": 3, "reason": "x"})) == (403, "not_permitted")
    ok(supervisor.post("policies/", {"name": "intake_days", "value": 3, "reason": "We promise three days."}))
    client = ok(manager.post("clients/", {"given_name": "Ada", "family_name": "Example"}))["id"]
    episode = ok(manager.post("episodes/", {"client": client, "source": "self", "reason": "asked for help"}))["id"]

    # until there is a team, the intake falls to every case manager
    intake = manager.get(f"work-items/mine/?{INTAKE}").json()["results"]
    assert len(intake) == 1
    assert {row["client_id"] for row in manager.get("work-items/mine/").json()["results"]} == {client}
    assert kinds(supervisor.get("work-items/mine/")) == []
    assert kinds(manager.get("work-items/my-teams/")) == []

    # the team
    team = f"clients/{client}/care-team/"
    lead = ok(manager.post(team, {"user": str(cast.case_manager.id), "role": "case_manager", "lead": True}))
    ok(manager.post(team, {"user": str(cast.therapist.id), "role": "therapist"}))
    ok(therapist.post(team, {"user": str(cast.peer.id), "role": "peer_specialist"}))
    assert code(peer.post(team, {"user": str(cast.supervisor.id), "role": "supervisor"})) == (403, "not_permitted")
    assert code(manager.post(team, {"user": str(cast.peer.id), "role": "peer_specialist"})) == (409, "already_on_team")
    assert [row["role"] for row in peer.get(team).json()["results"]] == ["case_manager", "therapist", "peer_specialist"]
    for web in (manager, therapist, peer):
        assert [row["client_id"] for row in web.get("caseload/").json()["results"]] == [client]
        assert ids(web.get(f"work-items/my-teams/?{INTAKE}")) == [intake[0]["id"]]
    assert kinds(peer.get("work-items/mine/")) == []

    # the therapist takes it over, finishes it by a slip, and takes that back
    item, version = f"work-items/{intake[0]['id']}/", intake[0]["version"]
    assert code(manager.post(f"{item}assign/", {"assignee": str(cast.peer.id), "version": version})) == (400, "invalid")
    taken = ok(therapist.post(f"{item}assign/", {"assignee": str(cast.therapist.id), "version": version}), 200)
    assert code(manager.post(f"{item}done/", {"outcome": "settled", "version": version})) == (409, "stale_version")
    assert kinds(manager.get(f"work-items/mine/?{INTAKE}")) == []
    assert kinds(therapist.get("work-items/mine/?overdue=false&role=case_manager")) == ["intake_to_do"]
    ok(therapist.post(f"{item}done/", {"outcome": "settled", "version": taken["version"]}), 200)
    assert code(peer.post(f"{item}reopen/", {"reason": "not_settled"})) == (403, "not_permitted")
    ok(therapist.post(f"{item}reopen/", {"reason": "finished_by_mistake"}), 200)

    # nobody else sees or does anything
    for path in (team, f"care-team-members/{lead['id']}/", item):
        assert code(stranger.get(path)) == (404, "not_found")
    assert code(stranger.post(f"care-team-members/{lead['id']}/end/", {"reason": "reassigned"})) == (404, "not_found")
    assert code(stranger.post(f"{item}assign/", {"assignee": None, "version": 4})) == (404, "not_found")
    for path in ("caseload/", "work-items/mine/", "work-items/my-teams/", "policies/history/"):
        assert stranger.get(path).json()["results"] == []
    assert CareTeamMember.objects.open().count() == 3

    # the end of the episode ends the team and the work
    ended = {"verb": "cancel", "data": {"cancel_reason": "withdrew"}}
    ok(manager.post(f"episodes/{episode}/transitions/", ended))
    assert manager.get(team).json()["results"] == []
    assert {row["end_reason"] for row in manager.get(f"{team}?past=true").json()["results"]} == {"episode_ended"}
    assert not WorkItem.objects.open().filter(kind=ItemKind.INTAKE_TO_DO).exists()
    assert peer.get("caseload/").json()["results"] == []

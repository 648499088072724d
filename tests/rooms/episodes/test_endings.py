"""How an episode ends: what each end asks for, who may say so, and what it leaves behind (T14-T17, CLN-30)."""

from __future__ import annotations

from typing import Any

import pytest

from casemgmt.accounts.roles import Role
from casemgmt.care_team.services import NewMember, add_member, current_team
from casemgmt.care_team.words import TeamRole
from casemgmt.episodes.models import CoSignature, Episode, StageMove
from casemgmt.episodes.stages import Stage
from casemgmt.outbox.models import OutboxEvent
from casemgmt.worklist.models import WorkItem
from tests.factories import episodes, people, readiness

JUSTIFIED = "The group asked to be safe; another program was offered and accepted."


@pytest.fixture
def episode(cast):
    return readiness.ready_episode(cast, stage=Stage.THERAPY)


def end(cast, web, episode, verb: str, **data: Any):
    order = {"verb": verb, "data": readiness.told(cast, episode) | data, "reason": "Agreed."}
    return web.post(f"episodes/{episode.id}/transitions/", order)


def nothing_happened(episode) -> bool:
    """True when neither a row of the ledger nor of the outbox was written for the episode, and its stage stands."""
    moved = StageMove.objects.filter(episode=episode).exclude(verb="test").exists()
    heard = OutboxEvent.objects.filter(subject_id=episode.id).exists()
    return not moved and not heard and str(Episode.objects.get(pk=episode.id).stage) == str(episode.stage)


def guards(answer) -> list[str]:
    assert (answer.status_code, answer.json()["code"]) == (409, "transition_blocked"), answer.content
    return [each["guard"] for each in answer.json()["failed_guards"]]


def test_completion_waits_for_the_plan(cast, api) -> None:
    """T14, G11: refused until the client was given a plan or declined one."""
    bare = episodes.episode(people.client(cast.north), stage=Stage.THERAPY)

    refused = end(cast, api(cast.therapist), bare, "complete")
    assert (guards(refused), nothing_happened(bare)) == (["G11"], True)

    readiness.cared_for_afterwards(cast, bare)
    assert end(cast, api(cast.therapist), bare, "complete").status_code == 201


def test_who_ends_iop_says_why_nothing_clinical_follows(cast, api) -> None:
    """T14, G10: completion from IOP is a skip too."""
    episode = readiness.ready_episode(cast, stage=Stage.IOP)

    short = end(cast, api(cast.therapist), episode, "complete", skip_reason="Wants it.")
    assert (guards(short), nothing_happened(episode)) == (["G10"], True)

    assert end(cast, api(cast.therapist), episode, "complete").status_code == 201


def test_a_dropout_is_sought_first(cast, api) -> None:
    """T15, G12."""
    lost = episodes.episode(people.client(cast.north), stage=Stage.PEER_SUPPORT)

    refused = end(cast, api(cast.therapist), lost, "discharge", discharge_reason="dropped_out")
    assert (guards(refused), nothing_happened(lost)) == (["G12"], True)

    readiness.sought(cast, lost)
    assert end(cast, api(cast.therapist), lost, "discharge", discharge_reason="dropped_out").status_code == 201
    assert CoSignature.objects.count() == 0


def test_a_case_managers_dropout_is_signed_by_a_supervisor(cast, api, episode) -> None:
    """T15: dropped out, and nothing else; a therapist does not sign it."""
    other = end(cast, api(cast.case_manager), episode, "discharge", discharge_reason="other")
    assert (other.status_code, nothing_happened(episode)) == (403, True)

    done = end(cast, api(cast.case_manager), episode, "discharge", discharge_reason="dropped_out")

    assert (done.status_code, done.json()["to_stage"]) == (201, "discharged")
    asked = CoSignature.objects.get()
    item = WorkItem.objects.open().get(kind="cosign_needed")
    assert (asked.roles, item.role) == (["supervisor"], "supervisor")
    assert api(cast.therapist).post(f"co-signatures/{asked.id}/signatures/").status_code == 403
    assert api(cast.supervisor).post(f"co-signatures/{asked.id}/signatures/").json()["status"] == "signed"


@pytest.mark.parametrize("role", [Role.CASE_MANAGER, Role.THERAPIST])
def test_only_a_supervisor_ends_treatment_for_the_facility(cast, api, episode, role) -> None:
    """T15: `terminated_by_facility`."""
    told = {"discharge_reason": "terminated_by_facility", "causes": ["violence_or_threat"]}

    refused = end(cast, api(cast.at_north[role]), episode, "discharge", **told)
    assert (refused.status_code, refused.json()["who"], nothing_happened(episode)) == (403, ["supervisor"], True)

    assert end(cast, api(cast.supervisor), episode, "discharge", **told).status_code == 201


@pytest.mark.parametrize("justification", [{}, {"supervisor_justification": "Used again."}])
def test_a_return_to_use_alone_ends_nobodys_treatment(cast, api, episode, justification) -> None:
    """CLN-30: `rtu_discharge_needs_supervisor`, and nothing happened."""
    told = {"discharge_reason": "terminated_by_facility", "causes": ["return_to_use"], **justification}

    refused = end(cast, api(cast.supervisor), episode, "discharge", **told)

    assert (refused.status_code, refused.json()["code"]) == (422, "rtu_discharge_needs_supervisor")
    assert nothing_happened(episode)


def test_a_supervisor_signs_a_separate_justification(cast, api, episode) -> None:
    """CLN-30: it stays in the ledger."""
    told = {"discharge_reason": "terminated_by_facility", "causes": ["return_to_use"]}

    done = end(cast, api(cast.supervisor), episode, "discharge", **told, supervisor_justification=JUSTIFIED)

    assert done.status_code == 201, done.content
    assert StageMove.objects.get(verb="discharge").given["supervisor_justification"] == JUSTIFIED


def test_a_transfer_is_handed_over(cast, api, episode) -> None:
    """T16, G13: first nobody accepted; then it is the organization that accepted, and no other."""
    nowhere = end(cast, api(cast.case_manager), episode, "transfer", receiving_organization=str(cast.south.id))
    assert (guards(nowhere), nothing_happened(episode)) == (["G13"], True)

    readiness.handed_over(cast, episode)
    other = end(cast, api(cast.case_manager), episode, "transfer", receiving_organization=str(cast.east.id))
    assert (other.status_code, list(other.json()["fields"])) == (400, ["data.receiving_organization"])
    assert nothing_happened(episode)

    done = end(cast, api(cast.case_manager), episode, "transfer")
    assert (done.status_code, done.json()["rule"]) == (201, "T16")


def test_everybody_who_cared_hears_of_a_death(cast, api, episode) -> None:
    """T17: each once and by name, read before the death ended the team."""
    for role, actor in ((TeamRole.THERAPIST, cast.therapist), (TeamRole.PEER_SPECIALIST, cast.peer)):
        new = NewMember(actor.id, role)
        add_member(client_id=episode.client_id, new=new, actor=cast.case_manager)

    died = end(cast, api(cast.supervisor), episode, "record_death")

    assert died.status_code == 201
    items = WorkItem.objects.open().filter(kind="client_died")
    assert dict(items.values_list("assignee_id", "role")) == {
        cast.therapist.id: "therapist",
        cast.peer.id: "peer_specialist",
    }
    assert current_team(client_id=episode.client_id, organization_id=cast.north.id) == []


def test_without_a_team_the_case_managers_hear_of_a_death(cast, api, episode) -> None:
    """T17."""
    end(cast, api(cast.supervisor), episode, "record_death")

    item = WorkItem.objects.open().get(kind="client_died")
    assert (item.role, item.assignee_id) == ("case_manager", None)


def test_a_case_manager_proposes_a_death_and_a_supervisor_confirms(cast, api, episode) -> None:
    """T17: not decided by a case manager alone."""
    refused = end(cast, api(cast.case_manager), episode, "record_death")
    assert (refused.status_code, nothing_happened(episode)) == (403, True)

    body = {"verb": "record_death", "data": {"death_source": "family"}}
    made = api(cast.case_manager).post(f"episodes/{episode.id}/proposals/", body)
    confirmed = api(cast.supervisor).post(f"proposals/{made.json()['id']}/confirmations/")

    assert confirmed.json()["move"]["to_stage"] == "deceased"

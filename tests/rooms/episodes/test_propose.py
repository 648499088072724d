"""Asking for a move, confirming it, deciding it (T8, STG-11, REF-07)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from casemgmt.accounts.roles import Role
from casemgmt.episodes.models import Episode, StageMove, StageProposal
from casemgmt.episodes.proposals import Suggestion, confirm_proposal, propose_move
from casemgmt.episodes.stages import Stage
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Invalid, NotPermitted
from casemgmt.policies.services import set_number
from casemgmt.worklist.models import WorkItem
from tests.factories import episodes, people, readiness

NOWHERE = "00000000-0000-7000-8000-000000000000"


def data(cast, episode) -> dict:
    """Return what entering IOP needs to be told."""
    told = readiness.told(cast, episode)
    return {"start_date": told["start_date"], "level_of_care": told.get("level_of_care", NOWHERE)}


def open_kinds() -> list[str]:
    return sorted(WorkItem.objects.open().filter(kind__startswith="stage_").values_list("kind", flat=True))


def test_a_case_manager_proposes_and_confirms_and_a_therapist_decides(cast, api) -> None:
    episode = readiness.ready_episode(cast)
    carla, theo = api(cast.case_manager), api(cast.therapist)

    made = carla.post(f"episodes/{episode.id}/proposals/", {"verb": "enter_iop", "data": data(cast, episode)})
    path = f"proposals/{made.json()['id']}/confirmations/"
    assert (made.status_code, open_kinds()) == (201, ["stage_proposed"])

    confirmed = carla.post(path)
    assert (confirmed.json()["proposal"]["status"], confirmed.json()["move"]) == ("confirmed", None)
    assert open_kinds() == ["stage_to_approve"]
    assert carla.post(path).json()["code"] == "awaiting_approval"

    decided = theo.post(path)
    assert decided.status_code == 200, decided.content
    assert decided.json()["move"]["to_stage"] == "iop"
    assert decided.json()["proposal"]["status"] == "carried_out"
    assert open_kinds() == []
    assert str(StageMove.objects.get(verb="enter_iop").proposal_id) == made.json()["id"]
    assert theo.post(path).json()["code"] == "already_decided"


def test_confirming_what_one_may_decide_carries_it_out(cast, api) -> None:
    episode = readiness.ready_episode(cast, stage=Stage.PEER_SUPPORT)
    web = api(cast.case_manager)
    made = web.post(f"episodes/{episode.id}/proposals/", {"verb": "enter_sober_living", "data": {"trigger": "request"}})

    done = web.post(f"proposals/{made.json()['id']}/confirmations/")

    assert done.json()["move"]["rule"] == "T8"
    assert str(Episode.objects.get(pk=episode.id).stage) == "sober_living"


def test_guards_are_judged_when_it_is_carried_out_and_the_proposal_stays(cast, api) -> None:
    episode = episodes.episode(people.client(cast.north))
    made = api(cast.case_manager).post(
        f"episodes/{episode.id}/proposals/", {"verb": "enter_iop", "data": data(cast, episode)}
    )

    refused = api(cast.therapist).post(f"proposals/{made.json()['id']}/confirmations/")

    assert (refused.status_code, refused.json()["code"]) == (409, "transition_blocked")
    assert StageProposal.objects.get().status == "proposed"
    assert open_kinds() == ["stage_proposed"]


def test_proposing_twice_is_told(cast, api) -> None:
    episode = readiness.ready_episode(cast)
    web = api(cast.case_manager)
    web.post(f"episodes/{episode.id}/proposals/", {"verb": "enter_iop"})

    again = web.post(f"episodes/{episode.id}/proposals/", {"verb": "enter_iop"})

    assert (again.status_code, again.json()["code"]) == (409, "already_proposed")
    assert StageProposal.objects.count() == 1


def test_a_proposal_is_dismissed_with_a_reason(cast, api) -> None:
    episode = readiness.ready_episode(cast)
    web = api(cast.case_manager)
    made = web.post(f"episodes/{episode.id}/proposals/", {"verb": "enter_iop"})
    path = f"proposals/{made.json()['id']}/dismissals/"

    without = web.post(path)
    gone = web.post(path, {"reason": "Client prefers therapy."})
    twice = web.post(path, {"reason": "Client prefers therapy."})

    assert without.status_code == 400
    assert gone.json()["status"] == "dismissed"
    assert twice.json()["code"] == "already_decided"
    assert open_kinds() == []


def test_moving_another_way_makes_a_proposal_moot(cast, api) -> None:
    episode = readiness.ready_episode(cast)
    api(cast.case_manager).post(f"episodes/{episode.id}/proposals/", {"verb": "enter_iop"})
    order = {"verb": "enter_peer_support", "data": {"peer": str(cast.peer.id), "goals": "Walk."}}

    moved = api(cast.case_manager).post(f"episodes/{episode.id}/transitions/", order)

    assert moved.status_code == 201, moved.content
    assert StageProposal.objects.get().status == "moot"
    assert open_kinds() == []


def test_the_system_proposes_and_never_decides(cast) -> None:
    """STG-11."""
    episode = readiness.ready_episode(cast)
    machine = Actor.system("referral-acceptance")
    proposal = propose_move(
        episode_id=episode.id, suggestion=Suggestion("enter_iop", given=data(cast, episode)), actor=machine
    )

    assert proposal.asked_by == "system"
    with pytest.raises(NotPermitted):
        confirm_proposal(proposal_id=proposal.id, given={}, version=None, actor=machine)

    assert str(Episode.objects.get(pk=episode.id).stage) == "intake"


def test_whose_wish_it_is_stays_with_the_proposal(cast, api) -> None:
    """T8: client, peer, house, case manager; staff record what a client or a house asks for."""
    wishes = {}
    for role, asked_by in (
        (Role.PEER_SPECIALIST, "client"),
        (Role.PEER_SPECIALIST, None),
        (Role.HOUSE_MANAGER, None),
        (Role.CASE_MANAGER, None),
        (Role.THERAPIST, None),
        (Role.CASE_MANAGER, "house"),
    ):
        episode = readiness.ready_episode(cast, stage=Stage.PEER_SUPPORT)
        body = {"verb": "enter_iop", "data": {"trigger": "request"}} | ({"asked_by": asked_by} if asked_by else {})
        made = api(cast.at_north[role]).post(f"episodes/{episode.id}/proposals/", body)
        assert made.status_code == 201, made.content
        wishes[role.value, asked_by] = made.json()["asked_by"]

    assert wishes == {
        ("peer_specialist", "client"): "client",
        ("peer_specialist", None): "peer",
        ("house_manager", None): "house",
        ("case_manager", None): "case_manager",
        ("therapist", None): "clinician",
        ("case_manager", "house"): "house",
    }


def test_nobody_asks_as_the_system(cast, api) -> None:
    """T8, STG-11: neither over HTTP nor past it."""
    episode = readiness.ready_episode(cast)

    over_http = api(cast.peer).post(f"episodes/{episode.id}/proposals/", {"verb": "enter_iop", "asked_by": "system"})
    suggestion = Suggestion("enter_iop", asked_by="system")
    with pytest.raises(Invalid) as refused:
        propose_move(episode_id=episode.id, suggestion=suggestion, actor=cast.peer)
    with pytest.raises(IntegrityError, match="proposal_asked_by_fits"), transaction.atomic():
        StageProposal.objects.create(
            episode=episode,
            verb="enter_iop",
            target="iop",
            asked_by="system",
            source_type="staff",
            proposed_by_kind="staff",
            proposed_by=cast.peer.id,
        )

    assert (over_http.status_code, list(refused.value.extra["fields"])) == (400, ["asked_by"])
    assert StageProposal.objects.count() == 0


def test_a_proposal_is_to_be_decided_in_the_organizations_time(cast) -> None:
    """T8: the number is the organization's."""
    episode = readiness.ready_episode(cast)
    set_number(name="proposal_hours", value=6, reason="We meet twice a day.", actor=cast.supervisor)

    propose_move(episode_id=episode.id, suggestion=Suggestion("enter_iop"), actor=cast.peer)

    due_in = WorkItem.objects.open().get(kind="stage_proposed").due_at - clock.now()
    assert timedelta(hours=5, minutes=55) < due_in <= timedelta(hours=6)


def test_a_peer_asks_for_a_step_up_after_a_return_to_use(cast, api) -> None:
    """T19: proposed as any step up; what it needs is told when it is carried out."""
    episode = readiness.ready_episode(cast, stage=Stage.AFTERCARE)
    wish = {"verb": "enter_iop", "data": {"trigger": "return_to_use"}, "asked_by": "client"}
    made = api(cast.peer).post(f"episodes/{episode.id}/proposals/", wish)

    short = api(cast.therapist).post(f"proposals/{made.json()['id']}/confirmations/")

    assert (made.status_code, short.status_code) == (201, 400)
    assert (short.json()["code"], list(short.json()["fields"])) == ("data_missing", ["return_to_use"])
    assert StageProposal.objects.get().status == "proposed"


def test_an_outsider_can_neither_see_nor_confirm(cast, api) -> None:
    episode = readiness.ready_episode(cast)
    made = api(cast.case_manager).post(f"episodes/{episode.id}/proposals/", {"verb": "enter_iop"}).json()
    web = api(cast.outsider)

    answers = [
        web.get(f"episodes/{episode.id}/proposals/"),
        web.post(f"episodes/{episode.id}/proposals/", {"verb": "enter_iop"}),
        web.post(f"proposals/{made['id']}/confirmations/"),
        web.post(f"proposals/{made['id']}/dismissals/", {"reason": "x"}),
    ]

    assert [answer.status_code for answer in answers] == [404] * 4
    assert StageProposal.objects.get().status == "proposed"

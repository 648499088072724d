"""From a return to use to more support: recorded by a peer, reviewed, proposed, decided by a clinician (T19)."""

from __future__ import annotations

import pytest

from casemgmt.episodes.models import Episode, ProposalStatus, StageMove, StageProposal
from casemgmt.episodes.stages import Stage
from tests.factories import chart, readiness


@pytest.fixture
def episode(cast) -> Episode:
    """Return an episode of North in aftercare for which every guard passes."""
    return readiness.ready_episode(cast, stage=Stage.AFTERCARE)


def stage_of(episode: Episode) -> str:
    return str(Episode.objects.get(pk=episode.pk).stage)


def test_a_clinician_decides_what_the_review_proposed(cast, api, episode) -> None:
    """T19, CLN-30: the step up happens when a clinician takes it, and its ledger row names the return to use."""
    used = api(cast.peer).post("returns-to-use/", chart.used_again(episode, overdose=True)).json()
    web = api(cast.therapist)
    review = {"outcome": "step_up", "target": "iop"}
    proposal_id = web.post(f"returns-to-use/{used['id']}/reviews/", review).json()["proposal_id"]
    assert stage_of(episode) == Stage.AFTERCARE

    answer = web.post(f"proposals/{proposal_id}/confirmations/", {})

    assert answer.status_code == 200, answer.json()
    move = StageMove.objects.latest("seq")
    assert (move.rule, move.to_stage, move.given["return_to_use"]) == ("T19", Stage.IOP, used["id"])
    assert StageProposal.objects.get().status == ProposalStatus.CARRIED_OUT
    assert stage_of(episode) == Stage.IOP


def test_a_step_up_names_a_return_to_use_of_this_episode(cast, api, episode) -> None:
    """T19: not an invented one, nor another client's, nor one that was entered in error."""
    other = readiness.ready_episode(cast, stage=Stage.AFTERCARE)
    web = api(cast.therapist)
    elsewhere = web.post("returns-to-use/", chart.used_again(other)).json()["id"]
    mistaken = web.post("returns-to-use/", chart.used_again(episode)).json()["id"]
    web.post(f"returns-to-use/{mistaken}/withdrawal/", {"reason": "another client's"})

    for named in (elsewhere, mistaken, str(episode.id)):
        data = {"trigger": "return_to_use", "return_to_use": named}
        refused = web.post(f"episodes/{episode.id}/transitions/", {"verb": "enter_iop", "data": data})
        assert (refused.status_code, list(refused.json()["fields"])) == (400, ["data.return_to_use"])

    assert stage_of(episode) == Stage.AFTERCARE


def test_a_peer_proposes_and_does_not_decide(cast, api, episode) -> None:
    """T19: whoever learned of it may ask for more support; the step is a clinician's."""
    web = api(cast.peer)
    used = web.post("returns-to-use/", chart.used_again(episode)).json()["id"]
    order = {"verb": "enter_iop", "data": {"trigger": "return_to_use", "return_to_use": used}}

    refused = web.post(f"episodes/{episode.id}/transitions/", order)
    asked = web.post(f"episodes/{episode.id}/proposals/", order)

    assert (refused.status_code, asked.status_code) == (403, 201)
    assert stage_of(episode) == Stage.AFTERCARE

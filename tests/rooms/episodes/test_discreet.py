"""What peers and houses learn of a pathway: where it leads, not why, and nothing of earlier episodes (table 1.9)."""

from __future__ import annotations

from typing import Any

import pytest

from casemgmt.accounts.roles import Role
from casemgmt.episodes.models import Episode, StageProposal
from casemgmt.episodes.services import MoveOrder, move_episode
from casemgmt.episodes.stages import Stage
from casemgmt.worklist.models import WorkItem
from tests.factories import chart, readiness

LIMITED = [Role.PEER_SPECIALIST, Role.HOUSE_MANAGER]
WHOLE = [Role.CASE_MANAGER, Role.THERAPIST, Role.SUPERVISOR, Role.PRIVACY_OFFICER]


def move(cast, episode: Episode, verb: str, *, by: Any = None, **data: Any) -> None:
    told = readiness.told(cast, episode) | data
    order = MoveOrder(verb, told, "Voices at night.")
    move_episode(episode_id=episode.id, order=order, actor=by or cast.therapist)


@pytest.fixture
def used_again(cast, api) -> Episode:
    """Return an episode that stepped up into IOP after a return to use."""
    episode = readiness.ready_episode(cast, stage=Stage.SOBER_LIVING)
    told = api(cast.therapist).post("returns-to-use/", chart.used_again(episode)).json()["id"]
    move(cast, episode, "enter_iop", trigger="return_to_use", return_to_use=told, progress_summary="Voices at night.")
    return episode


@pytest.fixture
def came_back(cast, api) -> Episode:
    """Return an ended episode that another one followed; its end was started ahead by a case manager."""
    episode = readiness.ready_episode(cast, stage=Stage.THERAPY)
    api(cast.peer).post("returns-to-use/", chart.used_again(episode))
    move(cast, episode, "discharge", by=cast.case_manager, discharge_reason="dropped_out")
    body = {"client": str(episode.client_id), "source": "self", "reason": "Asks.", "previous": str(episode.id)}
    assert api(cast.case_manager).post("episodes/", body).status_code == 201
    return episode


@pytest.mark.parametrize("role", LIMITED)
def test_the_ledger_tells_them_where_and_since_when(cast, api, used_again, role) -> None:
    """T19, CLN-30: that somebody used again is not told by the name of a rule, a trigger or a reason."""
    row = api(cast.at_north[role]).get(f"episodes/{used_again.id}/moves/").json()["results"][0]

    assert (row["to_stage"], row["details_hidden"], row["rule"], row["reason"]) == ("iop", True, "", "")
    assert set(row["given"]) <= {"start_date", "move_in", "resume_date", "review_date", "peer", "residence"}
    assert "oices" not in str(row)


@pytest.mark.parametrize("role", WHOLE)
def test_who_reads_the_chart_reads_the_ledger_whole(cast, api, used_again, role) -> None:
    row = api(cast.at_north[role]).get(f"episodes/{used_again.id}/moves/").json()["results"][0]

    assert (row["details_hidden"], row["rule"], row["reason"]) == (False, "T19", "Voices at night.")
    assert (row["given"]["trigger"], row["given"]["progress_summary"]) == ("return_to_use", "Voices at night.")


@pytest.mark.parametrize("role", LIMITED)
def test_they_read_the_reasons_of_their_own_proposals(cast, api, role) -> None:
    episode = readiness.ready_episode(cast, stage=Stage.SOBER_LIVING)
    path, theirs = f"episodes/{episode.id}/proposals/", api(cast.at_north[role])
    own = theirs.post(path, {"verb": "enter_iop", "reason": "Asks for more.", "data": {"trigger": "request"}})
    other = {"verb": "enter_therapy", "reason": "Voices at night.", "data": {"progress_summary": "Voices at night."}}
    assert api(cast.therapist).post(path, other).status_code == 201

    seen = {each["verb"]: each for each in theirs.get(path).json()["results"]}

    assert own.json()["reason"] == seen["enter_iop"]["reason"] == "Asks for more."
    assert seen["enter_iop"]["given"] == {"trigger": "request"}
    hidden = seen["enter_therapy"]
    assert (hidden["details_hidden"], hidden["reason"], hidden["given"], hidden["source_type"]) == (True, "", {}, "")


@pytest.mark.parametrize("role", LIMITED)
def test_why_a_step_began_ahead_is_not_told_to_them(cast, api, role) -> None:
    episode = readiness.ready_episode(cast, stage=Stage.SOBER_LIVING)
    move(cast, episode, "enter_iop", by=cast.case_manager, expedite=True)

    (seen,) = api(cast.at_north[role]).get("co-signatures/").json()["results"]
    (whole,) = api(cast.supervisor).get("co-signatures/").json()["results"]

    assert (seen["move_reason"], seen["rule"], seen["details_hidden"]) == ("", "", True)
    assert (whole["move_reason"], whole["rule"], whole["details_hidden"]) == ("Voices at night.", "T8", False)


@pytest.mark.parametrize("role", LIMITED)
@pytest.mark.parametrize("path", ["", "transitions/", "proposals/", "moves/", "stage/", "reentry-card/"])
def test_an_earlier_episode_is_not_there_for_them(cast, api, came_back, role, path) -> None:
    """CLN-31: nobody counts how often somebody began."""
    address = f"episodes/{came_back.id}/{path}"

    assert api(cast.at_north[role]).get(address).status_code == 404
    assert api(cast.case_manager).get(address).status_code == 200


def test_what_was_written_in_an_earlier_episode_is_not_listed_to_a_peer(cast, api, came_back) -> None:
    """CLN-31: each entry names its episode."""
    paths = [
        "co-signatures/",
        f"contact-attempts/?client={came_back.client_id}",
        f"continuing-care-plans/?client={came_back.client_id}",
        f"returns-to-use/?client={came_back.client_id}",
    ]

    for path in paths:
        assert api(cast.peer).get(path).json()["results"] == [], path
        assert api(cast.case_manager).get(path).json()["results"] != [], path
    assert api(cast.peer).get(f"episodes/{came_back.id}/guidance/facts/").status_code == 404


@pytest.mark.parametrize("role", LIMITED)
@pytest.mark.parametrize("verb", ["record_death", "enter_iop"])
def test_they_do_not_decide_that_a_colleagues_proposal_is_off(cast, api, role, verb) -> None:
    """T8, T17: a no is a decision too; peers and houses propose."""
    episode = readiness.ready_episode(cast, stage=Stage.SOBER_LIVING)
    made = api(cast.therapist).post(f"episodes/{episode.id}/proposals/", {"verb": verb}).json()

    refused = api(cast.at_north[role]).post(f"proposals/{made['id']}/dismissals/", {"reason": "No."})

    assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted")
    proposal = StageProposal.objects.get()
    assert (proposal.status, proposal.reason, proposal.version) == ("proposed", "", 1)
    assert WorkItem.objects.open().filter(kind="stage_proposed").count() == 1


@pytest.mark.parametrize("role", LIMITED)
def test_whoever_proposed_takes_it_back(cast, api, role) -> None:
    """T8."""
    episode, theirs = readiness.ready_episode(cast, stage=Stage.SOBER_LIVING), api(cast.at_north[role])
    made = theirs.post(f"episodes/{episode.id}/proposals/", {"verb": "enter_iop"}).json()

    gone = theirs.post(f"proposals/{made['id']}/dismissals/", {"reason": "The client thought better of it."})

    assert (gone.status_code, gone.json()["status"]) == (200, "dismissed")


def test_who_goes_ahead_with_a_proposal_says_why_there(cast, api) -> None:
    """T8: a proposal without a reason is no dead end for who starts it ahead."""
    episode = readiness.ready_episode(cast, stage=Stage.SOBER_LIVING)
    wish = {"verb": "enter_iop", "data": {"trigger": "request"}}
    made = api(cast.peer).post(f"episodes/{episode.id}/proposals/", wish).json()
    path, yes = f"proposals/{made['id']}/confirmations/", {"data": {"expedite": True}}

    silent = api(cast.case_manager).post(path, yes)
    told = api(cast.case_manager).post(path, yes | {"reason": "No time to lose."})

    assert (silent.status_code, list(silent.json()["fields"])) == (400, ["reason"])
    assert (told.status_code, told.json()["move"]["reason"]) == (200, "No time to lose.")


def test_what_is_said_when_a_proposal_is_passed_on_is_kept(cast, api) -> None:
    """T8."""
    episode = readiness.ready_episode(cast, stage=Stage.SOBER_LIVING)
    wish = {"verb": "enter_iop", "reason": "Asks for more.", "data": {"trigger": "request"}}
    made = api(cast.peer).post(f"episodes/{episode.id}/proposals/", wish).json()

    passed = api(cast.case_manager).post(f"proposals/{made['id']}/confirmations/", {"reason": "I agree."})

    assert (passed.status_code, passed.json()["proposal"]["status"]) == (200, "confirmed")
    assert StageProposal.objects.get().reason == "Asks for more.\nI agree."

"""The review after a return to use: four outcomes, none of which moves anybody (CLN-30, T19)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from casemgmt.accounts.roles import Role
from casemgmt.chart.models import ReturnToUseReview
from casemgmt.episodes.models import Episode, StageMove, StageProposal
from casemgmt.episodes.services import gather
from casemgmt.episodes.stages import Stage
from casemgmt.kernel import clock
from casemgmt.worklist.models import ItemKind, Priority, WorkItem
from tests.factories import chart, people
from tests.factories import episodes as spells

AFTERNOON = datetime(2027, 6, 1, 20, tzinfo=UTC)  # 15:00 in Chicago


@pytest.fixture
def episode(cast) -> Episode:
    """Return an episode of North in aftercare."""
    return spells.episode(people.client(cast.north), stage=Stage.AFTERCARE)


@pytest.fixture
def return_id(cast, api, episode) -> str:
    """Return the id of a return to use that a peer recorded."""
    return api(cast.peer).post("returns-to-use/", chart.used_again(episode)).json()["id"]


def review(web, return_id: str, outcome: str, **more):
    """Send a review."""
    return web.post(f"returns-to-use/{return_id}/reviews/", {"outcome": outcome, **more})


@pytest.mark.parametrize(
    ("outcome", "more"),
    [
        ("stay_and_intensify", {}),
        ("step_up", {"target": "iop"}),
        ("withdrawal_or_medical_evaluation", {}),
        ("pause", {}),
    ],
)
def test_no_outcome_moves_or_ends_an_episode(cast, api, episode, return_id, outcome, more) -> None:
    """CLN-30: the review leaves the list; the episode stays where it is."""
    moves = StageMove.objects.count()

    made = review(api(cast.therapist), return_id, outcome, note="Agreed with the client.", **more)

    assert (made.status_code, made.json()["outcome"]) == (201, outcome)
    assert (Episode.objects.get(pk=episode.pk).stage, StageMove.objects.count()) == (Stage.AFTERCARE, moves)
    item = WorkItem.objects.get(kind=ItemKind.RETURN_TO_USE_REVIEW)
    assert (item.outcome, item.done_by) == (outcome, cast.therapist.id)


def test_a_step_up_is_proposed_to_those_who_decide_it(cast, api, episode, return_id) -> None:
    """T19, CLN-30: the proposal names the return to use and is decided by the pathway's own rules."""
    made = review(api(cast.therapist), return_id, "step_up", target="iop").json()

    proposal = StageProposal.objects.get()
    assert (proposal.verb, proposal.source_type, str(proposal.source_id)) == ("enter_iop", "return_to_use", return_id)
    assert proposal.given == {"trigger": "return_to_use", "return_to_use": return_id}
    assert (made["proposal_id"], proposal.proposed_by) == (str(proposal.id), cast.therapist.id)
    options = api(cast.therapist).get(f"episodes/{episode.id}/transitions/").json()["transitions"]
    assert "T19" in {each["rule"] for each in options if each["verb"] == "enter_iop"}


def test_a_step_that_is_proposed_already_is_not_proposed_twice(cast, api, episode, return_id) -> None:
    """T19: the review names the proposal that waits."""
    given = {"trigger": "request"}
    asked = api(cast.peer).post(f"episodes/{episode.id}/proposals/", {"verb": "enter_iop", "data": given}).json()

    made = review(api(cast.therapist), return_id, "step_up", target="iop")

    assert (made.status_code, made.json()["proposal_id"]) == (201, asked["id"])
    assert StageProposal.objects.count() == 1


def test_the_pathway_knows_which_return_to_use_a_step_up_may_name(cast, api, episode, return_id) -> None:
    """T19: any row of one that holds for this episode; none of one that was entered in error."""
    web = api(cast.therapist)
    elsewhere = spells.episode(people.client(cast.north), stage=Stage.AFTERCARE)
    web.post("returns-to-use/", chart.used_again(elsewhere))

    def known() -> tuple[str, ...]:
        return gather(Episode.objects.get(pk=episode.pk), at=clock.now()).returns_to_use

    body = chart.used_again(episode, reason="learned more")
    del body["episode"]
    later = web.post(f"returns-to-use/{return_id}/amendments/", body).json()["id"]
    assert known() == (return_id, later)
    web.post(f"returns-to-use/{later}/withdrawal/", {"reason": "another client's"})
    assert known() == ()


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"outcome": "step_up"}, "target"),
        ({"outcome": "pause", "target": "iop"}, "target"),
        ({"outcome": "step_up", "target": "aftercare"}, "target"),
        ({"outcome": "discharge"}, "outcome"),
        ({"outcome": "pause", "note": "x" * 4001}, "note"),
    ],
)
def test_what_does_not_fit_is_told_by_field(cast, api, return_id, more, field) -> None:
    """CLN-30: among the outcomes there is no discharge."""
    refused = api(cast.therapist).post(f"returns-to-use/{return_id}/reviews/", more)

    assert (refused.status_code, list(refused.json()["fields"])) == (400, [field])
    assert not ReturnToUseReview.objects.exists()
    assert len(chart.open_items(ItemKind.RETURN_TO_USE_REVIEW)) == 1


def test_less_support_is_no_step_up(cast, api) -> None:
    """T19: from IOP there is nothing above within the pathway; refer out."""
    leading = spells.episode(people.client(cast.north), stage=Stage.IOP)
    made = api(cast.peer).post("returns-to-use/", chart.used_again(leading)).json()

    refused = review(api(cast.therapist), made["id"], "step_up", target="therapy")

    assert (refused.status_code, refused.json()["code"]) == (400, "not_a_step_up")
    assert (StageProposal.objects.count(), ReturnToUseReview.objects.count()) == (0, 0)


def test_a_medical_evaluation_is_booked_the_same_day(cast, api, return_id, travel) -> None:
    """CLN-30: withdrawal or medical evaluation is work for today, before everything else."""
    travel(AFTERNOON)

    review(api(cast.supervisor), return_id, "withdrawal_or_medical_evaluation")

    (item,) = chart.open_items(ItemKind.RELINK_DUE)
    assert (item.due_at, item.priority) == (datetime(2027, 6, 2, 5, tzinfo=UTC), Priority.NOW)
    assert (str(item.source_id), item.role) == (return_id, Role.CASE_MANAGER)


def test_only_clinicians_review(cast, api, return_id) -> None:
    """CLN-30: the review is a clinician's; a peer is told so (PEER-02)."""
    roles = [role for role in Role if role not in (Role.THERAPIST, Role.SUPERVISOR)]

    answers = {role: review(api(cast.at_north[role]), return_id, "pause") for role in roles}

    assert {role: (answer.status_code, answer.json()["code"]) for role, answer in answers.items()} == {
        Role.CASE_MANAGER: (403, "not_permitted"),
        Role.PEER_SPECIALIST: (403, "outside_peer_scope"),
        Role.HOUSE_MANAGER: (404, "not_found"),
        Role.PRIVACY_OFFICER: (403, "not_permitted"),
        Role.INTAKE: (404, "not_found"),
        Role.ADMIN: (404, "not_found"),
    }
    assert review(api(cast.outsider), return_id, "pause").status_code == 404
    assert not ReturnToUseReview.objects.exists()
    assert len(chart.open_items(ItemKind.RETURN_TO_USE_REVIEW)) == 1


def test_a_peer_does_not_read_the_review(cast, api, return_id) -> None:
    """CLN-30: not even of a return to use that the peer recorded."""
    review(api(cast.therapist), return_id, "pause", note="Clinical.")

    assert api(cast.peer).get(f"returns-to-use/{return_id}/reviews/").json()["results"] == []
    assert len(api(cast.case_manager).get(f"returns-to-use/{return_id}/reviews/").json()["results"]) == 1
    assert api(cast.outsider).get(f"returns-to-use/{return_id}/reviews/").status_code == 404


def test_a_second_review_amends_the_first(cast, api, return_id) -> None:
    """CLN-30: one review, which may be decided otherwise, by another row."""
    web = api(cast.therapist)
    first = review(web, return_id, "pause").json()

    again = review(api(cast.supervisor), return_id, "stay_and_intensify")
    changed = {"outcome": "step_up", "target": "therapy", "reason": "talked again"}
    amended = web.post(f"return-to-use-reviews/{first['id']}/amendments/", changed)
    stale = web.post(f"return-to-use-reviews/{first['id']}/amendments/", changed)

    assert (again.status_code, again.json()["code"]) == (409, "already_reviewed")
    assert (amended.status_code, amended.json()["supersedes_id"]) == (201, first["id"])
    assert (stale.status_code, stale.json()["code"]) == (409, "already_amended")
    assert amended.json()["proposal_id"] == str(StageProposal.objects.get().id)
    listed = web.get(f"returns-to-use/{return_id}/reviews/").json()["results"]
    assert [row["outcome"] for row in listed] == ["step_up", "pause"]


def test_an_overdose_learned_of_after_the_review_is_reviewed_again(cast, api, episode, return_id) -> None:
    """CLN-30: the review was of something else."""
    web = api(cast.therapist)
    first = review(web, return_id, "stay_and_intensify").json()
    body = chart.used_again(episode, overdose=True, reason="the family told us")
    del body["episode"]

    web.post(f"returns-to-use/{return_id}/amendments/", body)

    assert len(chart.open_items(ItemKind.RETURN_TO_USE_REVIEW)) == 1
    changed = {"outcome": "withdrawal_or_medical_evaluation", "reason": "overdose"}
    web.post(f"return-to-use-reviews/{first['id']}/amendments/", changed)
    assert chart.open_items(ItemKind.RETURN_TO_USE_REVIEW) == []

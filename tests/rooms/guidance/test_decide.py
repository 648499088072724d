"""Decisions about guidance: kept with their facts, by those who may, and without moving anybody (DG-20)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import InternalError, ProgrammingError, transaction

from casemgmt.access.models import Grant, Reason
from casemgmt.accounts.roles import Role
from casemgmt.episodes.models import Episode, StageMove, StageProposal
from casemgmt.guidance.models import GuidanceDecision
from casemgmt.kernel import clock
from casemgmt.policies.services import set_number
from casemgmt.worklist.models import WorkItem
from programs.models import Enrollment
from tests.factories import episodes, people, told


@pytest.fixture
def episode(cast):
    """Return an episode of North at intake."""
    return episodes.episode(people.client(cast.north))


def address(episode) -> str:
    return f"episodes/{episode.id}/guidance/decisions/"


def line(api, actor, episode, rule: str, target: str) -> dict:
    """Return the body of an acceptance of one line as it is shown."""
    shown = api(actor).get(f"episodes/{episode.id}/guidance/").json()
    lines = [*shown["suggestions"], *shown["blocked"]]
    (found,) = [
        each for each in lines if each["rule_id"] == rule and target in (each.get("service"), each.get("block"))
    ]
    return {"rule_id": rule, "target": target, "basis": found["basis"], "verdict": "accepted"}


def override(body: dict, reason: str = "The client and I see it otherwise.") -> dict:
    return body | {"verdict": "overridden", "reason": reason}


def test_an_acceptance_is_kept_with_the_facts_of_the_moment(cast, api, episode) -> None:
    """DG-20: a person accepts, and what was known is kept."""
    told.statement(episode, "isolated", True, by=cast.peer.id)
    told.statement(episode, "starting_out", False, by=cast.peer.id)
    body = line(api, cast.case_manager, episode, "DG-07", "peer_support")

    made = api(cast.case_manager).post(address(episode), body)

    assert made.status_code == 201
    row = GuidanceDecision.objects.get()
    assert (row.verdict, row.rule_id, row.target, row.strength) == ("accepted", "DG-07", "peer_support", "suggest")
    assert (row.decided_by_id, row.rules_version) == (cast.case_manager.id, "1")
    facts = {fact["name"]: (fact["value"], fact["used"]) for fact in row.facts}
    assert facts == {"isolated": (True, True), "starting_out": (False, False), "stage": ("intake", False)}
    shown = api(cast.therapist).get(f"episodes/{episode.id}/guidance/").json()["suggestions"][0]
    assert shown["decision"]["verdict"] == "accepted"


def test_a_decision_enrolls_and_moves_nobody(cast, api, episode) -> None:
    """DG-20: the software places nobody."""
    told.statement(episode, "crisis_now", True, by=cast.peer.id)
    told.statement(episode, "unsure", True, by=cast.peer.id)
    before = (Enrollment.objects.count(), StageMove.objects.count(), StageProposal.objects.count())
    body = line(api, cast.therapist, episode, "DG-00", "crisis_response")

    assert api(cast.therapist).post(address(episode), body).status_code == 201

    assert (Enrollment.objects.count(), StageMove.objects.count(), StageProposal.objects.count()) == before
    now = Episode.objects.get(pk=episode.pk)
    assert (now.stage, now.version) == (episode.stage, episode.version)


def test_deciding_again_what_holds_writes_nothing(cast, api, episode) -> None:
    told.statement(episode, "isolated", True, by=cast.peer.id)
    body = line(api, cast.case_manager, episode, "DG-07", "peer_support")
    web = api(cast.case_manager)

    first, second = web.post(address(episode), body), web.post(address(episode), body)
    other = web.post(address(episode), override(body))

    assert (first.status_code, second.status_code, other.status_code) == (201, 200, 201)
    assert first.json()["id"] == second.json()["id"]
    assert [row.verdict for row in GuidanceDecision.objects.order_by("id")] == ["accepted", "overridden"]
    shown = web.get(f"episodes/{episode.id}/guidance/").json()["suggestions"][0]
    assert shown["decision"]["verdict"] == "overridden"


@pytest.mark.parametrize("reason", ["", "   "])
def test_whoever_overrides_says_why(cast, api, episode, reason) -> None:
    """DG-20"""
    told.statement(episode, "isolated", True, by=cast.peer.id)
    body = override(line(api, cast.therapist, episode, "DG-07", "peer_support"), reason)

    refused = api(cast.therapist).post(address(episode), body)

    assert (refused.status_code, refused.json()["code"]) == (400, "reason_required")
    assert not GuidanceDecision.objects.exists()


@pytest.mark.parametrize(
    ("rule", "target"),
    [("DG-02", "peer_support_alone"), ("DG-02", "therapy"), ("DG-03", "peer_support_alone_for_trauma")],
)
def test_a_block_and_what_is_required_are_set_aside_by_a_clinician_only(cast, api, episode, rule, target) -> None:
    """DG-20: with a reason; and the block stays in sight, with the decision beside it."""
    told.phq9(episode, 22, by=cast.therapist)
    told.statement(episode, "trauma_or_harmful_patterns", True, by=cast.therapist.id)
    body = override(line(api, cast.therapist, episode, rule, target))

    refused = api(cast.case_manager).post(address(episode), body)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted")
    without_reason = api(cast.therapist).post(address(episode), body | {"reason": ""})
    assert without_reason.json()["code"] == "reason_required"
    assert not GuidanceDecision.objects.exists()

    for actor in (cast.therapist, cast.supervisor):
        assert api(actor).post(address(episode), body).status_code in (200, 201)
    blocked = api(cast.therapist).get(f"episodes/{episode.id}/guidance/").json()["blocked"]
    assert [each["rule_id"] for each in blocked] == ["DG-02", "DG-03"]
    decided = {each["block"]: each["decision"] and each["decision"]["verdict"] for each in blocked}
    assert decided.get(target, "overridden") == "overridden"


def test_a_preference_does_not_lift_a_block(cast, api, episode) -> None:
    """DG-20, DG-22: only a clinician's decision speaks beside it."""
    told.phq9(episode, 22, by=cast.therapist)
    told.statement(episode, "client_preference", ["peer_support"], by=cast.peer.id)

    shown = api(cast.therapist).get(f"episodes/{episode.id}/guidance/").json()

    assert [(each["block"], each["decision"]) for each in shown["blocked"]] == [("peer_support_alone", None)]
    assert {each["strength"] for each in shown["suggestions"] if each["service"] == "peer_support"} == {"option"}


def test_a_peer_decides_nothing_here(cast, api, episode) -> None:
    """PEER-02"""
    told.statement(episode, "isolated", True, by=cast.peer.id)
    body = line(api, cast.therapist, episode, "DG-07", "peer_support")

    refused = api(cast.peer).post(address(episode), body)

    assert (refused.status_code, refused.json()["code"]) == (403, "outside_peer_scope")
    assert api(cast.peer).get(address(episode)).status_code == 403
    assert not GuidanceDecision.objects.exists()


@pytest.mark.parametrize("role", [Role.HOUSE_MANAGER, Role.PRIVACY_OFFICER])
def test_other_roles_decide_nothing(cast, api, episode, role) -> None:
    told.statement(episode, "isolated", True, by=cast.peer.id)
    body = line(api, cast.therapist, episode, "DG-07", "peer_support")

    assert api(cast.at_north[role]).post(address(episode), body).status_code == 403
    assert not GuidanceDecision.objects.exists()


def test_another_organization_decides_nothing_and_reads_nothing(cast, api, episode) -> None:
    told.statement(episode, "isolated", True, by=cast.peer.id)
    body = line(api, cast.therapist, episode, "DG-07", "peer_support")
    Grant.objects.create(client_id=episode.client_id, organization_id=cast.south.id, reason=Reason.REFERRAL)

    for actor in (cast.at_south[Role.SUPERVISOR], cast.outsider):
        assert api(actor).post(address(episode), body).status_code == 404
        assert api(actor).get(address(episode)).status_code == 404
    assert not GuidanceDecision.objects.exists()


def test_a_line_that_changed_meanwhile_is_looked_at_again(cast, api, episode) -> None:
    """DG-20: a decision is about the facts that were shown."""
    told.statement(episode, "isolated", True, by=cast.peer.id, days_old=2)
    body = line(api, cast.case_manager, episode, "DG-07", "peer_support")
    told.statement(episode, "isolated", True, by=cast.peer.id)

    refused = api(cast.case_manager).post(address(episode), body)

    assert (refused.status_code, refused.json()["code"]) == (409, "guidance_changed")
    assert not GuidanceDecision.objects.exists()


def test_a_decision_does_not_outlive_its_facts(cast, api, episode) -> None:
    """DG-20: an override speaks of the facts it was made on, not of later ones."""
    told.phq9(episode, 22, by=cast.therapist, days_old=3)
    body = override(line(api, cast.therapist, episode, "DG-02", "peer_support_alone"))
    api(cast.therapist).post(address(episode), body)
    told.phq9(episode, 25, by=cast.therapist)

    (block,) = api(cast.therapist).get(f"episodes/{episode.id}/guidance/").json()["blocked"]

    assert block["decision"] is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"rule_id": "DG-99"},
        {"target": "everything"},
        {"basis": "x"},
        {"verdict": "maybe"},
        {"reason": "x" * 2001},
        {"more": 1},
    ],
)
def test_what_no_decision_can_be_is_refused(cast, api, episode, wrong) -> None:
    told.statement(episode, "isolated", True, by=cast.peer.id)
    body = line(api, cast.therapist, episode, "DG-07", "peer_support")

    refused = api(cast.therapist).post(address(episode), body | wrong)

    assert (refused.status_code, refused.json()["code"]) == (400, "invalid")
    assert not GuidanceDecision.objects.exists()


def test_a_line_that_is_not_there_is_not_decided(cast, api, episode) -> None:
    body = line(api, cast.therapist, episode, "DG-14", "therapy")

    refused = api(cast.therapist).post(address(episode), body | {"rule_id": "DG-07", "target": "peer_support"})

    assert (refused.status_code, refused.json()["code"]) == (409, "guidance_changed")


def test_trying_both_is_looked_back_on_after_thirty_days(cast, api, episode) -> None:
    """DG-13: one review, however many of its lines are accepted."""
    told.statement(episode, "unsure", True, by=cast.peer.id)
    for target in ("therapy", "peer_support"):
        body = line(api, cast.case_manager, episode, "DG-13", target)
        assert api(cast.case_manager).post(address(episode), body).status_code == 201

    item = WorkItem.objects.get(kind="guidance_review")
    assert item.due_at == clock.now() + timedelta(days=30)
    assert (item.client_id, item.organization_id) == (episode.client_id, cast.north.id)
    assert (item.source_id, item.done_at) == (episode.id, None)


def test_the_organization_says_when_to_look_back(cast, api, episode) -> None:
    """DG-13"""
    set_number(
        name="guidance_try_both_days", value=14, reason="Our teams meet every second week.", actor=cast.supervisor
    )
    told.statement(episode, "unsure", True, by=cast.peer.id)

    api(cast.therapist).post(address(episode), line(api, cast.therapist, episode, "DG-13", "therapy"))

    assert WorkItem.objects.get(kind="guidance_review").due_at == clock.now() + timedelta(days=14)


def test_whoever_does_not_try_both_is_not_reminded(cast, api, episode) -> None:
    """DG-13: nothing is opened by an override, and what was open is closed."""
    told.statement(episode, "unsure", True, by=cast.peer.id)
    body = line(api, cast.case_manager, episode, "DG-13", "therapy")
    web = api(cast.case_manager)

    web.post(address(episode), override(body))
    assert not WorkItem.objects.filter(kind="guidance_review").exists()
    web.post(address(episode), body)
    web.post(address(episode), override(body))

    assert WorkItem.objects.get(kind="guidance_review").outcome == "overridden"


def test_only_trying_both_asks_for_a_review(cast, api, episode) -> None:
    told.statement(episode, "isolated", True, by=cast.peer.id)

    api(cast.therapist).post(address(episode), line(api, cast.therapist, episode, "DG-07", "peer_support"))

    assert not WorkItem.objects.filter(kind="guidance_review").exists()


def test_the_decisions_of_an_episode_are_listed_page_by_page(cast, api, episode) -> None:
    told.statement(episode, "isolated", True, by=cast.peer.id)
    body = line(api, cast.therapist, episode, "DG-07", "peer_support")
    web = api(cast.therapist)
    for each in (body, override(body), body):
        assert web.post(address(episode), each).status_code == 201

    first = web.get(f"{address(episode)}?limit=2").json()
    rest = web.get(f"{address(episode)}?limit=2&cursor={first['next']}").json()

    verdicts = [each["verdict"] for each in (*first["results"], *rest["results"])]
    assert (verdicts, rest["next"]) == (["accepted", "overridden", "accepted"], None)


def test_the_table_refuses_changes(cast, api, episode) -> None:
    told.statement(episode, "isolated", True, by=cast.peer.id)
    api(cast.therapist).post(address(episode), line(api, cast.therapist, episode, "DG-07", "peer_support"))
    row = GuidanceDecision.objects.get()

    for change in (lambda: GuidanceDecision.objects.filter(pk=row.pk).update(reason="x"), row.delete):
        with pytest.raises((InternalError, ProgrammingError)), transaction.atomic():
            change()

"""Guidance over HTTP: what the rules say of real rows, to whom, and in how many queries."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from casemgmt.access.models import Grant, Reason
from casemgmt.accounts.roles import Role
from casemgmt.audit.models import AuditEvent
from casemgmt.episodes.stages import Stage
from casemgmt.guidance.facts import for_episode
from casemgmt.guidance.showing import WITHHELD
from casemgmt.kernel import clock
from programs.lifecycle import EnrollmentStage
from programs.rules.kinds import Kind
from tests.factories import episodes, people, programs, told


@pytest.fixture
def episode(cast):
    """Return an episode of North at intake."""
    return episodes.episode(people.client(cast.north))


def seen(api, actor, episode) -> dict:
    answer = api(actor).get(f"episodes/{episode.id}/guidance/")
    assert answer.status_code == 200, answer.json()
    return answer.json()


def lines(guidance: dict) -> list[tuple[str, str, str]]:
    return [(each["rule_id"], each["service"], each["strength"]) for each in guidance["suggestions"]]


def test_guidance_says_what_why_and_from_what(cast, api, episode) -> None:
    told.phq9(episode, 22, by=cast.therapist)
    told.statement(episode, "isolated", True, by=cast.peer.id, days_old=3)

    guidance = seen(api, cast.case_manager, episode)

    assert lines(guidance) == [
        ("DG-02", "therapy", "required"),
        ("DG-02", "peer_support", "option"),
        ("DG-07", "peer_support", "option"),
    ]
    therapy = guidance["suggestions"][0]
    assert therapy["tandem"] is True
    assert therapy["reason_text"]
    assert therapy["source"]
    (used,) = therapy["facts_used"]
    assert (used["name"], used["value"], used["source"], used["stale"]) == ("phq9", 22, "measure", False)
    assert [(each["rule_id"], each["block"]) for each in guidance["blocked"]] == [("DG-02", "peer_support_alone")]
    assert guidance["risk_flag"] is True
    assert guidance["thresholds"]["phq9_peer_alone_below_points"] == 20
    assert "crisis_now" in {each["name"] for each in guidance["unknown"]}
    assert AuditEvent.objects.get(action="guidance.read").client_ids == [episode.client_id]


def test_every_part_of_a_phq9_is_heard(cast, api, episode) -> None:
    """DG-00, DG-04: the last item, the total and the difficulty are three facts."""
    told.phq9(episode, 4, by=cast.therapist, difficulty=2)
    assert lines(seen(api, cast.therapist, episode)) == [("DG-04", "therapy", "suggest")]

    told.screener(episode, "phq9", {**told.CALM, "9": 3}, by=cast.therapist)
    assert {rule for rule, _, _ in lines(seen(api, cast.therapist, episode))} == {"DG-00"}


def test_the_safety_screen_is_heard(cast, api, episode) -> None:
    """DG-00, DG-02"""
    told.cssrs(episode, "moderate", by=cast.peer)
    assert lines(seen(api, cast.therapist, episode))[0] == ("DG-02", "therapy", "required")

    told.cssrs(episode, "high", by=cast.peer)
    assert lines(seen(api, cast.therapist, episode))[0] == ("DG-00", "crisis_response", "required")


def test_an_amended_answer_no_longer_counts(cast, api, episode) -> None:
    from casemgmt.measures.services import amend_response

    wrong = told.phq9(episode, 27, by=cast.therapist)
    amend_response(response_id=wrong.id, items=told.CALM, reason="Wrong sheet.", actor=cast.therapist)

    assert seen(api, cast.therapist, episode)["blocked"] == []


def test_a_stale_low_score_lifts_no_block(cast, api, episode) -> None:
    """DG-20: the 23 of two months ago stands while the 8 after it is older than the limit."""
    told.phq9(episode, 23, by=cast.therapist, days_old=60)
    told.phq9(episode, 8, by=cast.therapist, days_old=31)

    guidance = seen(api, cast.therapist, episode)

    assert [each["block"] for each in guidance["blocked"]] == ["peer_support_alone"]
    (stale,) = [each for each in guidance["stale"] if each["name"] == "phq9"]
    assert (stale["value"], stale["later_value"]) == (23, 8)

    told.phq9(episode, 8, by=cast.therapist)
    assert seen(api, cast.therapist, episode)["blocked"] == []


def test_a_fresh_low_score_lifts_the_block_of_an_older_one(cast, api, episode) -> None:
    """DG-02: the newest counts."""
    told.phq9(episode, 23, by=cast.therapist, days_old=20)
    told.phq9(episode, 8, by=cast.therapist, days_old=10)

    assert seen(api, cast.therapist, episode)["blocked"] == []


def test_old_grave_screeners_of_every_kind_stand(cast, api, episode) -> None:
    """DG-20: each instrument, and the last item of the PHQ-9 by itself."""
    told.screener(episode, "gad7", {str(number): 3 for number in range(1, 8)}, by=cast.therapist, days_old=80)
    told.screener(episode, "gad7", {str(number): 0 for number in range(1, 8)}, by=cast.therapist, days_old=40)
    told.cssrs(episode, "moderate", by=cast.therapist, days_old=80)
    told.cssrs(episode, "none", by=cast.therapist, days_old=40)

    used = seen(api, cast.therapist, episode)["suggestions"][0]["facts_used"]
    assert [(each["name"], each["value"]) for each in used] == [("cssrs", "moderate"), ("gad7", 21)]

    told.screener(episode, "phq9", {**told.CALM, "9": 3}, by=cast.therapist, days_old=90)
    told.phq9(episode, 1, by=cast.therapist, days_old=50)
    assert {rule for rule, _, _ in lines(seen(api, cast.therapist, episode))} == {"DG-00"}


def test_aftercare_speaks_for_itself(cast, api) -> None:
    """DG-10"""
    there = episodes.episode(people.client(cast.north), stage=Stage.AFTERCARE)

    guidance = seen(api, cast.therapist, there)

    assert lines(guidance)[0] == ("DG-10", "peer_support", "suggest")
    assert guidance["suggestions"][0]["facts_used"][0]["name"] == "stage"


def test_outpatient_care_is_the_stage_or_an_active_enrollment(cast, api, episode) -> None:
    """DG-06"""
    told.statement(episode, "return_to_use_recent", True, by=cast.peer.id)
    assert "iop_assessment" not in {service for _, service, _ in lines(seen(api, cast.peer, episode))}

    therapy = programs.program(cast.north, kind=Kind.THERAPY)
    programs.enrollment(episode, therapy, stage=EnrollmentStage.ACTIVE, provider_id=cast.therapist.id)
    assert ("DG-06", "iop_assessment", "suggest") in lines(seen(api, cast.peer, episode))

    other = episodes.episode(people.client(cast.north), stage=Stage.THERAPY)
    told.statement(other, "return_to_use_recent", True, by=cast.peer.id)
    assert ("DG-06", "iop_assessment", "suggest") in lines(seen(api, cast.peer, other))


def test_the_organizations_numbers_hold(cast, api, episode) -> None:
    """DG-02"""
    from casemgmt.policies.services import set_number

    told.phq9(episode, 16, by=cast.therapist)
    assert seen(api, cast.therapist, episode)["blocked"] == []

    set_number(
        name="phq9_peer_alone_below_points", value=15, reason="Our clinicians ask for it.", actor=cast.supervisor
    )
    assert [each["rule_id"] for each in seen(api, cast.therapist, episode)["blocked"]] == ["DG-02"]


def test_a_new_episode_is_no_answer_to_an_old_danger(cast, api) -> None:
    """DG-20: what may block is carried over; wishes and circumstances are asked anew."""
    client = people.client(cast.north)
    before = episodes.episode(client, stage=Stage.DISCHARGED)
    told.statement(before, "psychosis_or_mania", True, by=cast.therapist.id, days_old=90)
    told.statement(before, "isolated", True, by=cast.therapist.id, days_old=5)
    now = episodes.episode(client)

    guidance = seen(api, cast.therapist, now)

    assert [each["rule_id"] for each in guidance["blocked"]] == ["DG-02"]
    assert "DG-07" not in {rule for rule, _, _ in lines(guidance)}


def test_a_peer_sees_what_is_called_for_and_the_flag_but_no_clinical_answer(cast, api, episode) -> None:
    """PEER-02: table 1.9, note 1."""
    told.phq9(episode, 22, by=cast.therapist)
    told.statement(episode, "trauma_or_harmful_patterns", True, by=cast.therapist.id, days_old=40)
    told.statement(episode, "isolated", True, by=cast.peer.id)

    answer = api(cast.peer).get(f"episodes/{episode.id}/guidance/")
    guidance = answer.json()

    assert guidance["risk_flag"] is True
    assert lines(guidance) == [
        ("", "therapy", "required"),
        ("", "peer_support", "option"),
        ("DG-07", "peer_support", "option"),
    ]
    assert guidance["suggestions"][0]["withheld"] is True
    assert guidance["suggestions"][0]["reason_text"] == WITHHELD
    assert [(each["block"], each["rule_id"]) for each in guidance["blocked"]] == [("peer_support_alone", "")]
    assert guidance["thresholds"] is None
    everywhere = answer.content.decode() + api(cast.peer).get(f"episodes/{episode.id}/guidance/plain/").content.decode()
    everywhere += api(cast.peer).get(f"episodes/{episode.id}/guidance/facts/").content.decode()
    everywhere += api(cast.peer).get(f"episodes/{episode.id}/guidance/statements/").content.decode()
    for word in ("phq9", "PHQ", "trauma", '"value":22', "psychosis", "withdrawal_risk", "cssrs", "DG-02", "DG-03"):
        assert word not in everywhere.replace(str(episode.id), ""), word


@pytest.mark.parametrize("role", [Role.CASE_MANAGER, Role.THERAPIST, Role.SUPERVISOR, Role.PRIVACY_OFFICER])
def test_who_reads_answers_reads_all_of_it(cast, api, episode, role) -> None:
    told.phq9(episode, 22, by=cast.therapist)

    assert lines(seen(api, cast.at_north[role], episode))[0] == ("DG-02", "therapy", "required")


@pytest.mark.parametrize("part", ["", "plain/", "facts/", "statements/", "decisions/"])
def test_who_may_not_read_guidance_does_not(cast, api, episode, part) -> None:
    """Table 1.9: a house manager's view holds no guidance; others find nothing."""
    Grant.objects.create(client_id=episode.client_id, organization_id=cast.south.id, reason=Reason.REFERRAL)
    address = f"episodes/{episode.id}/guidance/{part}"

    assert api(cast.at_north[Role.HOUSE_MANAGER]).get(address).status_code == 403
    for actor in (cast.at_north[Role.ADMIN], cast.at_north[Role.INTAKE], cast.outsider):
        assert api(actor).get(address).status_code == 404
    assert api(cast.at_south[Role.SUPERVISOR]).get(address).status_code == 404


def test_an_ended_episode_has_no_guidance(cast, api) -> None:
    ended = episodes.episode(people.client(cast.north), stage=Stage.DECEASED)

    for part in ("", "plain/"):
        refused = api(cast.therapist).get(f"episodes/{ended.id}/guidance/{part}")
        assert (refused.status_code, refused.json()["code"]) == (422, "episode_ended")


def test_the_client_is_told_in_plain_words(cast, api, episode) -> None:
    told.statement(episode, "life_stressor", True, by=cast.peer.id)
    told.statement(episode, "client_preference", ["therapy"], by=cast.peer.id)

    answer = api(cast.case_manager).get(f"episodes/{episode.id}/guidance/plain/").json()

    assert answer["language"] == "en"
    assert "You and your team decide" in answer["paragraphs"][0]
    assert "We suggest therapy" in answer["paragraphs"][1]
    assert "You told us that you would like this." in answer["paragraphs"][1]
    assert "a transition, a loss or grief, client, " in answer["paragraphs"][1]


def test_everybody_may_read_the_rules(cast, api) -> None:
    answer = api(cast.peer).get("guidance/rules/").json()

    assert [each["id"] for each in answer["results"]][:2] == ["DG-00", "DG-01"]
    assert all(each["when"] and each["reason_text"] and each["for_client"] for each in answer["results"])


def test_the_number_of_queries_does_not_grow_with_the_record(cast, api, episode) -> None:
    def counted() -> int:
        web = api(cast.therapist)
        with CaptureQueriesContext(connection) as queries:
            assert web.get(f"episodes/{episode.id}/guidance/").status_code == 200
        return len(queries)

    told.phq9(episode, 5, by=cast.therapist)
    told.statement(episode, "isolated", True, by=cast.peer.id)
    few = counted()
    for days in range(3, 40, 6):
        told.phq9(episode, 20 + days % 3, by=cast.therapist, days_old=days)
        told.cssrs(episode, "moderate", by=cast.therapist, days_old=days)
        for name in ("isolated", "unsure", "crisis_now", "trauma_or_harmful_patterns", "wants_moud"):
            told.statement(episode, name, bool(days % 2), by=cast.therapist.id, days_old=days)

    assert counted() == few


def test_the_pathway_is_told_what_it_may_rely_on(cast, episode) -> None:
    """DG-20: a stale no is no answer; a yes stands until a fresh no."""

    def facts() -> tuple[bool | None, bool | None]:
        found = for_episode(episode, at=clock.now() + timedelta(seconds=1))
        return found["psychosis_or_mania"], found["wants_moud"]

    assert facts() == (None, None)
    told.statement(episode, "psychosis_or_mania", False, by=cast.therapist.id, days_old=31)
    told.statement(episode, "wants_moud", True, by=cast.peer.id, days_old=31)
    assert facts() == (None, True)
    told.statement(episode, "psychosis_or_mania", False, by=cast.therapist.id, days_old=1)
    told.statement(episode, "wants_moud", False, by=cast.peer.id, days_old=1)
    assert facts() == (False, False)
    told.statement(episode, "psychosis_or_mania", True, by=cast.therapist.id)
    assert facts() == (True, False)

"""The table of guidance, line by line (rules.md §5). Every test names its line."""

from __future__ import annotations

import pytest

from casemgmt.guidance.words import FactName
from casemgmt.policies.catalog import Policy
from tests.factories.guidance import blocks, guided, rows

EMERGENCY = [("DG-00", "crisis_response", "required"), ("DG-00", "same_day_clinician", "required")]


@pytest.mark.parametrize("fact", [{"crisis_now": True}, {"cssrs": "high"}, {"phq9_item_9": 3}])
def test_a_crisis_asks_for_crisis_response_and_a_clinician_today(fact) -> None:
    """DG-00"""
    guidance = guided(**fact)

    assert rows(guidance) == EMERGENCY
    assert blocks(guidance) == [("DG-00", "peer_support_alone")]
    assert [used.name for used in guidance.suggestions[0].facts_used] == list(fact)


@pytest.mark.parametrize("fact", [{"crisis_now": False}, {"cssrs": "low"}, {"cssrs": "none"}, {"phq9_item_9": 2}])
def test_less_than_a_crisis_is_none(fact) -> None:
    """DG-00: the boundary."""
    assert {rule for rule, _, _ in rows(guided(**fact))} == {"DG-14"}


def test_a_crisis_silences_everything_else() -> None:
    """DG-00, DG-20: 00 comes before 01, 02 and the rest; what is blocked stays blocked."""
    guidance = guided(
        crisis_now=True, withdrawal_risk=True, phq9=27, trauma_or_harmful_patterns=True, isolated=True, unsure=True
    )

    assert rows(guidance) == EMERGENCY
    assert blocks(guidance) == [
        ("DG-00", "peer_support_alone"),
        ("DG-01", "peer_support_alone"),
        ("DG-02", "peer_support_alone"),
        ("DG-03", "peer_support_alone_for_trauma"),
    ]


@pytest.mark.parametrize("name", ["withdrawal_risk", "overdose"])
def test_withdrawal_and_overdose_ask_for_a_medical_evaluation_and_silence_the_rest(name) -> None:
    """DG-01, DG-20: 01 comes before 02 and the rest."""
    guidance = guided(**{name: True}, phq9=27, wants_lived_experience=True)

    assert rows(guidance) == [("DG-01", "medical_evaluation", "required")]
    assert ("DG-01", "peer_support_alone") in blocks(guidance)


@pytest.mark.parametrize("fact", [{"cssrs": "moderate"}, {"phq9": 20}, {"gad7": 15}, {"psychosis_or_mania": True}])
def test_severe_symptoms_require_therapy_with_peer_support_beside_it_at_most(fact) -> None:
    """DG-02: from 20 points of PHQ-9, from 15 of GAD-7."""
    guidance = guided(**fact)

    assert ("DG-02", "therapy", "required") in rows(guidance)
    assert ("DG-02", "peer_support", "option") in rows(guidance)
    assert blocks(guidance) == [("DG-02", "peer_support_alone")]
    assert all(each.tandem for each in guidance.suggestions)


@pytest.mark.parametrize("fact", [{"phq9": 19}, {"gad7": 14}, {"cssrs": "low"}, {"psychosis_or_mania": False}])
def test_one_point_less_is_not_severe(fact) -> None:
    """DG-02: 19 and 14."""
    guidance = guided(**fact)

    assert "DG-02" not in {rule for rule, _, _ in rows(guidance)}
    assert blocks(guidance) == []


def test_the_organization_sets_where_severe_begins() -> None:
    """DG-02: the thresholds are the policy's."""
    stricter = Policy(phq9_peer_alone_below_points=15, gad7_peer_alone_below_points=12)

    assert blocks(guided(phq9=15, policy=stricter)) == [("DG-02", "peer_support_alone")]
    assert blocks(guided(gad7=12, policy=stricter)) == [("DG-02", "peer_support_alone")]
    assert blocks(guided(phq9=14, gad7=11, policy=stricter)) == []


def test_with_severe_symptoms_no_rule_and_no_wish_makes_peer_support_more_than_an_option() -> None:
    """DG-02, DG-20, DG-22: the cap comes before what suggests peer support, and before a preference."""
    guidance = guided(
        phq9=22,
        isolated=True,
        wants_advocacy_or_resources=True,
        treatment_ended=True,
        client_preference=("peer_support",),
    )

    peer = [row for row in rows(guidance) if row[1] == "peer_support"]
    assert {rule for rule, _, _ in peer} == {"DG-02", "DG-07", "DG-08", "DG-10"}
    assert {strength for _, _, strength in peer} == {"option"}
    assert blocks(guidance) == [("DG-02", "peer_support_alone")]
    capped = next(each for each in guidance.suggestions if each.rule_id == "DG-07")
    assert FactName.PHQ9 in {used.name for used in capped.facts_used}


def test_trauma_speaks_for_therapy_and_against_peer_support_alone_for_it() -> None:
    """DG-03"""
    guidance = guided(trauma_or_harmful_patterns=True)

    assert rows(guidance) == [("DG-03", "therapy", "suggest")]
    assert blocks(guidance) == [("DG-03", "peer_support_alone_for_trauma")]
    assert rows(guided(trauma_or_harmful_patterns=False))[0][0] == "DG-14"


@pytest.mark.parametrize("fact", [{"functioning_impaired": True}, {"phq9": 10}, {"gad7": 10}, {"phq9_difficulty": 2}])
def test_symptoms_that_reach_into_daily_life_speak_for_therapy(fact) -> None:
    """DG-04: from 10 points, from "very difficult"."""
    guidance = guided(**fact)

    assert rows(guidance) == [("DG-04", "therapy", "suggest")]
    assert blocks(guidance) == []


@pytest.mark.parametrize("fact", [{"functioning_impaired": False}, {"phq9": 9}, {"gad7": 9}, {"phq9_difficulty": 1}])
def test_one_point_less_does_not_suggest_therapy(fact) -> None:
    """DG-04: 9 points, "somewhat difficult"."""
    assert {rule for rule, _, _ in rows(guided(**fact))} == {"DG-14"}


def test_the_organization_sets_where_therapy_is_suggested() -> None:
    """DG-04: the thresholds are the policy's."""
    later = Policy(phq9_therapy_from_points=12, gad7_therapy_from_points=13)

    assert rows(guided(phq9=12, policy=later)) == [("DG-04", "therapy", "suggest")]
    assert {rule for rule, _, _ in rows(guided(phq9=11, gad7=12, policy=later))} == {"DG-14"}


def test_a_hard_change_in_life_makes_therapy_an_option() -> None:
    """DG-05"""
    assert rows(guided(life_stressor=True)) == [("DG-05", "therapy", "option")]


@pytest.mark.parametrize("name", ["needs_structure_keep_routine", "stepping_down_from_24h_care"])
def test_the_need_for_structure_suggests_an_assessment_and_no_placement(name) -> None:
    """DG-06"""
    assert rows(guided(**{name: True})) == [("DG-06", "iop_assessment", "suggest")]


def test_a_return_to_use_suggests_an_assessment_only_beside_outpatient_care() -> None:
    """DG-06: both facts are named."""
    guidance = guided(return_to_use_recent=True, outpatient_care=True)

    assert rows(guidance) == [("DG-06", "iop_assessment", "suggest")]
    assert [used.name for used in guidance.suggestions[0].facts_used] == ["return_to_use_recent", "outpatient_care"]
    assert {rule for rule, _, _ in rows(guided(return_to_use_recent=True))} == {"DG-14"}
    assert {rule for rule, _, _ in rows(guided(outpatient_care=True))} == {"DG-14"}


@pytest.mark.parametrize("name", ["wants_lived_experience", "isolated"])
def test_the_wish_for_company_suggests_peer_support(name) -> None:
    """DG-07"""
    assert rows(guided(**{name: True})) == [("DG-07", "peer_support", "suggest")]


def test_the_wish_for_advocacy_suggests_peer_support() -> None:
    """DG-08"""
    assert rows(guided(wants_advocacy_or_resources=True)) == [("DG-08", "peer_support", "suggest")]


def test_somebody_who_starts_out_may_meet_a_peer_first() -> None:
    """DG-09"""
    assert rows(guided(starting_out=True)) == [("DG-09", "peer_support", "option")]


@pytest.mark.parametrize("fact", [{"crisis_now": True}, {"overdose": True}, {"phq9": 20}])
def test_a_first_contact_with_a_peer_is_not_named_beside_danger(fact) -> None:
    """DG-09: none of DG-00, DG-01, DG-02."""
    assert "DG-09" not in {rule for rule, _, _ in rows(guided(starting_out=True, **fact))}


@pytest.mark.parametrize(("facts", "stage"), [({"treatment_ended": True}, "intake"), ({}, "aftercare")])
def test_after_treatment_peer_support_comes_first_with_check_ins_and_checkups(facts, stage) -> None:
    """DG-10: the strongest of the suggestions stands before the others."""
    guidance = guided(**facts, functioning_impaired=True, isolated=True, stage=stage)

    assert rows(guidance)[0] == ("DG-10", "peer_support", "suggest")
    assert guidance.suggestions[0].strongest
    assert ("DG-10", "check_in_plan", "suggest") in rows(guidance)
    assert ("DG-10", "recovery_checkups", "suggest") in rows(guidance)


@pytest.mark.parametrize("name", ["housing_unsafe_or_unsupportive", "wants_accountable_home"])
def test_a_home_that_does_not_help_suggests_sober_living(name) -> None:
    """DG-11"""
    guidance = guided(**{name: True})

    assert rows(guidance) == [("DG-11", "sober_living", "suggest")]
    assert "NARR" in guidance.suggestions[0].reason_text


def test_therapy_and_peer_support_go_together_when_both_are_called_for() -> None:
    """DG-12"""
    guidance = guided(phq9=10, isolated=True, wants_accountable_home=True)

    assert {each.service.value: each.tandem for each in guidance.suggestions} == {
        "therapy": True,
        "peer_support": True,
        "sober_living": False,
    }


@pytest.mark.parametrize("facts", [{"phq9": 10}, {"isolated": True}, {"unsure": True}, {}])
def test_one_of_the_two_alone_goes_with_nothing(facts) -> None:
    """DG-12: a rule for each must fire; being unsure or silent is neither."""
    assert not any(each.tandem for each in guided(**facts).suggestions)


def test_whoever_is_unsure_may_try_both() -> None:
    """DG-13"""
    assert rows(guided(unsure=True)) == [("DG-13", "therapy", "option"), ("DG-13", "peer_support", "option")]


def test_when_nothing_fires_both_are_open_and_more_is_asked() -> None:
    """DG-14: it names where the client stands, and what is not known."""
    guidance = guided()

    assert sorted(rows(guidance)) == [("DG-14", "peer_support", "option"), ("DG-14", "therapy", "option")]
    assert [used.name for used in guidance.suggestions[0].facts_used] == ["stage"]
    assert "crisis_now" in guidance.unknown
    assert "isolated" in guidance.unknown


def test_nothing_fires_no_longer_once_something_does() -> None:
    """DG-14"""
    assert "DG-14" not in {rule for rule, _, _ in rows(guided(life_stressor=True))}

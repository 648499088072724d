"""DG-21: what holds of guidance for every set of facts anybody may think of."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from casemgmt.episodes.stages import OPEN
from casemgmt.guidance.judging import Guidance, judge
from casemgmt.guidance.known import CSSRS_GRAVITY, GuidanceFacts, gravity
from casemgmt.guidance.words import PREFERABLE, TOLD, FactName, Service, Strength
from casemgmt.policies.catalog import NUMBERS, Policy
from tests.factories.guidance import blocks, known, reading

VALUES = {
    FactName.CSSRS: st.sampled_from(sorted(CSSRS_GRAVITY)),
    FactName.PHQ9: st.integers(0, 27),
    FactName.PHQ9_ITEM_9: st.integers(0, 3),
    FactName.PHQ9_DIFFICULTY: st.integers(0, 3),
    FactName.GAD7: st.integers(0, 21),
    FactName.OUTPATIENT_CARE: st.just(True),
    FactName.CLIENT_PREFERENCE: st.lists(st.sampled_from([each.value for each in PREFERABLE]), unique=True).map(tuple),
    **{name: st.booleans() for name in TOLD if name != FactName.CLIENT_PREFERENCE},
}


def numbers(name: str) -> st.SearchStrategy[int]:
    return st.integers(NUMBERS[name].low, NUMBERS[name].high)


readings = st.sampled_from(sorted(VALUES)).flatmap(
    lambda name: st.builds(reading, st.just(name), VALUES[FactName(name)], days_old=st.integers(0, 70))
)
policies = st.builds(
    Policy,
    phq9_peer_alone_below_points=numbers("phq9_peer_alone_below_points"),
    gad7_peer_alone_below_points=numbers("gad7_peer_alone_below_points"),
    phq9_therapy_from_points=numbers("phq9_therapy_from_points"),
    gad7_therapy_from_points=numbers("gad7_therapy_from_points"),
    guidance_stale_days=numbers("guidance_stale_days"),
)
fact_sets = st.builds(
    lambda told, stage, policy: known(*told, stage=stage, policy=policy),
    st.lists(readings, max_size=14),
    st.sampled_from([each.value for each in OPEN]),
    policies,
)


def is_severe(facts: GuidanceFacts) -> bool:
    names = set(FactName) - {FactName.TRAUMA, FactName.WANTS_MOUD}
    return any(fact.name in names and gravity(fact, facts.policy) for fact in facts.facts)


def services(guidance: Guidance) -> set[Service]:
    return {each.service for each in guidance.suggestions}


@given(fact_sets)
def test_in_a_crisis_or_with_severe_symptoms_peer_support_is_never_the_only_service(facts) -> None:
    """DG-21 a"""
    guidance = judge(facts)

    assert guidance.suggestions
    if is_severe(facts):
        assert services(guidance) - {Service.PEER_SUPPORT}
        assert any(each.strength is Strength.REQUIRED for each in guidance.suggestions)
        assert any(block == "peer_support_alone" for _, block in blocks(guidance))


@given(fact_sets)
def test_one_fact_less_adds_no_block(facts) -> None:
    """DG-21 b"""
    before = set(blocks(judge(facts)))

    for gone in facts.facts:
        fewer = replace(facts, facts=tuple(fact for fact in facts.facts if fact is not gone))
        assert set(blocks(judge(fewer))) <= before


@given(fact_sets, st.randoms(use_true_random=False))
def test_order_and_reasons_are_stable(facts, dice) -> None:
    """DG-21 c: whatever order the facts come in."""
    shuffled = list(facts.facts)
    dice.shuffle(shuffled)

    assert judge(facts) == judge(facts) == judge(replace(facts, facts=tuple(shuffled)))


@given(fact_sets)
def test_every_output_names_a_fact_and_a_reason(facts) -> None:
    """DG-21 d"""
    guidance = judge(facts)

    for each in (*guidance.suggestions, *guidance.blocked):
        assert each.facts_used
        assert each.reason_text
        assert set(each.facts_used) <= {facts.stage, *facts.facts}


@given(fact_sets, st.lists(st.sampled_from([each.value for each in PREFERABLE]), unique=True))
def test_a_preference_only_ever_raises_and_lifts_no_block(facts, wanted) -> None:
    """DG-22, DG-20"""
    without = replace(facts, facts=tuple(fact for fact in facts.facts if fact.name != FactName.CLIENT_PREFERENCE))
    wish = known(reading("client_preference", tuple(wanted))).facts
    before, after = judge(without), judge(replace(without, facts=(*without.facts, *wish)))

    ranks = list(Strength)
    was = {(each.rule_id, each.service): ranks.index(each.strength) for each in before.suggestions}
    now = {(each.rule_id, each.service): ranks.index(each.strength) for each in after.suggestions}
    assert was.keys() == now.keys()
    assert all(now[line] <= was[line] for line in was)
    assert {line for line in was if now[line] != was[line]} <= {line for line in was if line[1].value in wanted}
    assert blocks(after) == blocks(before)


@given(fact_sets, st.data())
def test_a_stale_reading_never_takes_a_block_away(facts, data) -> None:
    """DG-20: stale facts cannot unblock, whatever they say."""
    told = data.draw(st.lists(readings, max_size=10))
    late = data.draw(readings)
    stale = replace(late, at=late.at.replace(year=late.at.year - 1))
    before = judge(known(*told, stage=str(facts.stage.value), policy=facts.policy))
    after = judge(known(*told, stale, stage=str(facts.stage.value), policy=facts.policy))

    assert set(blocks(before)) <= set(blocks(after))

"""What the lines do to each other: precedence, preference, age; and what the texts never say."""

from __future__ import annotations

import hashlib
import re

import pytest

from casemgmt.guidance.known import reliable
from casemgmt.guidance.rules import EVERY_RULE, RULES_VERSION
from casemgmt.guidance.words import Block, FactName, Service, Strength
from casemgmt.policies.catalog import Policy
from tests.factories.guidance import blocks, guided, known, reading, rows

TEXTS = [text for rule in EVERY_RULE for text in (rule.reason, rule.when.words, rule.source)]
TEXTS += [str(each.label) for kind in (FactName, Service, Block) for each in kind]


def test_what_is_required_beats_what_is_weaker() -> None:
    """DG-20: of a required service, no weaker line is left; other services keep theirs."""
    guidance = guided(phq9=20, life_stressor=True, unsure=True, functioning_impaired=True, wants_accountable_home=True)

    assert [row for row in rows(guidance) if row[1] == "therapy"] == [("DG-02", "therapy", "required")]
    assert ("DG-13", "peer_support", "option") in rows(guidance)
    assert ("DG-11", "sober_living", "suggest") in rows(guidance)


def test_the_order_is_by_strength_then_by_rule() -> None:
    """DG-20, DG-21 c"""
    guidance = guided(
        phq9=20, starting_out=True, isolated=True, wants_accountable_home=True, needs_structure_keep_routine=True
    )

    ranks = [list(Strength).index(each.strength) for each in guidance.suggestions]
    assert ranks == sorted(ranks)
    suggests = [each.rule_id for each in guidance.suggestions if each.strength is Strength.SUGGEST]
    assert suggests == sorted(suggests)


def test_a_wish_raises_an_option() -> None:
    """DG-22: the wish is named among the facts."""
    guidance = guided(life_stressor=True, client_preference=("therapy",))

    assert rows(guidance) == [("DG-05", "therapy", "suggest")]
    assert guidance.suggestions[0].raised
    assert [used.name for used in guidance.suggestions[0].facts_used] == ["life_stressor", "client_preference"]


def test_a_wish_for_something_else_lowers_nothing_and_adds_nothing() -> None:
    """DG-22: never the reverse."""
    without = guided(phq9=12, isolated=True)
    with_wish = guided(phq9=12, isolated=True, client_preference=("sober_living",))

    assert rows(with_wish) == rows(without)


@pytest.mark.parametrize(
    "severe", [{"phq9": 20}, {"crisis_now": True}, {"overdose": True}, {"psychosis_or_mania": True}]
)
def test_a_wish_lifts_no_block(severe) -> None:
    """DG-20, DG-22"""
    assert blocks(guided(**severe, client_preference=("peer_support",))) == blocks(guided(**severe)) != []


@pytest.mark.parametrize(
    ("name", "grave", "mild"),
    [
        ("phq9", 23, 8),
        ("gad7", 15, 3),
        ("cssrs", "moderate", "none"),
        ("cssrs", "high", "moderate"),
        ("phq9_item_9", 3, 0),
        ("psychosis_or_mania", True, False),
        ("crisis_now", True, False),
        ("withdrawal_risk", True, False),
        ("overdose", True, False),
        ("trauma_or_harmful_patterns", True, False),
    ],
)
def test_a_stale_answer_that_reassures_does_not_unblock(name, grave, mild) -> None:
    """DG-20: stale facts are shown as such and cannot unblock; the graver reading before them stands."""
    before = reading(name, grave, days_old=60)
    stale = reading(name, mild, days_old=31)

    guidance = guided(before, stale)

    assert blocks(guidance) == blocks(guided(before)) != []
    assert [(fact.name, fact.value) for fact in guidance.stale] == [(name, grave)]
    assert guidance.stale[0].later == stale
    assert blocks(guided(before, stale, reading(name, mild, days_old=0))) != blocks(guidance)


def test_an_answer_as_old_as_the_limit_still_counts() -> None:
    """DG-20: stale is older than the limit, and the limit is the policy's."""
    before = reading("phq9", 23, days_old=60)

    assert blocks(guided(before, reading("phq9", 8, days_old=30))) == []
    assert blocks(guided(before, reading("phq9", 8, days_old=30.001))) != []
    assert blocks(guided(before, reading("phq9", 8, days_old=40), policy=Policy(guidance_stale_days=45))) == []


def test_danger_does_not_pass_by_waiting() -> None:
    """DG-00, DG-20: a stale yes still counts and asks to be looked at again."""
    guidance = guided(reading("crisis_now", True, days_old=400))

    assert rows(guidance)[0][0] == "DG-00"
    assert [fact.name for fact in guidance.stale] == ["crisis_now"]


def test_the_newest_answer_counts_while_it_is_fresh() -> None:
    """DG-02: whichever way it goes."""
    assert blocks(guided(reading("phq9", 8, days_old=9), reading("phq9", 21, days_old=2))) != []
    assert blocks(guided(reading("phq9", 21, days_old=9), reading("phq9", 8, days_old=2))) == []


def test_a_stale_no_is_no_answer() -> None:
    """DG-20: the pathway is told what may be relied upon."""
    name = FactName.PSYCHOSIS_OR_MANIA

    def told(*readings):
        return reliable(known(*readings).find(name))

    assert told(reading(name, False, days_old=5)) is False
    assert told(reading(name, False, days_old=31)) is None
    assert told(reading(name, True, days_old=31)) is True
    assert told(reading(name, True, days_old=60), reading(name, False, days_old=31)) is True
    assert told(reading(name, True, days_old=60), reading(name, False, days_old=5)) is False
    assert told() is None


@pytest.mark.parametrize("text", TEXTS)
def test_no_text_claims_that_peer_support_does_the_same_for_less(text) -> None:
    """DG-23"""
    claims = r"effective|cheap|cost|afford|expens|price|saves? money|as good as|just as|equal(ly)? |replaces? therapy"

    assert not re.search(claims, text, re.IGNORECASE)


@pytest.mark.parametrize("text", TEXTS)
def test_no_text_speaks_ill_of_the_client(text) -> None:
    assert not re.search(r"\b(fail\w*|dirty|clean|relapse\w*|compliant|addict\w*|abus\w*)\b", text, re.IGNORECASE)


def test_whoever_changes_the_table_counts_its_version_up() -> None:
    """DG-20: a decision names the rules it was made under."""
    table = repr([(rule.id, rule.when.words, rule.then, rule.reason, rule.blocks) for rule in EVERY_RULE])

    assert (RULES_VERSION, hashlib.sha256(table.encode()).hexdigest()[:12]) == ("1", "3740ae181fd6")


def test_every_rule_of_the_book_is_in_the_table_once() -> None:
    ids = [rule.id for rule in EVERY_RULE]

    assert ids == [f"DG-{number:02}" for number in range(15) if number != 12]

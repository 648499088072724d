"""What a reader may know of guidance, and the words for the client."""

from __future__ import annotations

import re

import pytest

from casemgmt.guidance.plain import BLOCKS, OPENING, STRENGTHS, TOGETHER, WHY, for_client
from casemgmt.guidance.rules import EVERY_RULE
from casemgmt.guidance.showing import HIDDEN, WITHHELD, page_for
from casemgmt.guidance.words import Block, Service, Strength
from tests.factories.guidance import guided, reading

PLAIN = [*WHY.values(), *BLOCKS.values(), *STRENGTHS.values(), OPENING, TOGETHER, WITHHELD]


def test_every_rule_block_and_strength_has_words_for_the_client() -> None:
    assert set(WHY) == {rule.id for rule in EVERY_RULE} | {""}
    assert set(BLOCKS) == set(Block.values)
    assert set(STRENGTHS) == set(Strength.values)


@pytest.mark.parametrize("text", PLAIN)
def test_the_words_for_the_client_claim_nothing_and_blame_nobody(text) -> None:
    """DG-23: nor do they say that peer support does the same for less."""
    claims = r"effective|cheap|cost|afford|expens|price|saves? money|as good as|just as"
    blame = r"fail|dirty|clean\b|relapse|complian|addict|abus"

    assert not re.search(f"{claims}|{blame}", text, re.IGNORECASE)


def test_no_text_is_a_sentence_of_the_article() -> None:
    article = [
        "Peers are not trained to address severe disorders or crises",
        "peer support is no replacement",
        "one-on-one sessions",
        "safe, private setting",
        "works best when",
        "balance between structured therapeutic support",
        "it can become a good starting point",
        "most effective in the context of aftercare",
        "structure, accountability",
        "the answer is both",
        "try both and gauge where they fit",
    ]
    ours = " ".join([*PLAIN, *(rule.reason for rule in EVERY_RULE)]).lower()

    assert [each for each in article if each.lower() in ours] == []


def test_who_reads_answers_is_shown_everything() -> None:
    guidance = guided(phq9=22, isolated=True, trauma_or_harmful_patterns=True)

    page = page_for(guidance, answers=True)

    assert [line.rule_id for line in page.suggestions] == [each.rule_id for each in guidance.suggestions]
    assert [line.rule_id for line in page.blocked] == ["DG-02", "DG-03"]
    assert not any(line.withheld for line in (*page.suggestions, *page.blocked))
    assert len({line.basis for line in (*page.suggestions, *page.blocked)}) == 5


def test_a_clinical_reason_is_withheld_and_its_line_kept() -> None:
    """PEER-02: table 1.9, note 1."""
    page = page_for(guided(trauma_or_harmful_patterns=True, phq9_difficulty=3), answers=False)

    (line,) = page.suggestions
    assert (line.target, line.strength, line.rule_id, line.reason_text) == ("therapy", "suggest", "", WITHHELD)
    assert (line.facts_used, line.basis, line.withheld) == ((), "", True)
    assert (page.blocked, page.risk_flag) == ((), False)


def test_a_line_that_rests_on_both_shows_what_the_reader_may_know() -> None:
    page = page_for(guided(functioning_impaired=True, phq9=14), answers=False)

    (line,) = page.suggestions
    assert (line.rule_id, line.withheld) == ("DG-04", False)
    assert [fact.name for fact in line.facts_used] == ["functioning_impaired"]


@pytest.mark.parametrize("fact", [{"crisis_now": True}, {"cssrs": "high"}, {"withdrawal_risk": True}, {"gad7": 15}])
def test_the_risk_flag_is_for_everybody(fact) -> None:
    """PEER-02: the flag, not the answers."""
    page = page_for(guided(**fact), answers=False)

    assert page.risk_flag
    assert [line.target for line in page.blocked] == ["peer_support_alone"]
    assert any(line.strength == Strength.REQUIRED for line in page.suggestions)


def test_what_is_hidden_is_neither_stale_nor_missing() -> None:
    guidance = guided(reading("phq9", 12, days_old=50), reading("isolated", True, days_old=50))

    page = page_for(guidance, answers=False)

    assert [fact.name for fact in page.stale] == ["isolated"]
    assert not HIDDEN & set(page.unknown)


def test_the_basis_changes_with_the_facts_and_not_with_the_hour() -> None:
    def basis(**facts):
        return page_for(guided(**facts), answers=True).suggestions[0].basis

    assert basis(isolated=True) == basis(isolated=True, wants_accountable_home=True)
    assert basis(isolated=True) != basis(isolated=True, wants_lived_experience=True)


def test_the_client_hears_each_line_its_facts_and_what_is_old() -> None:
    guidance = guided(reading("isolated", True, days_old=40), phq9=12, client_preference=("peer_support",))

    told = for_client(page_for(guidance, answers=True))

    assert told[0] == OPENING
    assert any("We suggest peer support." in each and TOGETHER in each for each in told)
    assert any("the PHQ-9 (12), measure, 2026-11-22" in each for each in told)
    assert told[-1].endswith("being alone a lot, client, 2026-10-14.")


@pytest.mark.parametrize("service", list(Service))
def test_every_service_can_be_said(service) -> None:
    assert STRENGTHS["option"].format(what=service.label)

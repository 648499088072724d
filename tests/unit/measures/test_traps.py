"""The traps of the rule book, one by one, each where a careless scorer goes wrong."""

from __future__ import annotations

import re

import pytest

from casemgmt.accounts.roles import Role
from casemgmt.kernel.errors import Invalid
from casemgmt.measures.instruments import CATALOG
from casemgmt.measures.words import ADMINISTERS, INTERPRETS


def numbered(count: int, value: int, **changed: int) -> dict[str, int]:
    """Return `count` answers of one value; `item_3=1` changes item 3."""
    given = {str(number): value for number in range(1, count + 1)}
    return given | {name.removeprefix("item_"): changed_to for name, changed_to in changed.items()}


def test_barc10_of_all_ones_is_ten() -> None:
    """MSR-04: items count from 1 to 6, not from 0 to 5 and not from 0 to 6."""
    assert CATALOG["barc10"].score(numbered(10, 1)).scores == {"total": 10}
    assert CATALOG["barc10"].score(numbered(10, 6)).scores == {"total": 60}
    with pytest.raises(Invalid) as refused:
        CATALOG["barc10"].score(numbered(10, 0))
    assert refused.value.code == "item_out_of_range"


def test_dast10_of_all_no_is_one() -> None:
    """MSR-04: item 3 is reversed; someone who uses nothing is always able to stop and answers yes to it."""
    assert CATALOG["dast10"].score(numbered(10, 0)).scores == {"total": 1}
    assert CATALOG["dast10"].score(numbered(10, 0, item_3=1)).scores == {"total": 0}
    assert CATALOG["dast10"].score(numbered(10, 1, item_3=0)).scores == {"total": 10}


@pytest.mark.parametrize("difficulty", range(4))
def test_the_difficulty_item_of_the_phq9_is_never_added(difficulty: int) -> None:
    """MSR-04: the tenth question is asked and kept, and is no part of the score."""
    assert CATALOG["phq9"].score(numbered(9, 1) | {"difficulty": difficulty}).scores == {"total": 9}


def test_bam_r_has_no_total() -> None:
    """MSR-04: three scales with different meanings are not added up."""
    given = {item.code: 1 for item in CATALOG["bam_r"].items}

    assert set(CATALOG["bam_r"].score(given).scores) == {"use", "risk", "protective"}


def test_bam_r_keeps_item_17_and_the_elaborations_out_of_its_scales() -> None:
    """MSR-04: 17 stands alone, 7A to 7G say which drugs item 6 means."""
    low = {item.code: 0 for item in CATALOG["bam_r"].items}
    high = low | {"17": 4} | {f"7{letter}": 4 for letter in "ABCDEFG"}

    assert CATALOG["bam_r"].score(high).scores == CATALOG["bam_r"].score(low).scores


@pytest.mark.parametrize(("sex", "first"), [("male", 4), ("female", 3), ("", 3)])
def test_audit_c_from_how_often_alone_gets_a_note_for_the_reviewer(sex: str, first: int) -> None:
    """MSR-04: all points from item 1 may be low-level drinking."""
    alone = CATALOG["audit_c"].score({"1": first, "2": 0, "3": 0}, sex=sex).flags
    spread = CATALOG["audit_c"].score({"1": first - 1, "2": 1, "3": 0}, sex=sex).flags

    assert (alone, spread) == (("audit_c_positive", "audit_c_frequency_only"), ("audit_c_positive",))


def test_item_9_of_the_phq9_is_flagged_whatever_the_total() -> None:
    """MSR-05: a total of 1 with item 9 = 1 is flagged; the highest total without it is not; 3 is flagged as daily."""
    phq9 = CATALOG["phq9"]

    assert phq9.score(numbered(9, 0, item_9=1)).scores == {"total": 1}
    assert phq9.score(numbered(9, 0, item_9=1)).flags == ("phq9_item_9",)
    assert phq9.score(numbered(9, 3, item_9=0)).flags == ()
    assert phq9.score(numbered(9, 0, item_9=3)).flags == ("phq9_item_9", "phq9_item_9_daily")
    assert phq9.risk_flags == {"phq9_item_9", "phq9_item_9_daily"}


@pytest.mark.parametrize("unasked", ["3", "4", "5"])
def test_the_screener_skips_three_questions_after_a_no_to_the_second_and_never_the_sixth(unasked: str) -> None:
    """MSR-06: Q2 = no skips 3 to 5, still asks 6; an answer to what was not asked is refused."""
    cssrs = CATALOG["cssrs"]

    assert cssrs.score({"1": 1, "2": 0, "6": 0}).bands == {"triage": "low"}
    for given, code in (
        ({"1": 1, "2": 0}, "items_incomplete"),
        ({"1": 1, "2": 0, "6": 0, unasked: 1}, "item_not_asked"),
        ({"1": 1, "2": 1, "6": 0} | {each: 0 for each in "345" if each != unasked}, "items_incomplete"),
    ):
        with pytest.raises(Invalid) as refused:
            cssrs.score(given)
        assert refused.value.code == code


@pytest.mark.parametrize("code", CATALOG)
def test_no_sentence_says_what_somebody_has_or_is(code: str) -> None:
    """MSR-03: bands and flags are screening language."""
    instrument = CATALOG[code]
    words = [band.sentence for bands in instrument.bands.values() for band in bands]
    words += [flag.sentence for flag in instrument.flags]
    said = re.compile(r"\b(has|have|suffers?|diagnos\w*|is (depressed|anxious|an?) )", re.IGNORECASE)

    assert [sentence for sentence in words if said.search(sentence)] == []
    for bands in instrument.bands.values():
        assert all(re.match(r"(screens|reports|nothing positive)\b", band.sentence) for band in bands)


def test_peers_administer_and_clinicians_interpret() -> None:
    """MSR-07: trained staff including peers administer; a clinician or supervisor says what it means."""
    assert {Role.PEER_SPECIALIST, Role.CASE_MANAGER, Role.THERAPIST, Role.SUPERVISOR} == set(ADMINISTERS)
    assert {Role.THERAPIST, Role.SUPERVISOR} == set(INTERPRETS)

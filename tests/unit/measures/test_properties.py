"""What holds of any answers: scores in range, sums that rise with each answer, nothing imputed, words of screening."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casemgmt.kernel.errors import Invalid
from casemgmt.measures.instruments import CATALOG
from casemgmt.measures.instruments.cssrs import skipped, triage
from casemgmt.measures.instruments.shape import Instrument

RANGES = {
    "phq2": (0, 6),
    "phq9": (0, 27),
    "gad7": (0, 21),
    "barc10": (10, 60),
    "audit_c": (0, 12),
    "dast10": (0, 10),
}
LEVELS = ["none", "low", "moderate", "high"]
SEXES = st.sampled_from(["", "male", "female"])
PLAIN_SUMS = sorted(set(RANGES) - {"dast10"})
WITHOUT_SKIPS = sorted(set(CATALOG) - {"cssrs"})


def answers(instrument: Instrument) -> st.SearchStrategy[dict[str, int]]:
    """Any answers to all items in range."""
    return st.fixed_dictionaries({item.code: st.integers(item.low, item.high) for item in instrument.items})


@st.composite
def screens(draw: st.DrawFn) -> dict[str, int]:
    """Any answers to the C-SSRS screener that its skips allow."""
    given = draw(answers(CATALOG["cssrs"]))
    return {code: value for code, value in given.items() if code not in skipped(given)}


@pytest.mark.parametrize("code", RANGES)
@given(data=st.data())
def test_a_total_is_in_range_and_its_ends_are_reached(code: str, data: st.DataObject) -> None:
    instrument, (low, high) = CATALOG[code], RANGES[code]

    total = instrument.score(data.draw(answers(instrument)), sex=data.draw(SEXES)).scores["total"]

    assert low <= total <= high


@pytest.mark.parametrize("code", PLAIN_SUMS)
@given(data=st.data())
def test_a_higher_answer_never_lowers_a_sum(code: str, data: st.DataObject) -> None:
    instrument = CATALOG[code]
    before = data.draw(answers(instrument))
    item = data.draw(st.sampled_from([item for item in instrument.items if before[item.code] < item.high] or [None]))
    if item is None:
        return
    after = before | {item.code: before[item.code] + 1}

    risen = instrument.score(after).scores["total"] - instrument.score(before).scores["total"]

    assert risen == (1 if item.scored else 0)


@given(answers(CATALOG["bam_r"]))
def test_bam_r_has_three_scales_and_no_total(given: dict[str, int]) -> None:
    scores = CATALOG["bam_r"].score(given).scores

    assert set(scores) == {"use", "risk", "protective"}
    assert 0 <= scores["use"] <= 12
    assert 0 <= scores["risk"] <= 24
    assert 0 <= scores["protective"] <= 24


@given(answers(CATALOG["phq9"]))
def test_any_answer_to_item_9_is_flagged_whatever_the_total(given: dict[str, int]) -> None:
    assert ("phq9_item_9" in CATALOG["phq9"].score(given).flags) is (given["9"] >= 1)


@given(screens(), st.sampled_from(["1", "2", "3", "4", "5", "6", "6_recent"]))
def test_one_more_yes_never_lowers_the_triage(given: dict[str, int], item: str) -> None:
    assert LEVELS.index(triage(given | {item: 1})) >= LEVELS.index(triage(given))
    assert not CATALOG["cssrs"].score(given).scores


@pytest.mark.parametrize("code", WITHOUT_SKIPS)
@given(data=st.data())
def test_nothing_is_imputed(code: str, data: st.DataObject) -> None:
    """MSR-01: one missing item is enough to refuse."""
    instrument = CATALOG[code]
    whole = data.draw(answers(instrument))
    missing = data.draw(st.sampled_from([item.code for item in instrument.items if not item.optional]))

    with pytest.raises(Invalid) as refused:
        instrument.score({item: value for item, value in whole.items() if item != missing})

    assert (refused.value.code, list(refused.value.extra["fields"])) == ("items_incomplete", [f"items.{missing}"])


@pytest.mark.parametrize("answer", [True, 1.0, "1", None, 10**30])
def test_an_answer_is_a_whole_number_in_range(answer: object) -> None:
    """MSR-01: nothing is rounded, cast or clipped."""
    with pytest.raises(Invalid) as refused:
        CATALOG["phq2"].score({"1": 0, "2": answer})  # type: ignore[dict-item]

    assert refused.value.code == "item_out_of_range"


@pytest.mark.parametrize("code", CATALOG)
def test_bands_cover_a_scale_without_gaps_and_speak_of_screening(code: str) -> None:
    for bands in CATALOG[code].bands.values():
        for lower, upper in zip(bands, bands[1:], strict=False):
            assert upper.low == lower.high + 1
    words = [band.sentence for bands in CATALOG[code].bands.values() for band in bands]
    words += [flag.sentence for flag in CATALOG[code].flags]
    assert [sentence for sentence in words if re.search(r"\b(has|suffers|is depressed|diagnos)", sentence)] == []


@pytest.mark.parametrize("code", CATALOG)
def test_text_ships_only_where_the_license_column_allows(code: str) -> None:
    instrument = CATALOG[code]
    texts = [item.text for item in instrument.items if item.text]

    assert not texts or instrument.license.text_may_ship
    assert instrument.license.notice
    expected = {"phq2", "phq9", "gad7", "audit_c"} | {code for code in CATALOG if code.startswith("ruler_")}
    assert bool(texts) is (code in expected)
    for item in instrument.items:
        assert not item.options or len(item.options) == item.high - item.low + 1

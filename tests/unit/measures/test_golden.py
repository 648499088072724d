"""Every instrument against its golden file and a second opinion: each edge of each band, each trap."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from casemgmt.kernel.errors import Invalid
from casemgmt.measures.instruments import CATALOG
from casemgmt.measures.words import InstrumentCode

from .oracle import SCORES

ENOUGH = 20
GOLDEN = Path(__file__).parent / "golden"
CASES = [
    pytest.param(path.stem, case, id=f"{path.stem}: {case['name']}")
    for path in sorted(GOLDEN.glob("*.json"))
    for case in json.loads(path.read_text())
]


def cases_of(code: str) -> list[dict[str, Any]]:
    """Return the cases of one instrument."""
    cases: list[dict[str, Any]] = json.loads((GOLDEN / f"{code}.json").read_text())
    return cases


def test_every_instrument_has_a_golden_file_and_a_name() -> None:
    """MSR-01: what can be scored is proven case by case."""
    assert {path.stem for path in GOLDEN.glob("*.json")} == set(CATALOG) == set(InstrumentCode.values)
    assert all(code == instrument.code for code, instrument in CATALOG.items())
    few = {code: len(cases) for code in CATALOG if len(cases := cases_of(code)) < ENOUGH}
    assert few == {}


@pytest.mark.parametrize("code", CATALOG)
def test_the_golden_files_agree_with_a_second_opinion(code: str) -> None:
    for case in cases_of(code):
        if "error" not in case:
            expected = SCORES[code](case["items"], case.get("sex", ""))
            assert {name: case[name] for name in expected} == expected, case["name"]


@pytest.mark.parametrize("code", ["phq2", "audit_c", "dast10", "cssrs"])
def test_every_possible_answer_comes_to_what_the_second_opinion_says(code: str) -> None:
    """MSR-06: each of the 128 ways to answer the C-SSRS screener; MSR-04: all ways to answer AUDIT-C and DAST-10."""
    instrument = CATALOG[code]
    names = [item.code for item in instrument.items]
    for values in product(*(range(item.low, item.high + 1) for item in instrument.items)):
        given = dict(zip(names, values, strict=True))
        asked = {name: value for name, value in given.items() if name not in instrument.skipped(given)}
        for sex in ("", "male", "female"):
            result = instrument.score(asked, sex=sex)
            found = {"scores": dict(result.scores), "bands": dict(result.bands), "flags": list(result.flags)}
            assert found == SCORES[code](asked, sex)


@pytest.mark.parametrize(("code", "case"), CASES)
def test_answers_come_to_what_was_worked_out(code: str, case: dict[str, Any]) -> None:
    """MSR-01: `items_incomplete` and `item_out_of_range` are among the cases of every instrument."""
    instrument = CATALOG[code]
    if "error" in case:
        with pytest.raises(Invalid) as refused:
            instrument.score(case["items"], sex=case.get("sex", ""))
        assert refused.value.code == case["error"]
        return

    result = instrument.score(case["items"], sex=case.get("sex", ""))

    assert dict(result.scores) == case["scores"]
    assert dict(result.bands) == case["bands"]
    assert list(result.flags) == case["flags"]


@pytest.mark.parametrize("code", CATALOG)
def test_each_flag_and_band_is_reached_by_a_golden_case(code: str) -> None:
    instrument, cases = CATALOG[code], cases_of(code)

    assert {flag for case in cases for flag in case.get("flags", ())} == {flag.code for flag in instrument.flags}
    reached = {(scale, band) for case in cases for scale, band in case.get("bands", {}).items()}
    assert reached == {(scale, band.code) for scale, bands in instrument.bands.items() for band in bands}
    refused = {case["error"] for case in cases if "error" in case}
    assert {"items_incomplete", "item_out_of_range"} <= refused

"""Every instrument against its golden file: worked answers, each edge of each band, each trap (MSR-01, 04, 05, 06)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from casemgmt.kernel.errors import Invalid
from casemgmt.measures.instruments import CATALOG
from casemgmt.measures.words import InstrumentCode

GOLDEN = Path(__file__).parent / "golden"
CASES = [
    pytest.param(path.stem, case, id=f"{path.stem}: {case['name']}")
    for path in sorted(GOLDEN.glob("*.json"))
    for case in json.loads(path.read_text())
]


def test_every_instrument_has_a_golden_file_and_a_name() -> None:
    assert {path.stem for path in GOLDEN.glob("*.json")} == set(CATALOG) == set(InstrumentCode.values)
    assert all(code == instrument.code for code, instrument in CATALOG.items())


@pytest.mark.parametrize(("code", "case"), CASES)
def test_answers_come_to_what_was_worked_out_by_hand(code: str, case: dict[str, Any]) -> None:
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
    instrument, cases = CATALOG[code], json.loads((GOLDEN / f"{code}.json").read_text())

    assert {flag for case in cases for flag in case.get("flags", ())} == {flag.code for flag in instrument.flags}
    reached = {(scale, band) for case in cases for scale, band in case.get("bands", {}).items()}
    assert reached == {(scale, band.code) for scale, bands in instrument.bands.items() for band in bands}

"""What a response's flags are worth."""

from __future__ import annotations

import pytest

from casemgmt.measures.instruments import CATALOG
from casemgmt.safety.triage import TRIAGE, asks_screen, gravest
from casemgmt.safety.words import Severity

CALM = {str(number): 0 for number in range(1, 10)}


def flags_of(code: str, items: dict[str, int]) -> tuple[str, ...]:
    """Return the flags of answers as the catalog scores them."""
    return tuple(CATALOG[code].score(items, sex="").flags)


@pytest.mark.parametrize(
    ("item_9", "severity"),
    [(0, None), (1, Severity.HIGH), (2, Severity.HIGH), (3, Severity.CRITICAL)],
)
def test_item_9_decides_whatever_the_total(item_9: int, severity: Severity | None) -> None:
    """MSR-05: a total of 1 with item 9 = 1 raises high; 3 raises critical; 0 raises nothing."""
    flags = flags_of("phq9", {**CALM, "9": item_9})

    found = gravest(flags)

    assert (found and found[1]) == severity
    assert asks_screen(flags) is (item_9 > 0)


def test_a_high_total_without_item_9_raises_nothing() -> None:
    """MSR-05: the total is no reason."""
    assert gravest(flags_of("phq9", {**{str(number): 3 for number in range(1, 9)}, "9": 0})) is None


@pytest.mark.parametrize(
    ("flag", "severity"),
    [("cssrs_low", "low"), ("cssrs_moderate", "moderate"), ("cssrs_high", "high")],
)
def test_a_c_ssrs_is_worth_its_triage(flag: str, severity: str) -> None:
    """MSR-06: low, moderate and high are alerts of that severity, and ask for no further screener."""
    found = gravest([flag])

    assert found is not None
    assert (found[0], found[1]) == (flag, severity)
    assert not asks_screen([flag])


def test_one_response_raises_its_gravest_flag_once() -> None:
    """MSR-05: nearly every day is one critical alert, not a high one beside it."""
    assert gravest(["phq9_item_9", "phq9_item_9_daily"]) == ("phq9_item_9_daily", Severity.CRITICAL)
    assert gravest(["phq9_item_9_daily", "phq9_item_9"]) == ("phq9_item_9_daily", Severity.CRITICAL)


def test_every_risk_flag_of_the_catalog_has_a_place() -> None:
    """MSR-05, MSR-06: a new risk flag must be triaged before it can ship."""
    assert {flag for each in CATALOG.values() for flag in each.risk_flags} == set(TRIAGE)

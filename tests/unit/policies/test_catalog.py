"""The catalog of numbers: each within its own bounds, those of a law at the law's own."""

from __future__ import annotations

import pytest

from casemgmt.policies.catalog import NUMBERS

UNITS = {"days", "hours", "minutes", "points", "count", "characters"}


@pytest.mark.parametrize("number", NUMBERS.values(), ids=list(NUMBERS))
def test_every_number_has_a_unit_a_rule_and_a_default_within_its_bounds(number) -> None:
    assert number.unit in UNITS
    assert number.rule
    assert number.low < number.high
    assert number.low <= number.default <= number.high


def test_a_number_of_a_law_stands_at_the_law_s_bound() -> None:
    """CLN-02: nine hours a week at least, certified again after 60 days at most. P2-57: accountings in 60 and 30."""
    laws = {number.name: number for number in NUMBERS.values() if number.law}

    assert set(laws) == {
        "iop_hours_per_week",
        "iop_adolescent_hours_per_week",
        "iop_recertify_days",
        "accounting_answer_days",
        "accounting_extension_days",
    }
    assert laws["accounting_answer_days"].high == laws["accounting_answer_days"].default == 60
    assert laws["accounting_extension_days"].high == laws["accounting_extension_days"].default == 30
    assert laws["iop_hours_per_week"].low == laws["iop_hours_per_week"].default == 9
    assert laws["iop_adolescent_hours_per_week"].low == laws["iop_adolescent_hours_per_week"].default == 6
    assert laws["iop_recertify_days"].high == laws["iop_recertify_days"].default == 60


@pytest.mark.parametrize(
    ("name", "fixed"),
    [
        ("safety_screen_valid_days", 14),  # G4
        ("loc_valid_days", 30),  # G5
        ("hold_review_days", 30),  # T11
        ("cosign_hours", 24),  # T8
        ("return_to_use_review_hours", 24),  # CLN-30
        ("alert_contact_minutes", 15),  # SMS-62, PEER-03
        ("alert_moderate_hours", 24),  # MSR-06
        ("first_checkup_within_days", 90),  # G9
    ],
)
def test_what_keeps_people_safe_is_never_put_off_further(name, fixed) -> None:
    assert NUMBERS[name].high == fixed


@pytest.mark.parametrize(
    ("name", "fixed"),
    [("dropout_attempts_count", 3), ("dropout_channels_count", 2), ("dropout_span_days", 14)],
)
def test_nobody_is_given_up_sooner(name, fixed) -> None:
    """G12: three attempts by two channels over two weeks, or more."""
    assert NUMBERS[name].low == NUMBERS[name].default == fixed


def test_a_skip_is_explained_in_a_sentence() -> None:
    """G10: at least 20 characters."""
    assert NUMBERS["skip_reason_characters"].low == 20

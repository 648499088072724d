"""Quarters of an hour (PEER-05)."""

from __future__ import annotations

import pytest

from casemgmt.sessions.note_words import disciplines_of, units
from casemgmt.sessions.services.wording import NUMBER


@pytest.mark.parametrize(
    ("minutes", "plain", "by_eight"),
    [(7, 0, 0), (8, 0, 1), (15, 1, 1), (22, 1, 1), (23, 1, 2), (45, 3, 3), (53, 3, 4), (480, 32, 32)],
)
def test_units_are_whole_quarters_and_the_rest_counts_by_the_setting(minutes: int, plain: int, by_eight: int) -> None:
    """PEER-05."""
    assert (units(minutes, rest=15), units(minutes, rest=8)) == (plain, by_eight)


def test_who_has_two_trades_holds_two_disciplines() -> None:
    assert [each.value for each in disciplines_of(frozenset({"house_manager", "peer_specialist"}))] == ["peer", "house"]
    assert disciplines_of(frozenset({"privacy_officer", "intake", "admin"})) == []


@pytest.mark.parametrize("text", ["316-555-0123", "(316) 555 0123", "+49 30 1234567", "1 316 555 0123", "3165550123"])
def test_a_telephone_number_is_found(text: str) -> None:
    """PEER-06."""
    assert NUMBER.search(f"Call {text}, she said.")


@pytest.mark.parametrize(
    "text", ["988", "2026-11-23 18:30", "24/7", "20 mg", "case 12345678901234", "11/23/2026 10:15"]
)
def test_dates_and_short_numbers_are_none(text: str) -> None:
    """PEER-06."""
    assert not NUMBER.search(f"On {text} again.")

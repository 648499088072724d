"""Codes of the levels of care belong to an edition."""

from __future__ import annotations

import pytest

from casemgmt.episodes.levels import CODES, is_level


@pytest.mark.parametrize(
    ("edition", "code", "known"),
    [
        (3, "1", True),
        (3, "1.5", False),
        (3, "1.0", False),
        (3, "3.3", True),
        (3, "0.5", True),
        (4, "1", False),
        (4, "1.5", True),
        (4, "1.7", True),
        (4, "3.3", False),
        (4, "0.5", False),
        (4, "4.0", True),
        (5, "1", False),
        (4, "", False),
    ],
)
def test_a_code_belongs_to_its_edition(edition, code, known) -> None:
    """G5: rules.md 3.1: 1.5 is no level of the third edition, 3.3 none of the fourth."""
    assert is_level(edition=edition, code=code) is known


def test_both_editions_know_intensive_outpatient_care() -> None:
    assert all("2.1" in codes for codes in CODES.values())

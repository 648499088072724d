"""How an episode ended in the codes of TEDS-D, what counts as positive, how long it lasted (rules.md 3.7, 3.8)."""

from __future__ import annotations

from datetime import date

import pytest

from casemgmt.episodes.stages import OPEN, TERMINAL, Stage
from casemgmt.episodes.teds import CODES_OF_STAGE, Conclusion, code_of, is_positive, length_of_stay

REASONS = {"dropped_out": 2, "terminated_by_facility": 3, "incarcerated": 5, "other": 7}


@pytest.mark.parametrize(
    ("stage", "code"), [("completed", 1), ("transferred", 4), ("deceased", 6), ("cancelled", None), ("on_hold", None)]
)
def test_a_stage_has_its_code(stage, code) -> None:
    """T14, T16, T17: 1, 4 and 6; T7: who was never admitted left nothing."""
    assert code_of(stage, {}) == code


@pytest.mark.parametrize(("reason", "code"), REASONS.items())
def test_a_discharge_has_the_code_of_its_reason(reason, code) -> None:
    """T15: 2, 3, 5 and 7."""
    assert code_of("discharged", {"discharge_reason": reason}) == code


def test_a_discharge_without_one_of_the_reasons_has_none() -> None:
    """T15."""
    with pytest.raises(KeyError):
        code_of("discharged", {"discharge_reason": "moved"})


def test_every_stage_and_every_code_is_in_the_table() -> None:
    """T14, T15, T16, T17."""
    assert all(code_of(stage, {}) is None for stage in OPEN)
    assert set(CODES_OF_STAGE) == set(TERMINAL) - {Stage.CANCELLED}
    assert sorted(code for codes in CODES_OF_STAGE.values() for code in codes) == list(Conclusion)


def test_the_codebooks_words() -> None:
    """rules.md 3.7, word by word."""
    assert [each.label for each in Conclusion] == [
        "Treatment completed",
        "Dropped out of treatment",
        "Terminated by facility",
        "Transferred to another treatment program or facility",
        "Incarcerated",
        "Death",
        "Other",
    ]


def test_completion_and_transfer_are_positive_and_nothing_else_is() -> None:
    """CLN-40: 1 and 4."""
    assert {int(each) for each in Conclusion if is_positive(each)} == {1, 4}
    assert is_positive(None) is None


@pytest.mark.parametrize(
    ("ended", "last_contact", "days"),
    [
        (date(2026, 3, 31), None, 30),
        (date(2026, 3, 31), date(2026, 3, 11), 10),
        (date(2026, 3, 31), date(2026, 4, 9), 30),
        (date(2026, 3, 1), None, 1),
        (date(2026, 3, 31), date(2026, 2, 20), 1),
    ],
)
def test_a_stay_lasts_until_the_end_or_the_last_contact_and_a_day_at_least(ended, last_contact, days) -> None:
    """CLN-50."""
    assert length_of_stay(admitted=date(2026, 3, 1), ended=ended, last_contact=last_contact) == days

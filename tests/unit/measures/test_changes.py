"""What a change between two scores is called, at each edge."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casemgmt.measures import changes
from casemgmt.measures.changes import change, labels_of


def called(instrument: str, before: int | None, after: int, *, previous: int | None = None) -> set[str]:
    """Return the codes of a change since a baseline, and since the time before."""
    baseline = None if before is None else {"total": before}
    earlier = None if previous is None else {"total": previous}
    return {each.code for each in labels_of(instrument, now={"total": after}, baseline=baseline, previous=earlier)}


@pytest.mark.parametrize(
    ("before", "after", "codes"),
    [
        (14, 10, set()),
        (14, 9, {"response"}),  # five points
        (8, 4, {"response", "remission"}),  # half, and below 5
        (7, 4, {"remission"}),
        (6, 5, set()),
        (5, 5, set()),
        (4, 3, set()),  # it was below 5 at the baseline
        (4, 2, {"response"}),
        (0, 0, set()),
        (0, 9, set()),
        (14, 17, set()),  # 20 percent, of less than moderately severe
        (15, 12, {"noticeable_decrease"}),  # 20 percent of moderately severe
        (15, 18, {"noticeable_increase"}),
        (15, 13, set()),
        (16, 13, set()),  # 18.75 percent
        (27, 21, {"response", "noticeable_decrease"}),
        (20, 4, {"response", "remission", "noticeable_decrease"}),
    ],
)
def test_a_change_of_the_phq9(before, after, codes) -> None:
    """MSR-08: response is -5 points or -50 percent, remission below 5, noticeable from 20 percent of the baseline."""
    assert called("phq9", before, after) == codes


@pytest.mark.parametrize(("before", "after", "codes"), [(10, 7, set()), (10, 6, {"improvement"}), (6, 10, set())])
def test_a_change_of_the_gad7(before, after, codes) -> None:
    """MSR-08: -4 points."""
    assert called("gad7", before, after) == codes


@pytest.mark.parametrize(
    ("previous", "after", "codes"),
    [(46, 47, {"cut_off_reached"}), (47, 46, {"cut_off_left"}), (47, 60, set()), (10, 46, set()), (None, 47, set())],
)
def test_a_change_of_the_barc10_is_only_the_crossing_of_47(previous, after, codes) -> None:
    """MSR-08: no other band is validated."""
    assert called("barc10", previous, after, previous=previous) == codes


@pytest.mark.parametrize("instrument", ["phq9", "gad7"])
def test_without_a_baseline_nothing_is_called_anything(instrument) -> None:
    assert called(instrument, None, 0, previous=20) == set()


def test_other_instruments_have_no_names_for_changes() -> None:
    assert labels_of("bam_r", now={"use": 0}, baseline={"use": 12}, previous={"use": 12}) == ()


@given(st.integers(0, 27), st.integers(0, 27))
def test_a_rise_is_never_called_a_response(before: int, after: int) -> None:
    """MSR-08: and a fall is never called an increase."""
    codes = called("phq9", before, after)

    assert "response" not in codes or after < before
    assert "noticeable_increase" not in codes or after > before


def test_change_is_after_minus_before_on_shared_scales() -> None:
    assert change(before={"use": 3, "gone": 1}, after={"use": 1, "risk": 5}) == {"use": -2}


def test_a_label_speaks_of_the_score_and_not_of_the_person() -> None:
    """MSR-03: nobody "has" or "is" anything."""
    labels = [each for each in vars(changes).values() if isinstance(each, changes.Label)]

    assert len(labels) == 7
    for label in labels:
        assert re.match(r"The (PHQ-9|GAD-7|BARC-10) ", label.sentence)
        assert not re.search(r"\b(has|suffers|client|patient)\b", label.sentence)

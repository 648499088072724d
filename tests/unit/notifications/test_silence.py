"""What follows when a client does not answer (CHK-06)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from notifications.silence import Silence, Step, steps_of

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("stage", "unanswered", "days", "calls", "last"),
    [
        ("therapy", 0, 30, 9, None),
        ("therapy", 1, 2, 0, Step.NOTE),
        ("therapy", 1, 6.9, 0, Step.NOTE),
        ("therapy", 1, 7, 0, Step.OUTREACH),
        ("therapy", 2, 5, 0, Step.TASK),
        ("therapy", 3, 5, 0, Step.OUTREACH),
        ("therapy", 3, 5, 2, Step.OUTREACH),
        ("therapy", 3, 5, 3, Step.SUPERVISOR),
        ("therapy", 2, 5, 3, Step.TASK),
        ("iop", 1, 3.9, 0, Step.NOTE),
        ("iop", 1, 4, 0, Step.OUTREACH),
        ("iop", 2, 2, 0, Step.OUTREACH),
        ("sober_living", 2, 2, 0, Step.OUTREACH),
        ("sober_living", 1, 4, 3, Step.SUPERVISOR),
    ],
)
def test_the_ladder_climbs_with_what_was_not_answered(stage, unanswered, days, calls, last) -> None:
    found = steps_of(Silence(stage, unanswered, days * DAY, calls))

    assert (found[-1] if found else None) == last
    assert not found or found[0] == Step.NOTE


def test_nobody_is_called_a_return_to_use() -> None:
    assert {each.value for each in Step} == {"note", "task", "outreach", "supervisor"}

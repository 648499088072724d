"""Where an episode stood when, as known when (F2): the replay, row by row."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from casemgmt.episodes.history import Row, first_fault, places, replay, stand
from casemgmt.episodes.lifecycle import Pathway
from casemgmt.kernel.lifecycle import pairs

DAY = timedelta(days=1)
START = datetime(2026, 3, 2, 9, tzinfo=UTC)
LEGAL = set(pairs(Pathway))


def row(seq: int, enters: str, held_since: int, recorded: int, supersedes: int | None = None) -> Row:
    """Return a row that holds and was recorded so many days after the start."""
    return Row(seq, enters, START + held_since * DAY, START + recorded * DAY, supersedes)


def stage(rows: list[Row], as_of: int, known_at: int) -> str | None:
    return replay(rows, as_of=START + as_of * DAY, known_at=START + known_at * DAY).stage


PLAIN = [row(1, "intake", 0, 0), row(2, "iop", 5, 5), row(3, "on_hold", 9, 9)]


def test_a_stage_holds_from_its_moment_until_the_next() -> None:
    """F2."""
    assert [stage(PLAIN, day, 99) for day in (-1, 0, 4, 5, 8, 9, 50)] == [
        None,
        "intake",
        "intake",
        "iop",
        "iop",
        "on_hold",
        "on_hold",
    ]


def test_what_was_recorded_later_was_not_known_before() -> None:
    """F2: one moment, two answers, after a late entry."""
    late = [row(1, "intake", 0, 0), row(2, "iop", 2, 6)]

    assert (stage(late, 3, 5), stage(late, 3, 6)) == ("intake", "iop")
    assert stage(late, 3, -1) is None


def test_a_hold_knows_where_it_was_put_on_and_nothing_else_does() -> None:
    """F2, T11."""
    held = stand(PLAIN)
    resumed = stand([*PLAIN, row(4, "therapy", 12, 12)])

    assert (held.stage, held.held_stage, held.seq, held.since) == ("on_hold", "iop", 3, START + 9 * DAY)
    assert (resumed.stage, resumed.held_stage) == ("therapy", "")


def test_a_correction_stands_in_the_place_of_the_wrong_row() -> None:
    """F2, T20: from its own moment on, for those who know of it."""
    rows = [*PLAIN, row(4, "therapy", 6, 20, supersedes=2)]

    assert [each.seq for each in places(rows)] == [1, 4, 3]
    assert [stage(rows, day, 99) for day in (5, 6, 9)] == ["intake", "therapy", "on_hold"]
    assert [stage(rows, day, 19) for day in (5, 6, 9)] == ["iop", "iop", "on_hold"]
    assert stand(places(rows)).held_stage == "therapy"


def test_a_correction_can_be_corrected() -> None:
    """F2, T20."""
    rows = [*PLAIN, row(4, "therapy", 6, 20, supersedes=2), row(5, "iop", 7, 30, supersedes=4)]

    assert [each.seq for each in places(rows)] == [1, 5, 3]
    assert [stage(rows, 7, known) for known in (10, 25, 31)] == ["iop", "therapy", "iop"]
    assert stage(rows, 6, 31) == "intake"


def test_an_entry_in_error_lets_the_stage_before_go_on() -> None:
    """T20: since when it runs is when it began, and a hold goes on being held there."""
    rows = [*PLAIN, row(4, "completed", 12, 12), row(5, "on_hold", 12, 13, supersedes=4)]

    found = stand(places(rows))

    assert (found.stage, found.held_stage, found.since, found.seq) == ("on_hold", "iop", START + 9 * DAY, 5)


def test_the_later_of_two_rows_of_one_moment_holds() -> None:
    """F2."""
    assert stage([row(1, "intake", 0, 0), row(2, "iop", 0, 0)], 0, 0) == "iop"


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        (PLAIN, None),
        ([*PLAIN, row(4, "on_hold", 9, 9)], None),  # no step is no fault
        ([row(1, "iop", 0, 0)], (1, "begins elsewhere than at intake")),
        ([*PLAIN[:2], row(3, "on_hold", 4, 9)], (3, "holds from before the row in whose succession it stands")),
        ([*PLAIN, row(4, "cancelled", 9, 9)], (4, "leads from on_hold to cancelled, and no step does")),
    ],
)
def test_a_fault_is_named_with_its_row(rows, fault) -> None:
    """F2, STG-10."""
    assert first_fault(rows, legal=LEGAL) == fault

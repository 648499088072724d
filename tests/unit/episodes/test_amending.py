"""Which corrections of a ledger are possible, and what they come to (T20)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from casemgmt.episodes.amending import Amended, Bounds, Correction, amend
from casemgmt.episodes.history import Row
from casemgmt.episodes.lifecycle import Pathway
from casemgmt.kernel.errors import Conflict, DomainError, Invalid, Refused
from casemgmt.kernel.lifecycle import pairs

DAY = timedelta(days=1)
START = datetime(2026, 3, 2, 9, tzinfo=UTC)
NOW = START + 20 * DAY
LEGAL = set(pairs(Pathway))
ROWS = [
    Row(1, "intake", START, START),
    Row(2, "iop", START + 5 * DAY, START + 5 * DAY, None, {"start_date": "2026-03-07"}),
    Row(3, "on_hold", START + 9 * DAY, START + 9 * DAY),
]


def correct(rows: list[Row], move: int, *, bounds: Bounds | None = None, **wanted: Any) -> Amended:
    correction = Correction(move=move, reason="Wrong.", **wanted)
    return amend(rows, correction, at=NOW, bounds=bounds or Bounds(latest=NOW), legal=LEGAL)


def refused(rows: list[Row], move: int, **wanted: Any) -> DomainError:
    with pytest.raises((Conflict, Invalid, Refused)) as found:
        correct(rows, move, **wanted)
    return found.value


def test_the_last_row_may_have_entered_another_stage() -> None:
    """T20."""
    found = correct(ROWS, 3, stage="therapy")

    assert (found.before.stage, found.after.stage, found.after.held_stage, found.moves) == (
        "on_hold",
        "therapy",
        "",
        True,
    )
    assert (found.row.supersedes, found.row.at, found.row.effective_at) == (3, NOW, START + 9 * DAY)


def test_the_last_row_entered_in_error_gives_the_stage_before_back() -> None:
    """T20."""
    found = correct(ROWS, 3, in_error=True)

    assert (found.row.enters, found.after.stage, found.after.since) == ("iop", "iop", START + 5 * DAY)


def test_the_time_of_any_row_may_move_between_its_neighbors() -> None:
    """T20: the stage stays."""
    found = correct(ROWS, 2, effective_at=START + 8 * DAY)

    assert (found.row.enters, found.row.effective_at, found.moves) == ("iop", START + 8 * DAY, False)
    assert found.row.told == ROWS[1].told


@pytest.mark.parametrize(
    ("move", "since"),
    [
        (1, START + 6 * DAY),
        (2, START - DAY),
        (2, START + 10 * DAY),
        (3, START + 4 * DAY),
        (3, NOW + DAY),
    ],
)
def test_no_row_moves_past_its_neighbors_or_now(move, since) -> None:
    """T20, F2."""
    assert refused(ROWS, move, effective_at=since).code == "effective_at_invalid"


def test_an_episode_stays_between_those_beside_it() -> None:
    """CLN-50: it does not begin before the last one ended, nor end after the next began."""
    ended = [*ROWS, Row(4, "discharged", START + 12 * DAY, START + 12 * DAY, None, {"discharge_reason": "other"})]
    bounds = Bounds(latest=START + 13 * DAY, earliest=START - DAY)

    assert refused(ended, 4, bounds=bounds, effective_at=START + 14 * DAY).code == "effective_at_invalid"
    assert refused(ended, 1, bounds=bounds, effective_at=START - 2 * DAY).code == "effective_at_invalid"
    assert correct(ended, 4, bounds=bounds, effective_at=START + 13 * DAY).after.since == START + 13 * DAY
    assert correct(ended, 1, bounds=bounds, effective_at=START - DAY).opened_at == START - DAY


def test_an_earlier_row_may_enter_another_stage_while_the_way_through_it_exists() -> None:
    """T20: a hold then was a hold of that stage."""
    found = correct(ROWS, 2, stage="therapy")

    assert (found.moves, found.after.stage, found.after.held_stage) == (False, "on_hold", "therapy")


@pytest.mark.parametrize(("move", "wanted"), [(2, {"stage": "waitlist"}), (2, {"in_error": True})])
def test_no_way_is_left_that_no_step_leads_along(move, wanted) -> None:
    """T20, STG-10: nothing is put on hold before care."""
    assert refused(ROWS, move, **wanted).code == "correction_not_possible"


def test_the_last_row_enters_only_what_a_step_leads_to() -> None:
    """T20, STG-10: no way from intensive care to intake."""
    assert refused(ROWS, 3, stage="intake").code == "correction_not_possible"
    assert refused(ROWS, 3, stage="cancelled").code == "correction_not_possible"


def test_the_beginning_stays_a_beginning() -> None:
    """T20, T1."""
    assert refused(ROWS, 1, in_error=True).code == "opening_stays"
    assert refused(ROWS, 1, stage="waitlist").code == "opening_stays"
    assert correct(ROWS, 1, effective_at=START - DAY).opened_at == START - DAY


def test_a_row_is_superseded_once_and_its_correction_may_be() -> None:
    """T20."""
    corrected = [*ROWS, Row(4, "therapy", START + 9 * DAY, START + 10 * DAY, 3)]

    error = refused(corrected, 3, stage="aftercare")
    found = correct(corrected, 4, stage="aftercare")

    assert (error.code, error.extra["by"]) == ("already_corrected", 4)
    assert (found.row.supersedes, found.after.stage, found.place) == (4, "aftercare", (4, 3))


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({}, "nothing_to_correct"),
        ({"stage": "on_hold"}, "nothing_to_correct"),
        ({"effective_at": START + 9 * DAY}, "nothing_to_correct"),
        ({"stage": "therapy", "in_error": True}, "invalid"),
    ],
)
def test_a_correction_changes_something_and_one_thing(wanted, code) -> None:
    """T20."""
    assert refused(ROWS, 3, **wanted).code == code


def test_only_a_row_of_the_episode_is_corrected() -> None:
    """T20."""
    assert refused(ROWS, 99, in_error=True).extra["fields"] == {"move": ["Name a row of this episode's ledger."]}


def test_a_discharge_needs_its_reason_and_one_by_the_facility_its_causes() -> None:
    """T15, T20, CLN-30."""
    without = refused(ROWS, 3, stage="discharged")
    causeless = refused(ROWS, 3, stage="discharged", given={"discharge_reason": "terminated_by_facility"})
    found = correct(ROWS, 3, stage="discharged", given={"discharge_reason": "incarcerated"})

    assert (without.code, list(without.extra["fields"])) == ("data_missing", ["data.discharge_reason"])
    assert list(causeless.extra["fields"]) == ["data.causes"]
    assert found.after.told == {"discharge_reason": "incarcerated"}


def test_another_reason_is_a_correction_and_keeps_what_else_was_told() -> None:
    """T20, T15."""
    told = {"discharge_reason": "other", "last_contact": "2026-03-10"}
    ended = [*ROWS, Row(4, "discharged", START + 12 * DAY, START + 12 * DAY, None, told)]

    found = correct(ended, 4, given={"discharge_reason": "dropped_out"})

    assert (found.moves, found.row.told) == (False, {"discharge_reason": "dropped_out", "last_contact": "2026-03-10"})

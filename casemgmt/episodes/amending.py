"""Whether a row of the ledger may be corrected the way somebody asks, and what stands there then (T20). Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from casemgmt.kernel.errors import Conflict, Invalid, Refused

from .history import Row, Standing, first_fault, places, stand
from .stages import TERMINAL, Stage


@dataclass(frozen=True, slots=True)
class Correction:
    """What is wrong and what holds instead: the ledger row `move`, and why.

    `stage` is what the row should have entered, `in_error` takes it back to the stage before; neither leaves it as it
    was. `effective_at` (aware UTC) says since when; None leaves it. `given` holds what the right stage needs to be told
    (`discharge_reason`, `causes`, `last_contact`, `died_on`). `still_deceased` keeps the client's death when only the
    stage was wrong. `version` is the caller's copy of the episode; None makes no claim.
    """

    move: int
    reason: str
    stage: str = ""
    in_error: bool = False
    effective_at: datetime | None = None
    given: Mapping[str, Any] = field(default_factory=dict)
    still_deceased: bool = False
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Bounds:
    """Between which moments an episode may lie (aware UTC): after the one before it ended, before the next began."""

    latest: datetime
    earliest: datetime | None = None


@dataclass(frozen=True, slots=True)
class Amended:
    """What a correction comes to: the wrong row and the one that takes its place, the stage before and after, and since
    when the episode runs.
    """

    wrong: Row
    row: Row
    before: Standing
    after: Standing
    opened_at: datetime
    place: tuple[int, ...]  # every row that ever stood there

    @property
    def moves(self) -> bool:
        """True when the episode stands at another stage after it."""
        return self.before.stage != self.after.stage

    @property
    def was_no_such_step(self) -> bool:
        """True when the wrong row led elsewhere, not only at another time."""
        return self.wrong.enters != self.row.enters


def amend(
    rows: list[Row], wanted: Correction, *, at: datetime, bounds: Bounds, legal: Collection[tuple[str, str]]
) -> Amended:
    """Judge a correction recorded at `at` against an episode's whole ledger.

    Raises Invalid (`fields`, `effective_at_invalid`, `nothing_to_correct`, `data_missing`), Conflict
    `already_corrected`, Refused `opening_stays`, `correction_not_possible`.
    """
    there = places(rows)
    wrong, index = _find(rows, there, wanted)
    row = _put_right(there, index, wanted, at=at)
    _require_between(there, index, row, bounds=bounds)
    after = [*there[:index], row, *there[index + 1 :]]
    fault = first_fault(after, legal=legal)
    if fault is not None:
        sentence = f"The way would not be possible any more: the row {_named(fault[0], row)} {fault[1]}."
        raise Refused(sentence, code="correction_not_possible", move=wrong.seq)
    return Amended(wrong, row, stand(there), stand(after), after[0].effective_at, _ever_there(rows, wrong))


def _find(rows: list[Row], there: list[Row], wanted: Correction) -> tuple[Row, int]:
    """Return the row in force that is wrong, and its place."""
    for index, row in enumerate(there):
        if row.seq == wanted.move:
            return row, index
    if any(row.seq == wanted.move for row in rows):
        by = next(row.seq for row in rows if row.supersedes == wanted.move)
        raise Conflict("This row was corrected already. Correct the correction.", code="already_corrected", by=by)
    raise Invalid(fields={"move": ["Name a row of this episode's ledger."]})


def _put_right(there: list[Row], index: int, wanted: Correction, *, at: datetime) -> Row:
    wrong = there[index]
    if wanted.in_error and wanted.stage:
        raise Invalid(fields={"stage": ["Either it was entered in error, or another stage was right."]})
    if index == 0 and (wanted.in_error or wanted.stage not in ("", Stage.INTAKE)):
        sentence = "An episode begins at intake. Cancel it if it should not have been opened."
        raise Refused(sentence, code="opening_stays")
    enters = there[index - 1].enters if wanted.in_error else wanted.stage or wrong.enters
    told = {**wrong.told, **wanted.given} if enters == wrong.enters else dict(wanted.given)
    since = wanted.effective_at or wrong.effective_at
    if (enters, since, told) == (wrong.enters, wrong.effective_at, wrong.told):
        raise Invalid("This changes nothing.", code="nothing_to_correct")
    _require_told(enters, told)
    return replace(wrong, enters=enters, effective_at=since, told=told, at=at, supersedes=wrong.seq)


def _require_told(enters: str, told: Mapping[str, Any]) -> None:
    """A discharge has its reason (T15), and one by the facility its causes (CLN-30)."""
    needs = ["discharge_reason"] if enters == Stage.DISCHARGED else []
    if told.get("discharge_reason") == "terminated_by_facility":
        needs.append("causes")
    missing = {f"data.{name}": ["This stage needs it."] for name in needs if not told.get(name)}
    if missing:
        raise Invalid("This stage needs more to be told.", code="data_missing", fields=missing)


def _require_between(there: list[Row], index: int, row: Row, *, bounds: Bounds) -> None:
    """A row holds from between the rows beside it; the first not before the episode may begin."""
    earliest = there[index - 1].effective_at if index else bounds.earliest
    latest = there[index + 1].effective_at if index + 1 < len(there) else row.at
    if (earliest is not None and row.effective_at < earliest) or row.effective_at > latest:
        sentence = "Not before the row before it, not after the one that follows, not later than now."
        raise Invalid(code="effective_at_invalid", fields={"effective_at": [sentence]})
    if row.enters in TERMINAL and row.effective_at > bounds.latest:
        sentence = "Not after the client's next episode began."
        raise Invalid(code="effective_at_invalid", fields={"effective_at": [sentence]})


def _ever_there(rows: list[Row], wrong: Row) -> tuple[int, ...]:
    """Return the rows that stood in a place before, and the one that stands there now."""
    by_seq, found = {row.seq: row for row in rows}, [wrong.seq]
    while (before := by_seq[found[-1]].supersedes) is not None:
        found.append(before)
    return tuple(found)


def _named(seq: int, row: Row) -> str:
    return "that takes its place" if seq == row.seq else str(seq)

"""Replaying the ledger: which stage held at a moment, as it was known at a moment (F2). Pure.

Rows count in the order of their recording. A correction (T20) takes the place of the row it supersedes; a place holds
from its effective moment until the next one. Knowledge grows row by row: what was recorded later is not yet known, and
nothing is ever forgotten.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from .stages import Stage


@dataclass(frozen=True, slots=True)
class Row:
    """What the replay needs of a ledger row; moments are aware UTC. `told` came with it."""

    seq: int
    enters: str
    effective_at: datetime
    at: datetime
    supersedes: int | None = None
    told: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an episode stood. `stage` is None before it began; `seq` names the row that says so.

    `since` is the effective moment of the first row that entered the stage. `held_stage` is empty but on hold.
    """

    stage: str | None = None
    held_stage: str = ""
    seq: int | None = None
    since: datetime | None = None
    told: Mapping[str, Any] = field(default_factory=dict)


def places(rows: Iterable[Row], *, known_at: datetime | None = None) -> list[Row]:
    """Return the rows in force, in the order of the places they stand in; only those recorded by `known_at`."""
    in_force: dict[int, Row] = {}  # the row that made the place -> the row that stands there
    made_by: dict[int, int] = {}
    for row in sorted(rows, key=lambda each: each.seq):
        if known_at is not None and row.at > known_at:
            break
        place = row.seq if row.supersedes is None else made_by[row.supersedes]
        made_by[row.seq] = place
        in_force[place] = row
    return list(in_force.values())


def replay(rows: Iterable[Row], *, as_of: datetime, known_at: datetime) -> Standing:
    """Return where the episode stood at `as_of`, as known at `known_at` (aware UTC)."""
    return stand(places(rows, known_at=known_at), as_of=as_of)


def stand(there: Iterable[Row], *, as_of: datetime | None = None) -> Standing:
    """Return where the rows in force lead to; those holding from after `as_of` do not count."""
    found = Standing()
    for row in there:
        if as_of is not None and row.effective_at > as_of:
            break
        same = row.enters == found.stage
        held = ""
        if row.enters == Stage.ON_HOLD:
            held = found.held_stage if same else found.stage or ""
        since = found.since if same else row.effective_at
        found = Standing(row.enters, held, row.seq, since, row.told)
    return found


def first_fault(there: Iterable[Row], *, legal: Collection[tuple[str, str]]) -> tuple[int, str] | None:
    """Return the first row in force that holds from before the one before it, or that no verb leads to; with what.

    A row that enters the stage before it is no step, and no fault: something was entered in error there. `legal` are
    the pairs of stages that the verbs know.
    """
    before: Row | None = None
    for row in there:
        if before is None:
            if row.enters != Stage.INTAKE:
                return row.seq, "begins elsewhere than at intake"
        elif row.effective_at < before.effective_at:
            return row.seq, "holds from before the row in whose succession it stands"
        elif row.enters != before.enters and (before.enters, row.enters) not in legal:
            return row.seq, f"leads from {before.enters} to {row.enters}, and no step does"
        before = row
    return None

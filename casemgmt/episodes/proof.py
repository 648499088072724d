"""Proving that an episode's ledger is whole, corrections included: the first row that cannot be true (F2). Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from .history import Row, first_fault, places, stand
from .ledger import as_row
from .models import Episode, StageMove
from .teds import code_of
from .telling import as_date


def first_break(moves: Sequence[StageMove], *, legal: Collection[tuple[str, str]]) -> tuple[int, str] | None:
    """Return the first row of an episode's ledger that cannot be true, and why; None for a whole one.

    `moves` are all its rows in the order of recording; `legal` the pairs of stages that the verbs know.
    """
    rows: list[Row] = []
    for move in moves:
        sentence = _superseding(move, rows) or _recorded(move, rows)
        rows.append(as_row(move))
        sentence = sentence or _following(move, rows, legal)
        if sentence:
            return move.seq, sentence
    return None


def _superseding(move: StageMove, before: list[Row]) -> str:
    if move.supersedes_id is None:
        return "" if move.enters == move.to_stage else "enters another stage than it leads to"
    if all(row.seq != move.supersedes_id for row in before):
        return f"supersedes row {move.supersedes_id}, which is no earlier row of its episode"
    by = next((row.seq for row in before if row.supersedes == move.supersedes_id), None)
    return f"supersedes row {move.supersedes_id}, which row {by} had superseded" if by is not None else ""


def _recorded(move: StageMove, before: list[Row]) -> str:
    if before and move.at < before[-1].at:
        return "was recorded before the row before it"
    return "holds from later than it was recorded" if move.effective_at > move.at else ""


def _following(move: StageMove, rows: list[Row], legal: Collection[tuple[str, str]]) -> str:
    """The replay of everything known so far leads where the row leads, along steps that exist."""
    there = places(rows)
    fault = first_fault(there, legal=legal)
    if fault is not None:
        return fault[1] if fault[0] == move.seq else f"is right only if row {fault[0]} were: that one {fault[1]}"
    reached = stand(there).stage
    return "" if reached == move.to_stage else f"leads to {move.to_stage}, and the replay to {reached}"


def disagreements(episode: Episode, moves: Sequence[StageMove]) -> Iterator[str]:
    """Yield the columns of an episode that its whole ledger does not tell."""
    there = places(as_row(move) for move in moves)
    found = stand(there)
    if found.stage is None:
        return
    ended = not episode.is_open
    told: dict[str, Any] = {
        "stage": found.stage,
        "held_stage": found.held_stage,
        "opened_at": there[0].effective_at,
        "ended_at": found.since if ended else None,
        "last_contact_on": as_date(found.told.get("last_contact")) if ended else None,
    }
    yield from (name for name, value in told.items() if getattr(episode, name) != value)
    if found.told.get("discharge_reason") or found.stage != "discharged":
        expected = code_of(found.stage, found.told)
        if episode.teds_code != expected:
            yield "teds_code"

"""Reading an episode's ledger as values, for replaying it (history.py). Reads only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from .history import Row, Standing, replay
from .models import Episode, StageMove


def as_row(move: StageMove) -> Row:
    """Return a ledger row as the replay sees it."""
    return Row(
        seq=move.seq,
        enters=move.enters,
        effective_at=move.effective_at,
        at=move.at,
        supersedes=move.supersedes_id,
        told=move.given,
    )


def rows_of(episode: Episode) -> list[Row]:
    """Return the ledger of an episode in the order of its recording. One query."""
    moves: Iterable[StageMove] = StageMove.objects.filter(episode=episode).order_by("seq").defer("facts")
    return [as_row(move) for move in moves]


def recorded_at(rows: list[Row], *, now: datetime) -> datetime:
    """Return when the next row is recorded: `now`, but never before the row that is there.

    A transaction's time is when it began; one that waited for another's lock began before the other wrote (F2).
    """
    return max(now, rows[-1].at) if rows else now


def standing_at(episode: Episode, *, as_of: datetime, known_at: datetime) -> Standing:
    """Return where an episode stood at `as_of`, as it was known at `known_at` (aware UTC)."""
    return replay(rows_of(episode), as_of=as_of, known_at=known_at)

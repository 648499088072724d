"""What this room knows of an episode, for the pathway's guards. Reads responses, judges nothing."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from .models import Response
from .readings import Score, Triage
from .words import InstrumentCode


class Spell(Protocol):
    """The part of an episode that matters here; the room of episodes lies above."""

    client_id: UUID
    organization_id: UUID


def for_episode(episode: Spell, *, at: datetime) -> dict[str, Any]:
    """Return the last answers in force as of `at` (aware UTC) that the episode's organization recorded. One query.

    The fields are those of the pathway's facts (G4, G7, G8, T9); an instrument that was never answered is None there.
    """
    mine = Response.objects.filter(
        client_id=episode.client_id, organization_id=episode.organization_id, completed_at__lte=at
    )
    last: dict[str, Any] = {row.instrument: row for row in mine.newest()}
    return {
        "cssrs": _triage(last.get(InstrumentCode.CSSRS)),
        "phq9": _total(last.get(InstrumentCode.PHQ9)),
        "phq9_item_9": _item_9(last.get(InstrumentCode.PHQ9)),
        "gad7": _total(last.get(InstrumentCode.GAD7)),
        "measured_at": {instrument: row.completed_at for instrument, row in last.items()},
    }


def _triage(row: Response | None) -> Triage | None:
    return None if row is None else Triage(row.bands["triage"], row.completed_at)


def _total(row: Response | None) -> Score | None:
    return None if row is None else Score(row.scores["total"], row.completed_at)


def _item_9(row: Response | None) -> Score | None:
    return None if row is None else Score(row.items["9"], row.completed_at)

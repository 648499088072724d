"""What this room knows of an episode, for the pathway's guards. Reads alerts, judges nothing."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from .models import RiskAlert
from .words import AlertFact


class Spell(Protocol):
    """The part of an episode that matters here; the room of episodes lies above."""

    client_id: UUID
    organization_id: UUID


def for_episode(episode: Spell, *, at: datetime) -> dict[str, Any]:
    """Return the client's alerts at the episode's organization that are not closed, gravest first (G4, G7, T14)."""
    mine = RiskAlert.objects.unclosed().of(client_id=episode.client_id, organization_id=episode.organization_id)
    rows = mine.order_by("urgency", "raised_at", "id").values_list("id", "severity")
    return {"alerts": tuple(AlertFact(str(pk), severity) for pk, severity in rows)}

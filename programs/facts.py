"""What this room knows of an episode for the guards of the pathway (G6)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from casemgmt.episodes.facts import EnrollmentFact
from casemgmt.episodes.models import Episode


def for_episode(episode: Episode, *, at: datetime) -> dict[str, Any]:
    """Return the episode's open enrollments for its guards (G6). One query.

    An open enrollment holds its place from the day it was planned, so each of them has one.
    """
    rows = episode.enrollments.open().select_related("program").order_by("id")
    facts = tuple(
        EnrollmentFact(
            id=str(row.id),
            kind=row.program.kind,
            status=str(row.stage),
            organization_id=str(row.program.organization_id),
            program_id=str(row.program_id),
            provider_id=str(row.provider_id) if row.provider_id else None,
            has_place=True,
        )
        for row in rows
    )
    return {"enrollments": facts}

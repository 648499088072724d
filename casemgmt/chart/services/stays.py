"""Since when the stage that leads an episode does so, and what its organization goes by. Reads only."""

from __future__ import annotations

from datetime import datetime

from casemgmt.episodes.history import places
from casemgmt.episodes.ledger import rows_of
from casemgmt.episodes.models import Episode
from casemgmt.episodes.stages import Stage


def lead_since(episode: Episode) -> datetime:
    """Return from when (aware UTC) the present lead stage leads, as the ledger holds it now and not as it was recorded.

    A hold and its end begin nothing anew (T11, T12). One query.
    """
    lead, since = "", episode.opened_at
    for row in places(rows_of(episode)):
        if row.enters not in (Stage.ON_HOLD, lead):
            lead, since = row.enters, row.effective_at
    return since


def zone_of(episode: Episode) -> str:
    """Return the IANA zone in which the episode's organization counts its days."""
    return episode.organization.timezone

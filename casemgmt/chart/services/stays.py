"""Since when the stage that leads an episode does so, and what its organization goes by. Reads only."""

from __future__ import annotations

from datetime import datetime

from casemgmt.episodes.models import Episode

RESUMED = "T12"  # the end of a hold begins nothing anew


def lead_since(episode: Episode) -> datetime:
    """Return from when (aware UTC) the present lead stage leads, as it holds and not as it was recorded."""
    entries = episode.moves.filter(to_stage=episode.lead).exclude(rule=RESUMED)
    found = entries.order_by("-seq").values_list("effective_at", flat=True).first()
    return found or episode.opened_at


def zone_of(episode: Episode) -> str:
    """Return the IANA zone in which the episode's organization counts its days."""
    return episode.organization.timezone

"""What this room knows of an episode for the guards of the pathway (G9)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from casemgmt.episodes.models import Episode
from casemgmt.kernel.wall_time import zone_named

from .models import CheckInPlan
from .models.plan import PAUSED_BY_HOLD


def for_episode(episode: Episode, *, at: datetime) -> dict[str, Any]:
    """Return whether check-ins are planned from `at` (aware UTC) on (G9). One query beside the client's.

    A plan that pauses only because the episode is on hold counts: it goes on when the client leaves the hold.
    """
    zone = zone_named(episode.client.timezone or "") or UTC
    plans = CheckInPlan.objects.filter(episode_id=episode.pk)
    return {"check_ins_planned": plans.going_on(today=at.astimezone(zone).date(), paused_for=PAUSED_BY_HOLD).exists()}

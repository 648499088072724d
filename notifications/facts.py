"""What this room knows of an episode for the guards of the pathway (G9)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from casemgmt.episodes.models import Episode
from casemgmt.episodes.stages import Stage
from casemgmt.kernel.wall_time import zone_named

from .models import CheckInPlan, PlanStatus
from .models.plan import PAUSED_BY_HOLD


def for_episode(episode: Episode, *, at: datetime) -> dict[str, Any]:
    """Return whether check-ins are planned from `at` (aware UTC) on (G9). One query beside the client's.

    A plan that pauses only because the episode is on hold counts: it goes on when the client leaves the hold. The
    default of a stage is no schedule that anybody agreed with the client, and ends with its stage.
    """
    zone = zone_named(episode.client.timezone or "") or UTC
    plans = CheckInPlan.objects.filter(episode_id=episode.pk).made_for(Stage.AFTERCARE)
    today = at.astimezone(zone).date()
    planned = plans.going_on(today=today, paused_for=PAUSED_BY_HOLD) | plans.filter(status=PlanStatus.WAITING)
    return {"check_ins_planned": planned.exists()}

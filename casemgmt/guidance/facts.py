"""What this room knows of an episode's client for the guards of the pathway (G7, G8)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from casemgmt.episodes.models import Episode
from casemgmt.policies.services import policy_of

from .known import reliable, weigh_all
from .reading import told_readings
from .words import FactName

ASKED = frozenset({FactName.PSYCHOSIS_OR_MANIA, FactName.WANTS_MOUD})


def for_episode(episode: Episode, *, at: datetime) -> dict[str, Any]:
    """Return both as of `at` (aware UTC). True stands until a fresh no; a stale no is None (known.py). Two queries."""
    policy = policy_of(episode.organization_id)
    weighed = weigh_all(told_readings(episode, names=ASKED), at=at, policy=policy)
    found = {fact.name: fact for fact in weighed}
    return {name.value: reliable(found.get(name)) for name in sorted(ASKED)}

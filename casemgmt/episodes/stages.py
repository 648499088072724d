"""The stages of the pathway and how they relate (rules.md §8). Pure."""

from __future__ import annotations

from django.db.models import TextChoices


class Stage(TextChoices):
    """The lead stage of an episode. Enrollments run beside it (STG-01)."""

    INTAKE = "intake"
    WAITLIST = "waitlist"
    IOP = "iop"
    THERAPY = "therapy"
    PEER_SUPPORT = "peer_support"
    SOBER_LIVING = "sober_living"
    AFTERCARE = "aftercare"
    ON_HOLD = "on_hold"
    COMPLETED = "completed"
    DISCHARGED = "discharged"
    TRANSFERRED = "transferred"
    DECEASED = "deceased"
    CANCELLED = "cancelled"


BEFORE_CARE = (Stage.INTAKE, Stage.WAITLIST)
CARE = (Stage.IOP, Stage.THERAPY, Stage.PEER_SUPPORT, Stage.SOBER_LIVING, Stage.AFTERCARE)
OPEN = (*BEFORE_CARE, *CARE, Stage.ON_HOLD)
TERMINAL = (Stage.COMPLETED, Stage.DISCHARGED, Stage.TRANSFERRED, Stage.DECEASED, Stage.CANCELLED)
CLINICAL = (Stage.IOP, Stage.THERAPY)

# How much support a stage gives; the direction of a step follows from it, not from adjacency (§8).
SUPPORT_RANK = {
    Stage.IOP: 50,
    Stage.SOBER_LIVING: 40,
    Stage.THERAPY: 30,
    Stage.PEER_SUPPORT: 20,
    Stage.AFTERCARE: 10,
}

# Steps down that always pass over a clinical rank (§8); sober living -> aftercare does so without therapy beside it.
SKIPS = frozenset({(Stage.IOP, Stage.PEER_SUPPORT), (Stage.IOP, Stage.AFTERCARE)})


def direction(origin: str, target: str) -> str:
    """Return `step_up` or `step_down` between two stages of care, `` for every other move."""
    if origin not in SUPPORT_RANK or target not in SUPPORT_RANK or origin == target:
        return ""
    return "step_up" if SUPPORT_RANK[Stage(target)] > SUPPORT_RANK[Stage(origin)] else "step_down"


def skips(origin: str, target: str, *, therapy_beside: bool) -> bool:
    """True when a step passes over clinical support that nothing beside it gives (§8)."""
    passes = (origin, target) == (Stage.SOBER_LIVING, Stage.AFTERCARE) and not therapy_beside
    return passes or (origin, target) in SKIPS

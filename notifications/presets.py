"""How often a client is checked in with in each stage, unless somebody plans otherwise (STG-13). Pure.

A course is a row of phases: from so many days after the stage began, by a rule of RFC 5545, until the next phase.
"""

from __future__ import annotations

from dataclasses import dataclass

from casemgmt.episodes.stages import Stage
from casemgmt.policies.catalog import Policy

from .schedule import Phase

# On which weekdays so many check-ins a week fall: apart from each other, and never on a weekend.
WEEKDAYS = {1: "WE", 2: "MO,TH", 3: "MO,WE,FR"}
EVERY_SECOND_WEEK = "FREQ=WEEKLY;INTERVAL=2;BYDAY=WE"
MONTHLY = "FREQ=MONTHLY;BYDAY=1WE"


@dataclass(frozen=True, slots=True)
class Preset:
    """What an organization checks in by in one stage: the phases, and the local minute of the day."""

    phases: tuple[Phase, ...]
    minute: int


def preset_of(stage: str, policy: Policy) -> Preset | None:
    """Return what STG-13 and the organization's numbers say of a stage; None: no check-ins there."""
    phases = tuple(each for each in _phases(stage, policy) if each is not None)
    return Preset(phases, policy.checkin_at_minutes) if phases else None


def _phases(stage: str, policy: Policy) -> list[Phase | None]:
    if stage == Stage.PEER_SUPPORT:
        first, later = policy.checkin_peer_first_count, policy.checkin_peer_later_count
        return [_weekly(0, first), _weekly(policy.checkin_peer_first_days, later)]
    if stage == Stage.AFTERCARE and policy.checkin_aftercare_count:
        weekly_days = policy.checkin_aftercare_first_days
        return [
            _weekly(0, policy.checkin_aftercare_count),
            Phase(weekly_days, EVERY_SECOND_WEEK),
            Phase(max(policy.checkin_aftercare_second_days, weekly_days + 1), MONTHLY),
        ]
    per_week = {
        Stage.IOP: policy.checkin_iop_count,
        Stage.SOBER_LIVING: policy.checkin_sober_living_count,
        Stage.THERAPY: policy.checkin_therapy_count,
        Stage.WAITLIST: policy.checkin_waitlist_count,
    }
    return [_weekly(0, count) for name, count in per_week.items() if name == stage]


def _weekly(after_days: int, count: int) -> Phase | None:
    return Phase(after_days, f"FREQ=WEEKLY;BYDAY={WEEKDAYS[count]}") if count else None

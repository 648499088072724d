"""When a measure is due (MSR-09): from the stages an episode went through and the last answer. Pure.

The numbers are the organization's policy. Nothing is due while an episode is on hold or after it ended.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from casemgmt.accounts.roles import Role
from casemgmt.policies.catalog import Policy

from .words import ENDED, HELD, INTAKE, IOP, PEER_SUPPORT, THERAPY, DueReason, InstrumentCode

SYMPTOMS = (InstrumentCode.PHQ9, InstrumentCode.GAD7, InstrumentCode.BAM_R)
ROUTINE = (*SYMPTOMS, InstrumentCode.BARC10)

# Whom the worklist asks: whoever sees the client most in that stage. Everybody who may administer may take it (MSR-07).
ASKED = {IOP: Role.THERAPIST, THERAPY: Role.THERAPIST, PEER_SUPPORT: Role.PEER_SPECIALIST}


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an episode stands. A hold and an end leave the lead stage as it was (STG-01); moments are aware UTC."""

    stage: str
    entered_at: datetime
    lead: str
    lead_since: datetime
    opened_at: datetime

    @property
    def runs(self) -> bool:
        """True until the episode ended."""
        return self.stage not in ENDED

    @property
    def asks(self) -> bool:
        """True while measures may be due."""
        return self.stage != HELD and self.runs

    @property
    def role(self) -> Role:
        """Whom the worklist asks."""
        return ASKED.get(self.stage, Role.CASE_MANAGER)


@dataclass(frozen=True, slots=True)
class Wanted:
    """When an instrument is due next, and why."""

    due_at: datetime
    because: DueReason


def standing_of(marks: Iterable[tuple[str, datetime]]) -> Standing | None:
    """Return where an episode stands after `(stage, entered at)` in their order; None before the first."""
    found: Standing | None = None
    for stage, at in marks:
        if found is None:
            found = Standing(stage, at, stage, at, at)
            continue
        stays = stage in (found.lead, HELD) or stage in ENDED
        lead, since = (found.lead, found.lead_since) if stays else (stage, at)
        found = Standing(stage, at, lead, since, found.opened_at)
    return found


def period(instrument: str, *, stage: str, policy: Policy) -> timedelta | None:
    """Return the time between two answers to an instrument in a stage; None where the stage asks for no repeat."""
    if instrument == InstrumentCode.BARC10:
        return timedelta(days=policy.barc10_days)
    if instrument not in SYMPTOMS:
        return None
    days = {IOP: policy.measures_iop_days, THERAPY: policy.measures_therapy_days}.get(stage)
    return None if days is None else timedelta(days=days)


def wanted(instrument: str, *, last: datetime | None, standing: Standing, policy: Policy) -> Wanted | None:
    """Return when an instrument is due next in an episode, given the last answer; None: not at all (MSR-09).

    Entering a stage asks at once unless the last answer is recent; after that the stage's cadence counts from it.
    """
    if not standing.asks or instrument not in ROUTINE:
        return None
    recent = standing.entered_at - timedelta(days=policy.measures_at_stage_change_days)
    if last is None or last < recent:
        because = DueReason.INTAKE if standing.stage == INTAKE else DueReason.STAGE_CHANGE
        return Wanted(standing.entered_at, because)
    every = period(instrument, stage=standing.stage, policy=policy)
    return None if every is None else Wanted(last + every, DueReason.CADENCE)


def stays_due(*, due_at: datetime, wanted_at: datetime, at: datetime) -> bool:
    """True when what is due stays as it is: the same moment, or overdue either way. So nothing is asked twice."""
    return due_at == wanted_at or (due_at <= at and wanted_at <= at)

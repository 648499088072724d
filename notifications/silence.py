"""What follows when a client does not answer check-ins (CHK-06). Pure.

Only check-ins that reached the client count: those that were answered, and those that were not. What the carrier could
not deliver, what was called off, expired or held back says nothing about the client. Silence is never a return to use.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from casemgmt.episodes.stages import Stage


class Step(StrEnum):
    """One rung. Each stands for itself and for what comes before it."""

    NOTE = "note"  # one check-in unanswered
    TASK = "task"  # two in a row: a case manager asks how they are, the next business day
    OUTREACH = "outreach"  # three in a row, or too long silent: three calls
    SUPERVISOR = "supervisor"  # three calls reached nobody


@dataclass(frozen=True, slots=True)
class Patience:
    """After how many check-ins in a row, or how long, somebody calls."""

    in_a_row: int
    silent: timedelta


USUAL = Patience(3, timedelta(days=7))
CLOSE = Patience(2, timedelta(days=4))
PATIENCE = {Stage.IOP.value: CLOSE, Stage.SOBER_LIVING.value: CLOSE}
CALLS = 3  # that reach nobody, until a supervisor decides


@dataclass(frozen=True, slots=True)
class Silence:
    """How a client stands: check-ins unanswered in a row, since when nothing was heard, calls that reached nobody."""

    stage: str
    unanswered: int
    lasting: timedelta
    calls: int = 0


def steps_of(silence: Silence) -> list[Step]:
    """Return every step that a silence has come to, in order."""
    if silence.unanswered < 1:
        return []
    patience = PATIENCE.get(silence.stage, USUAL)
    found = [Step.NOTE]
    if silence.unanswered >= 2:
        found.append(Step.TASK)
    if silence.unanswered >= patience.in_a_row or silence.lasting >= patience.silent:
        found.append(Step.OUTREACH)
        if silence.calls >= CALLS:
            found.append(Step.SUPERVISOR)
    return found

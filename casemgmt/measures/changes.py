"""What a change between two scores is called in the literature (MSR-08). Pure; said to clinicians only (MSR-07).

The numbers belong to the instruments, like their bands. Nothing here compares one person with another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .instruments.barc10 import CUT_OFF
from .words import InstrumentCode

Scores = Mapping[str, int]

PHQ9_RESPONSE_POINTS = 5
PHQ9_REMISSION_BELOW = 5
PHQ9_MODERATELY_SEVERE_FROM = 15
MCID_PERCENT = 20
GAD7_IMPROVEMENT_POINTS = 4


@dataclass(frozen=True, slots=True)
class Label:
    """One thing to say of a change: a stable code, and a sentence about the score, never about the person."""

    code: str
    sentence: str


RESPONSE = Label("response", "The PHQ-9 is down by 5 points or more, or by half, since the baseline.")
REMISSION = Label("remission", "The PHQ-9 screens below 5; the baseline did not.")
LESS = Label("noticeable_decrease", "The PHQ-9 is down by 20 percent of the baseline or more.")
MORE = Label("noticeable_increase", "The PHQ-9 is up by 20 percent of the baseline or more.")
IMPROVEMENT = Label("improvement", "The GAD-7 is down by 4 points or more since the baseline.")
REACHED = Label("cut_off_reached", "The BARC-10 reached 47 since the time before.")
LEFT = Label("cut_off_left", "The BARC-10 went below 47 since the time before.")


def change(*, before: Scores, after: Scores) -> dict[str, int]:
    """Return after minus before for every scale that both have."""
    return {scale: value - before[scale] for scale, value in after.items() if scale in before}


def labels_of(instrument: str, *, now: Scores, baseline: Scores | None, previous: Scores | None) -> tuple[Label, ...]:
    """Return what the scores now are called beside the baseline and the time before; None where there is none."""
    if instrument == InstrumentCode.PHQ9 and baseline is not None:
        return _phq9(baseline["total"], now["total"])
    if instrument == InstrumentCode.GAD7 and baseline is not None:
        return (IMPROVEMENT,) if baseline["total"] - now["total"] >= GAD7_IMPROVEMENT_POINTS else ()
    if instrument == InstrumentCode.BARC10 and previous is not None:
        return _barc10(previous["total"], now["total"])
    return ()


def _phq9(before: int, after: int) -> tuple[Label, ...]:
    fall = before - after
    found = []
    if fall >= PHQ9_RESPONSE_POINTS or (fall > 0 and 2 * fall >= before):
        found.append(RESPONSE)
    if after < PHQ9_REMISSION_BELOW <= before:
        found.append(REMISSION)
    if before >= PHQ9_MODERATELY_SEVERE_FROM and 100 * abs(fall) >= MCID_PERCENT * before:
        found.append(LESS if fall > 0 else MORE)
    return tuple(found)


def _barc10(before: int, after: int) -> tuple[Label, ...]:
    if before < CUT_OFF <= after:
        return (REACHED,)
    return (LEFT,) if after < CUT_OFF <= before else ()

"""How an episode ended, in the codes of TEDS-D (rules.md 3.7), and how long it lasted (CLN-50). Pure.

The public codebook of 2019 (S44). State submission uses two-digit codes with more variants; they are made from these,
not stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.models import IntegerChoices

from .stages import Stage


class Conclusion(IntegerChoices):
    """REASON of TEDS-D: why treatment ended."""

    COMPLETED = 1, "Treatment completed"
    DROPPED_OUT = 2, "Dropped out of treatment"
    TERMINATED = 3, "Terminated by facility"
    TRANSFERRED = 4, "Transferred to another treatment program or facility"
    INCARCERATED = 5, "Incarcerated"
    DEATH = 6, "Death"
    OTHER = 7, "Other"


# What was told with a discharge -> its code (T15).
CODE_OF_REASON: dict[str, Conclusion] = {
    "dropped_out": Conclusion.DROPPED_OUT,
    "terminated_by_facility": Conclusion.TERMINATED,
    "incarcerated": Conclusion.INCARCERATED,
    "other": Conclusion.OTHER,  # moved, aged out, insurance, the client declined
}

# Terminal stage -> the codes it may carry. Who was never admitted (T7) left no treatment.
CODES_OF_STAGE: dict[str, tuple[int, ...]] = {
    Stage.COMPLETED.value: (Conclusion.COMPLETED.value,),
    Stage.DISCHARGED.value: tuple(sorted(each.value for each in CODE_OF_REASON.values())),
    Stage.TRANSFERRED.value: (Conclusion.TRANSFERRED.value,),
    Stage.DECEASED.value: (Conclusion.DEATH.value,),
}

# CLN-40: completion and transfer are positive conclusions; a transfer is never counted as attrition.
POSITIVE = frozenset({Conclusion.COMPLETED, Conclusion.TRANSFERRED})


def code_of(stage: str, told: Mapping[str, Any]) -> Conclusion | None:
    """Return the code of an episode that stands at `stage`, None while it is open or was never admitted.

    `told` is what came with the step; a discharge names its reason as `discharge_reason`. Raises KeyError for a
    discharge without one of the reasons of T15.
    """
    if stage == Stage.DISCHARGED:
        return CODE_OF_REASON[str(told["discharge_reason"])]
    codes = CODES_OF_STAGE.get(stage)
    return Conclusion(codes[0]) if codes else None


def is_positive(code: int | None) -> bool | None:
    """Return whether an episode concluded well (CLN-40); None while it has no code."""
    return None if code is None else code in POSITIVE


def length_of_stay(*, admitted: date, ended: date, last_contact: date | None) -> int:
    """Return the days from admission to the end, or to the last contact if that came earlier; at least 1 (CLN-50).

    All three are calendar dates where the organization is.
    """
    last = ended if last_contact is None else min(ended, last_contact)
    return max(1, (last - admitted).days)

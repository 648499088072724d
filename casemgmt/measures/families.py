"""The outcome families: what peer support aims at, what therapy aims at, what both do, and recovery itself (MSR-10).

Pure. The families have different aims, so they stand side by side; nothing sets one against another. Items of an
instrument are shown as items and are no scale of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .instruments import CATALOG
from .words import InstrumentCode

Family = Literal["peer", "therapy", "shared", "recovery"]


@dataclass(frozen=True, slots=True)
class Measure:
    """One number of one instrument: a scale of its scores, or an item of its answers."""

    instrument: InstrumentCode
    part: Literal["scale", "item"]
    code: str

    @property
    def name(self) -> str:
        """What it is called: the instrument, and the label of the item or the scale where there are several."""
        if self.part == "item":
            label = next(item.label for item in CATALOG[self.instrument].items if item.code == self.code)
            return f"{self.instrument.label}: {label}"
        return self.instrument.label if self.code in ("total", "value") else f"{self.instrument.label}: {self.code}"


@dataclass(frozen=True, slots=True)
class Aim:
    """One aim of a family, and the measures that speak of it."""

    family: Family
    code: str
    measures: tuple[Measure, ...]


def _total(instrument: InstrumentCode) -> Measure:
    return Measure(instrument, "scale", "total")


def _ruler(instrument: InstrumentCode) -> Measure:
    return Measure(instrument, "scale", "value")


def _items(instrument: InstrumentCode, *codes: str) -> tuple[Measure, ...]:
    return tuple(Measure(instrument, "item", code) for code in codes)


def _bam(*scales: str) -> tuple[Measure, ...]:
    return tuple(Measure(InstrumentCode.BAM_R, "scale", scale) for scale in scales)


BARC10, BAM_R, PHQ9 = InstrumentCode.BARC10, InstrumentCode.BAM_R, InstrumentCode.PHQ9

AIMS = (
    Aim("peer", "hope", (_ruler(InstrumentCode.HOPE), *_items(BARC10, "2", "6", "10"))),
    Aim(
        "peer",
        "empowerment",
        (_total(BARC10), *_items(BAM_R, "9"), _ruler(InstrumentCode.CONFIDENCE), *_items(BARC10, "8")),
    ),
    Aim(
        "peer",
        "social",
        (*_items(BARC10, "4", "5"), *_items(BAM_R, "10", "16"), _ruler(InstrumentCode.CONNECTION)),
    ),
    Aim("therapy", "symptoms", (_total(PHQ9), _total(InstrumentCode.GAD7), *_items(BAM_R, "3"))),
    Aim(
        "therapy",
        "functioning",
        (*_items(PHQ9, "difficulty"), *_items(BAM_R, "2", "13"), _ruler(InstrumentCode.FUNCTIONING)),
    ),
    Aim("shared", "quality_of_life", (_ruler(InstrumentCode.LIFE_SATISFACTION), *_items(BARC10, "2"))),
    Aim("recovery", "use_risk_protection", _bam("use", "risk", "protective")),
)


def aims_of(family: Family) -> tuple[Aim, ...]:
    """Return the aims of a family."""
    return tuple(aim for aim in AIMS if aim.family == family)

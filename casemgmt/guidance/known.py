"""What is known of a client for guidance, with source and date: frozen values and how time wears on them. Pure.

The rule about age, in one place (§5, DG-20). A reading is stale when it is older than the organization's
`guidance_stale_days`.

- A stale reading is still shown, and says that it needs an update.
- A stale reading that worries still counts: danger does not pass by waiting.
- A stale reading that reassures lifts nothing: while the newest reading is stale, the gravest one known stands. A score
  of 8 six weeks ago does not undo the 23 before it; asking again today does.

Removing a fact means removing all its readings; then nothing is known of it, and nothing follows from it (DG-21 b).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from casemgmt.policies.catalog import Policy

from .words import FactName, FactSource

Value = bool | int | str | tuple[str, ...]

CSSRS_GRAVITY = {"none": 0, "low": 0, "moderate": 1, "high": 2}
DAILY = 3  # PHQ-9, item 9: nearly every day
GRAVE = frozenset(
    {
        FactName.CRISIS_NOW,
        FactName.PSYCHOSIS_OR_MANIA,
        FactName.WITHDRAWAL_RISK,
        FactName.OVERDOSE,
        FactName.TRAUMA,
        FactName.WANTS_MOUD,  # not a danger, but a house that refuses it is ruled out by it (G8)
    }
)


@dataclass(frozen=True, slots=True)
class Reading:
    """One thing said, measured or recorded at a moment (aware UTC), in its own unit.

    `place` orders what is of the same moment: the id of its row, later ones higher.
    """

    name: FactName
    value: Value
    source: FactSource
    at: datetime
    place: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """What counts of all readings of one name. `stale`: the newest reading is too old and needs an update.

    `later` is that newest reading where it reassures and therefore does not count.
    """

    name: FactName
    value: Value
    source: FactSource
    at: datetime
    stale: bool = False
    later: Reading | None = None


@dataclass(frozen=True, slots=True)
class GuidanceFacts:
    """All that the rules judge: where the client stands, what is known, and the organization's numbers.

    `stage` is always known. At most one fact of each name; their order means nothing.
    """

    stage: Fact
    facts: tuple[Fact, ...] = ()
    policy: Policy = Policy()

    def find(self, name: FactName) -> Fact | None:
        """Return what is known under a name, None where nobody said."""
        if name == FactName.STAGE:
            return self.stage
        return next((each for each in self.facts if each.name == name), None)


def gravity(reading: Reading | Fact, policy: Policy) -> int:
    """Return 0 for what lifts or means nothing, more for what blocks; only compared within one name."""
    name, value = reading.name, reading.value
    if name in GRAVE:
        return int(value is True)
    if name == FactName.CSSRS:
        return CSSRS_GRAVITY.get(str(value), 0)
    if not isinstance(value, int):
        return 0
    if name == FactName.PHQ9_ITEM_9:
        return int(value >= DAILY)
    if name == FactName.PHQ9:
        return int(value >= policy.phq9_peer_alone_below_points)
    if name == FactName.GAD7:
        return int(value >= policy.gad7_peer_alone_below_points)
    return 0


def is_stale(moment: datetime, *, at: datetime, policy: Policy) -> bool:
    """Return whether something of `moment` is too old at `at` (both aware UTC): older than, not as old as."""
    return at - moment > timedelta(days=policy.guidance_stale_days)


def weigh(readings: Iterable[Reading], *, at: datetime, policy: Policy) -> Fact:
    """Return what counts of the readings of one name at `at`; at least one reading. What came in last counts."""
    line = sorted(readings, key=lambda each: (each.at, each.place, gravity(each, policy), str(each.value)))
    newest = line[-1]
    if not is_stale(newest.at, at=at, policy=policy):
        return Fact(newest.name, newest.value, newest.source, newest.at)
    gravest = max(line, key=lambda each: (gravity(each, policy), each.at, each.place))
    counts = gravest if gravity(gravest, policy) > gravity(newest, policy) else newest
    later = newest if counts is not newest else None
    return Fact(counts.name, counts.value, counts.source, counts.at, stale=True, later=later)


def weigh_all(readings: Iterable[Reading], *, at: datetime, policy: Policy) -> tuple[Fact, ...]:
    """Return one fact for each name that has readings, in the order of the names."""
    by_name: dict[FactName, list[Reading]] = {}
    for each in readings:
        by_name.setdefault(each.name, []).append(each)
    return tuple(weigh(by_name[name], at=at, policy=policy) for name in FactName if name in by_name)


def reliable(fact: Fact | None) -> bool | None:
    """Return a yes or no that may be built upon; None for nothing said, and for a no too old to lift anything."""
    if fact is None or (fact.stale and fact.value is not True):
        return None
    return fact.value is True

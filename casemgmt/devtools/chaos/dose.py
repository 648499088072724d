"""How much is done to the system, and in which order: drawn from the seed, so that a run can be repeated. Pure."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

WHOLE = 10_000  # the size to which the figures of reliability.md R1 and R3 belong
SPELLINGS = ("STOP", "stop", "Stop.", "Please stop texting me", "UNSUBSCRIBE", "ALTO")


class Incident(StrEnum):
    """What befalls the system."""

    KILL = "kill"  # kill -9 of a process, or of a program with all its processes
    DATABASE = "database"  # PostgreSQL restarted in immediate mode
    BROKER = "broker"  # Redis killed; another, empty one started
    FLUSH = "flush"  # Redis forgets everything
    CARRIER = "carrier"  # the carrier killed and started again
    STOP = "stop"  # a client's phone says STOP


@dataclass(frozen=True, kw_only=True)
class Dose:
    """How many clients are checked in with, and how often what befalls the system."""

    size: int
    seed: int
    kills: int
    databases: int
    brokers: int
    carriers: int
    stops: int

    def incidents(self) -> list[Incident]:
        """Return everything that will happen, in the order of its happening."""
        drawn = (
            [Incident.KILL] * self.kills
            + [Incident.DATABASE] * self.databases
            + [Incident.BROKER] * self.brokers
            + [Incident.FLUSH] * self.brokers
            + [Incident.CARRIER] * self.carriers
            + [Incident.STOP] * self.stops
        )
        random.Random(f"{self.seed}:order").shuffle(drawn)
        return drawn

    def stopping(self) -> Iterator[tuple[int, str]]:
        """Yield the places of the clients who say STOP, each with its spelling."""
        dice = random.Random(f"{self.seed}:stops")
        for place in dice.sample(range(self.size), self.stops):
            yield place, dice.choice(SPELLINGS)


def dose_for(size: int, *, seed: int) -> Dose:
    """Return the dose of reliability.md R1 and R3 for WHOLE clients, its share for fewer, but some of everything."""
    share = size / WHOLE
    return Dose(
        size=size,
        seed=seed,
        kills=max(4, round(50 * share)),
        databases=max(1, round(5 * share)),
        brokers=max(1, round(5 * share)),
        carriers=max(1, round(3 * share)),
        stops=min(size, max(5, round(300 * share))),
    )

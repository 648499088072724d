"""The line of a program: who waits, in the order of the rank. Inner; read as the machine, for a position counts all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from casemgmt.accounts.roles import CASE_MANAGER_AND_UP
from casemgmt.episodes.stages import CARE, Stage
from casemgmt.kernel.actor import Actor, ActorKind
from casemgmt.kernel.wall import acting_as
from casemgmt.places.models import WaitlistEntry, WaitlistRule
from casemgmt.places.rules.ranking import Rank, Standing, Weights, place_in_line, rank
from casemgmt.places.words import WaitPriority
from programs.models import Program

# Sees whoever waits, so that nobody's position depends on who looks; does what time or a fact entails.
KEEPER = Actor(ActorKind.SYSTEM, roles=CASE_MANAGER_AND_UP, name="waitlist")
AWAITS_PLACEMENT = ("hospital", "awaiting_placement")  # reasons of a hold (T11)


@dataclass(frozen=True, slots=True)
class InLine:
    """Somebody in line, their rank, and their position; 1 is first."""

    entry: WaitlistEntry
    rank: Rank
    position: int


def weights_of(organization_id: UUID) -> Weights:
    """Return the weights by which an organization orders its lines now. One query."""
    row = WaitlistRule.objects.filter(organization_id=organization_id).order_by("-version").first()
    return row.weights if row is not None else Weights()


def standing_of(entry: Any, program: Program) -> Standing:
    """Return what the rank counts of an entry that was read `with_hold_reason`."""
    episode = entry.episode
    steps_down = episode.stage == Stage.IOP and program.kind != Stage.IOP and program.kind in CARE
    awaits = episode.stage == Stage.ON_HOLD and entry.hold_reason in AWAITS_PLACEMENT
    return Standing(
        key=str(entry.id),
        in_line_since=entry.in_line_since,
        urgent=entry.priority == WaitPriority.URGENT,
        step_down=steps_down or awaits,
        reentry=episode.previous_id is not None,
        passed_over=entry.passed_over,
    )


def line_of(program: Program, *, at: datetime, weights: Weights | None = None) -> list[InLine]:
    """Return everybody in line for a program, first first, as of `at` (aware UTC). Two queries."""
    with acting_as(KEEPER):
        found = weights or weights_of(program.organization_id)
        rows = list(WaitlistEntry.objects.open().filter(program=program).with_hold_reason())
    ranked = []
    for row in rows:
        standing = standing_of(row, program)
        its_rank = rank(standing, found, at=at)
        ranked.append((place_in_line(standing, its_rank), row, its_rank))
    ranked.sort(key=lambda each: each[0])
    return [InLine(row, its_rank, number) for number, (_, row, its_rank) in enumerate(ranked, start=1)]

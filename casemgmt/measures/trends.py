"""One instrument of one client over time: raw scores and their change, no judgment and no ranking (MSR-08)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from uuid import UUID

from casemgmt.clients.models import Client
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import NotPermitted

from .models import Response
from .words import READS_MEASURES

MOST_POINTS = 100  # two years of weekly rulers; a longer line keeps its newest points and its baseline

Scores = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Point:
    """One response in a line. The changes are by scale; None on the baseline itself."""

    response: Response
    since_baseline: Scores | None
    since_previous: Scores | None


@dataclass(frozen=True, slots=True)
class Trend:
    """The line, oldest first. `earlier_left_out`: there are points between the baseline and the first one here."""

    points: tuple[Point, ...]
    baseline: Response | None
    earlier_left_out: bool


def change(*, before: Scores, after: Scores) -> dict[str, int]:
    """Return after minus before for every scale that both have."""
    return {scale: value - before[scale] for scale, value in after.items() if scale in before}


def trend_of(*, client_id: UUID, instrument: str, actor: Actor) -> Trend:
    """Return the line of the responses in force whose scores the actor may read.

    A peer sees the line of what the peer administered. Raises NotVisible, NotPermitted.
    """
    client = Client.objects.visible_to(actor).fetch(client_id)
    if not (actor.is_system or actor.has_role(*READS_MEASURES)):
        raise NotPermitted("Your role does not read measures.")
    readable = Response.objects.visible_to(actor).answers_readable_by(actor).current()
    rows = readable.filter(client_id=client.id, instrument=instrument)
    newest: list[Any] = list(rows.order_by("-completed_at", "-id")[: MOST_POINTS + 1])
    if not newest:
        return Trend((), None, False)
    line = newest[::-1]
    cut = len(line) > MOST_POINTS
    baseline = rows.order_by("completed_at", "id")[0] if cut else line[0]
    points = [] if cut else [Point(baseline, None, None)]
    for previous, each in pairwise(line):
        since_baseline = change(before=baseline.scores, after=each.scores)
        points.append(Point(each, since_baseline, change(before=previous.scores, after=each.scores)))
    return Trend(tuple(points), baseline, cut)

"""One instrument of one client over time: raw scores and their change, and for clinicians what it is called (MSR-08).

Of one person only: nothing here ranks clients or staff.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from casemgmt.clients.models import Client
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import NotPermitted

from .changes import Label, change, labels_of
from .due import standing_in
from .models import Response, StageMark
from .querysets import ResponseQuerySet
from .schedule import Standing
from .words import READS_MEASURES, interprets

MOST_POINTS = 100  # two years of weekly rulers; a longer line keeps its newest points and its baseline

Scores = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Spell:
    """The episode that changes are measured in; both are None where the actor's organization never had one."""

    episode_id: UUID | None
    standing: Standing | None


@dataclass(frozen=True, slots=True)
class Point:
    """One response in a line. Changes are by scale, None where there is nothing before it to compare with.

    `labels` is None for readers who are not told what a change means (MSR-07).
    """

    response: Response
    since_baseline: Scores | None
    since_stage: Scores | None
    since_previous: Scores | None
    labels: tuple[Label, ...] | None


@dataclass(frozen=True, slots=True)
class Trend:
    """The line, oldest first. `earlier_left_out`: there are points before the first one here.

    `baseline` is the first response of the episode, `before_stage` the last one before or at the lead stage's start.
    """

    points: tuple[Point, ...]
    spell: Spell
    baseline: Response | None
    before_stage: Response | None
    earlier_left_out: bool


def readable(*, client_id: UUID, actor: Actor) -> ResponseQuerySet:
    """Return the client's responses in force whose answers the actor may read. Raises NotVisible, NotPermitted."""
    client = Client.objects.visible_to(actor).fetch(client_id)
    if not (actor.is_system or actor.has_role(*READS_MEASURES)):
        raise NotPermitted("Your role does not read measures.")
    rows: ResponseQuerySet = Response.objects.visible_to(actor).answers_readable_by(actor).current()
    return rows.filter(client_id=client.id)


def spell_of(*, client_id: UUID, actor: Actor) -> Spell:
    """Return the client's last episode in the actor's organization, as heard."""
    marks = StageMark.objects.last_of(client_id=client_id, organization_id=actor.organization_id)
    episode_id: UUID | None = marks.values_list("episode_id", flat=True).first()
    return Spell(episode_id, standing_in(episode_id) if episode_id is not None else None)


def trend_of(*, client_id: UUID, instrument: str, actor: Actor) -> Trend:
    """Return the line of the responses in force whose scores the actor may read.

    A peer sees the line of what the peer administered. Raises NotVisible, NotPermitted.
    """
    rows = readable(client_id=client_id, actor=actor).filter(instrument=instrument)
    spell = spell_of(client_id=client_id, actor=actor)
    newest: list[Any] = list(rows.order_by("-completed_at", "-id")[: MOST_POINTS + 1])
    line = newest[::-1]
    cut = len(line) > MOST_POINTS
    # without an episode the whole line is one spell
    inside = rows if spell.episode_id is None else rows.filter(episode_id=spell.episode_id)
    baseline: Response | None = inside.order_by("completed_at", "id").first()
    before_stage: Response | None = None
    if spell.standing is not None:
        earlier = inside.filter(completed_at__lte=spell.standing.lead_since)
        before_stage = earlier.order_by("-completed_at", "-id").first()
    explains = interprets(actor)
    points = [
        _point(each, previous, baseline=baseline, before_stage=before_stage, explains=explains)
        for previous, each in zip([None, *line], line, strict=False)
    ]
    return Trend(tuple(points[1:] if cut else points), spell, baseline, before_stage, cut)


def since(before: Response | None, after: Response) -> dict[str, int] | None:
    """Return the change by scale since an earlier response; None when there is none, or it is not earlier."""
    if before is None or (before.completed_at, before.pk) >= (after.completed_at, after.pk):
        return None
    return change(before=before.scores, after=after.scores)


def _point(
    row: Response,
    previous: Response | None,
    *,
    baseline: Response | None,
    before_stage: Response | None,
    explains: bool,
) -> Point:
    since_baseline = since(baseline, row)
    labels = labels_of(
        row.instrument,
        now=row.scores,
        baseline=baseline.scores if baseline is not None and since_baseline is not None else None,
        previous=previous.scores if previous is not None else None,
    )
    return Point(row, since_baseline, since(before_stage, row), since(previous, row), labels if explains else None)

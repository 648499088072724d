"""Both outcome families of one client, side by side: last values, their change, and what is missing (MSR-10).

The families have different aims, and nobody was assigned to one by chance: no number here sets one against the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor

from .families import Family, Measure, aims_of
from .models import Response
from .trends import readable, spell_of


@dataclass(frozen=True, slots=True)
class Reading:
    """One measure of one client. `missing`: never answered; `hidden`: answered, and not for this reader to see.

    Changes are since the first response of the episode and since the last one before the lead stage began.
    """

    measure: Measure
    value: int | None
    completed_at: datetime | None
    since_baseline: int | None
    since_stage: int | None
    missing: bool
    hidden: bool


@dataclass(frozen=True, slots=True)
class AimReadings:
    """One aim of a family with its measures."""

    code: str
    measures: tuple[Reading, ...]


@dataclass(frozen=True, slots=True)
class Outcomes:
    """The four families of one client. `retention_days`: whole days that the episode has lasted, or did."""

    client_id: UUID
    episode_id: UUID | None
    lead_stage: str
    peer: tuple[AimReadings, ...]
    therapy: tuple[AimReadings, ...]
    shared: tuple[AimReadings, ...]
    recovery: tuple[AimReadings, ...]
    retention_days: int | None


@dataclass(frozen=True, slots=True)
class _Known:
    """Responses by instrument: the last, the baseline, the last before the lead stage, and who answered at all."""

    last: Mapping[str, Response]
    baseline: Mapping[str, Response]
    before_stage: Mapping[str, Response]
    answered: frozenset[str]


def outcomes_of(*, client_id: UUID, actor: Actor) -> Outcomes:
    """Return what is known of a client's outcomes, as the actor may read them. Raises NotVisible, NotPermitted."""
    rows = readable(client_id=client_id, actor=actor)
    spell = spell_of(client_id=client_id, actor=actor)
    standing = spell.standing
    inside = rows if spell.episode_id is None else rows.filter(episode_id=spell.episode_id)
    before = inside.none() if standing is None else inside.filter(completed_at__lte=standing.lead_since)
    taken = Response.objects.visible_to(actor).filter(client_id=client_id).order_by()
    known = _Known(
        last={row.instrument: row for row in rows.newest()},
        baseline={row.instrument: row for row in inside.oldest()},
        before_stage={row.instrument: row for row in before.newest()},
        answered=frozenset(taken.values_list("instrument", flat=True).distinct()),
    )
    lasted = None
    if standing is not None:
        lasted = ((clock.now() if standing.runs else standing.entered_at) - standing.opened_at).days
    return Outcomes(
        client_id=client_id,
        episode_id=spell.episode_id,
        lead_stage=standing.lead if standing is not None else "",
        peer=_family("peer", known),
        therapy=_family("therapy", known),
        shared=_family("shared", known),
        recovery=_family("recovery", known),
        retention_days=lasted,
    )


def _family(family: Family, known: _Known) -> tuple[AimReadings, ...]:
    return tuple(
        AimReadings(aim.code, tuple(_reading(each, known) for each in aim.measures)) for aim in aims_of(family)
    )


def _reading(measure: Measure, known: _Known) -> Reading:
    row = known.last.get(measure.instrument)
    value = _value(row, measure)
    return Reading(
        measure=measure,
        value=value,
        completed_at=row.completed_at if row is not None and value is not None else None,
        since_baseline=_change(known.baseline.get(measure.instrument), row, measure),
        since_stage=_change(known.before_stage.get(measure.instrument), row, measure),
        missing=value is None and (row is not None or measure.instrument not in known.answered),
        hidden=row is None and measure.instrument in known.answered,
    )


def _value(row: Response | None, measure: Measure) -> int | None:
    if row is None:
        return None
    found: int | None = (row.items if measure.part == "item" else row.scores).get(measure.code)
    return found


def _change(before: Response | None, after: Response | None, measure: Measure) -> int | None:
    if before is None or after is None or (before.completed_at, before.pk) >= (after.completed_at, after.pk):
        return None
    first, last = _value(before, measure), _value(after, measure)
    return None if first is None or last is None else last - first

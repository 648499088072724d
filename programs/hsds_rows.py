"""The set-based writes of an HSDS import: rows, hours, and where a program is found. Inner functions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from casemgmt.kernel import clock
from casemgmt.kernel.models import Entity

from .hsds.mapping import AGES, GONE
from .models import Program, Schedule, Site
from .rules.kinds import Kind
from .rules.programs import program_refusals
from .services.directory import EDITABLE

Row = TypeVar("Row", bound=Entity)
BATCH = 1000
UNTOLD: dict[str, Any] = {
    "level_of_care_edition": None,
    "level_of_care_code": "",
    "narr_level": "",
    "narr_certified": None,
    "certifying_affiliate": "",
    "certificate_expires": None,
    "house_rules_hash": "",
    "modalities": [],
}
HOURS = ("freq", "interval", "byday", "opens_at", "closes_at", "valid_from", "valid_to", "description", "extra")


@dataclass(slots=True)
class Imported:
    """What an import did to one table."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0


def write_rows(
    model: type[Row],
    values: Mapping[str, dict[str, Any]],
    *,
    known: Mapping[str, Row],
    made: Mapping[str, Row],
    count: Imported,
    touched: Collection[str] = (),
) -> None:
    """Create what is new and update what differs, each in one set; `extra` grows, it does not shrink.

    `touched`: rows of which something changed that is no column.
    """
    at = clock.now()
    changed: list[Row] = []
    columns: set[str] = set()
    for key, each in values.items():
        row = known.get(key) or made[key]
        merged = {**row.extra, **each["extra"]}  # type: ignore[attr-defined]
        each["extra"] = {name: value for name, value in merged.items() if value is not GONE}
        differing = {name for name, value in each.items() if getattr(row, name) != value}
        for name in differing:
            setattr(row, name, each[name])
        if key not in known:
            continue
        if differing or key in touched:
            row.updated_at, row.version = at, row.version + 1
            changed.append(row)
            columns |= differing
        else:
            count.unchanged += 1
    model._default_manager.bulk_create(made.values(), batch_size=BATCH)
    if changed:
        model._default_manager.bulk_update(changed, [*columns, "updated_at", "version"], batch_size=BATCH)
    count.created += len(made)
    count.updated += len(changed)


def keep_fitting(values: dict[str, Any], row: Program) -> None:
    """Make what a document tells of a program fit what it told before: two tellings may be of two minds.

    What another kind had is dropped with that kind; ages that cross stay in `extra`.
    """
    low, high = (values.get(name, getattr(row, name)) for name in AGES)
    if low is not None and high is not None and high < low:
        values["extra"] |= {name: values.pop(name) for name in AGES if name in values}
    merged = {name: values.get(name, getattr(row, name)) for name in ("kind", *EDITABLE)}
    for name in program_refusals(merged):
        columns = ("level_of_care_edition", "level_of_care_code") if name == "level_of_care" else (name,)
        values |= {column: UNTOLD[column] for column in columns if column in UNTOLD}


def hours_that_differ(
    hours: Mapping[str, list[dict[str, Any]]], *, programs: Mapping[str, Program], sites: Mapping[str, Site]
) -> dict[str, list[Schedule]]:
    """Return, of the hours that documents tell, those that are not as they were; not yet written."""
    before: dict[UUID, list[Schedule]] = {}
    for line in Schedule.objects.filter(program__in=[programs[key].id for key in hours]):
        before.setdefault(line.program_id, []).append(line)
    wanted = {key: _lines(programs[key], lines, sites) for key, lines in hours.items()}
    return {key: lines for key, lines in wanted.items() if _told(before.get(programs[key].id, ())) != _told(lines)}


def write_hours(lines: Mapping[str, list[Schedule]], *, programs: Mapping[str, Program]) -> None:
    """Put these hours in the place of those that the programs had."""
    Schedule.objects.filter(program__in=[programs[key].id for key in lines]).delete()
    Schedule.objects.bulk_create([line for each in lines.values() for line in each], batch_size=BATCH)


def link_places(told: Mapping[str, list[str]], *, programs: Mapping[str, Program], sites: Mapping[str, Site]) -> None:
    """Say which program is found at which site; a link that stands already stays."""
    link = Program.sites.through
    links = [link(program_id=programs[key].id, site_id=sites[place].id) for key, ids in told.items() for place in ids]
    link._default_manager.bulk_create(links, ignore_conflicts=True, batch_size=BATCH)


def hide_streets() -> None:
    """Take back the streets of places where people turned out to live (rules.md §7)."""
    Site.objects.filter(street_published=True, programs__kind=Kind.SOBER_LIVING).update(street_published=False)


def _lines(program: Program, lines: Iterable[dict[str, Any]], sites: Mapping[str, Site]) -> list[Schedule]:
    return [
        Schedule(
            program=program,
            site=sites[str(UUID(line["location_id"]))] if line["location_id"] else None,
            position=position,
            **{name: line[name] for name in HOURS},
        )
        for position, line in enumerate(lines)
    ]


def _told(lines: Iterable[Schedule]) -> list[tuple[Any, ...]]:
    return [(line.site_id, *(getattr(line, name) for name in HOURS)) for line in lines]

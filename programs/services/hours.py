"""Writing a program's hours, as a whole (HSDS `schedule`). Inner functions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time
from uuid import UUID

from casemgmt.kernel.errors import Invalid
from casemgmt.kernel.transactions import require_atomic
from programs.models import Program, Schedule, Site
from programs.rules.programs import schedule_refusals


@dataclass(frozen=True, slots=True)
class NewHours:
    """One line of hours, in the zone of the site, or of the program without one."""

    freq: str
    byday: tuple[str, ...]
    opens_at: time
    closes_at: time
    interval: int = 1
    valid_from: date | None = None
    valid_to: date | None = None
    description: str = ""
    site: UUID | None = None


def write_hours(program: Program, lines: Sequence[NewHours], *, sites: Iterable[Site]) -> None:
    """Put these lines in the place of a locked program's hours. Raises Invalid, by the place of the line."""
    require_atomic()
    known = {site.id: site for site in sites}
    rows, refusals = [], {}
    for position, line in enumerate(lines):
        if line.site is not None and line.site not in known:
            refusals[f"schedules.{position}"] = ["The program is not found at this site."]
        rows.append(
            Schedule(
                program=program,
                site=known.get(line.site) if line.site else None,
                position=position,
                freq=line.freq,
                interval=line.interval,
                byday=list(line.byday),
                opens_at=line.opens_at,
                closes_at=line.closes_at,
                valid_from=line.valid_from,
                valid_to=line.valid_to,
                description=line.description,
            )
        )
    refusals |= schedule_refusals(row.hours(timezone=program.timezone) for row in rows)
    if refusals:
        raise Invalid(fields=refusals)
    if "schedules" in program.extra:  # what a directory once said has given way
        program.extra = {name: value for name, value in program.extra.items() if name != "schedules"}
        program.save(update_fields=["extra"])
    program.schedules.all().delete()
    Schedule.objects.bulk_create(rows)

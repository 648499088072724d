"""HSDS `schedule` to and from lines of hours. Pure.

A schedule becomes a line when the line says all of it; one that skips days by other rules (`bymonthday`, `count`, …)
would be shown at the wrong days and stays in `extra` as it came.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from typing import Any

from programs.rules.hours import Hours, hours_refusals

UNSAID = ("bymonthday", "byweekno", "byyearday", "count")  # what a line of hours cannot say


def line_of(schedule: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the columns of a schedule, with all of it in `extra`; None when they cannot say all of it."""
    if any(schedule.get(name) for name in UNSAID):
        return None
    interval = schedule.get("interval", 1)
    if int(interval) != interval or (interval > 1 and schedule.get("wkst", "MO") != "MO"):
        return None
    try:
        values = {
            "freq": schedule["freq"],
            "interval": int(interval),
            "byday": [day.strip() for day in schedule["byday"].split(",")],
            "opens_at": _wall_time(schedule["opens_at"]),
            "closes_at": _wall_time(schedule["closes_at"]),
            "valid_from": _day(schedule, "valid_from", "dtstart"),
            "valid_to": _day(schedule, "valid_to", "until"),
            "description": schedule.get("description", ""),
        }
    except (KeyError, ValueError):
        return None
    told = {name: value for name, value in values.items() if name not in ("byday", "description")}
    if hours_refusals(Hours(byday=tuple(values["byday"]), timezone="UTC", **told)):
        return None
    return values | {"extra": dict(schedule)}


def _wall_time(text: str) -> time:
    told = time.fromisoformat(text)
    if told.tzinfo is not None:  # an offset holds for half the year only
        raise ValueError(text)
    return told


def _day(schedule: Mapping[str, Any], *names: str) -> date | None:
    """Return the date that the first of these fields tells; raise ValueError when it is none."""
    return next((date.fromisoformat(schedule[name]) for name in names if schedule.get(name)), None)


def schedule_of(line: Any, *, schedule_id: str) -> dict[str, Any]:
    """Return a line of hours as a schedule: as it came, or of its columns when it was told here."""
    if line.extra:
        return dict(line.extra)
    told = {
        "id": schedule_id,
        "freq": line.freq,
        "interval": line.interval,
        "byday": ",".join(line.byday),
        "opens_at": line.opens_at.isoformat("minutes"),
        "closes_at": line.closes_at.isoformat("minutes"),
        "valid_from": line.valid_from.isoformat() if line.valid_from else None,
        "valid_to": line.valid_to.isoformat() if line.valid_to else None,
        "description": line.description or None,
    }
    return {name: value for name, value in told.items() if value is not None}

"""May we text this person now, and if not, when? Pure: zones, states and windows are passed in, no clock is read.

The effective window is federal ∩ state ∩ organization ∩ client, in every zone the person may be in (SMS-31, SMS-32).
The tables are in jurisdictions.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from phonenumbers.tzdata import TIMEZONE_DATA

from casemgmt.kernel.wall_time import first_instant, zone_named

from .jurisdictions import AREA_CODE_STATES, FEDERAL, JURISDICTION_WINDOWS, STATE_ZONES, JurisdictionWindow, Week

DEFAULT_WINDOW = Week.daily("09:00-20:00")  # (SMS-30)
SEARCH_DAYS = 8


@dataclass(frozen=True)
class Open:
    """The text may go now."""


@dataclass(frozen=True)
class Closed:
    """Not now. `next_open` is the next UTC instant at which every window is open; None within eight days."""

    next_open: datetime | None


@dataclass(frozen=True)
class Unknown:
    """Nobody knows where the person is: refuse with `sms_timezone_unknown` (SMS-32)."""


def zones_for(*, recorded_zone: str | None, residence_state: str | None, area_code: str | None) -> frozenset[str]:
    """Return every IANA zone the person may be in: recorded, else the state's, else the area code's (SMS-32).

    Several mean that a text must be allowed in all. Empty means unknown; so does a recorded zone that does not exist.
    """
    if recorded_zone:
        return frozenset({recorded_zone}) if zone_named(recorded_zone) else frozenset()
    if residence_state and residence_state in STATE_ZONES:
        return STATE_ZONES[residence_state]
    return _zones_of_area_code(area_code) if area_code else frozenset()


def states_for(*, residence_state: str | None, area_code_state: str | None) -> frozenset[str]:
    """Return the states whose windows apply: the residence and the area code's, both when they differ (SMS-32)."""
    return frozenset(state for state in (residence_state, area_code_state) if state)


def area_code_of(phone: str) -> str | None:
    """Return the area code of an E.164 number of the North American plan, else None."""
    return phone[2:5] if phone.startswith("+1") and len(phone) == 12 and phone[1:].isdecimal() else None


def state_of_area_code(area_code: str | None) -> str | None:
    """Return the state an area code belongs to; None for toll-free, foreign and unknown codes."""
    return AREA_CODE_STATES.get(area_code) if area_code else None


@cache
def _zones_of_area_code(area_code: str) -> frozenset[str]:
    """Unite the zones of all exchanges: the code's own row names only the one where most people live (850, 423)."""
    if area_code not in AREA_CODE_STATES:
        return frozenset()
    prefix = f"1{area_code}"
    return frozenset(zone for key, zones in TIMEZONE_DATA.items() if key.startswith(prefix) for zone in zones)


def evaluate(
    at: datetime,
    *,
    zones: frozenset[str],
    states: frozenset[str],
    organization_window: Week = DEFAULT_WINDOW,
    client_window: Week | None = None,
    table: Sequence[JurisdictionWindow] = JURISDICTION_WINDOWS,
) -> Open | Closed | Unknown:
    """Say whether a text may go at `at` (aware UTC), and if not, when it may (SMS-30 to SMS-32).

    Raises ValueError when `at` is naive.
    """
    if at.tzinfo is None:
        raise ValueError("the instant must be aware")
    found = [zone_named(name) for name in zones]
    known = [zone for zone in found if zone is not None]
    if not known or len(known) < len(found):
        return Unknown()
    own = organization_window if client_window is None else organization_window & client_window
    calendar = _Calendar(own, states | {FEDERAL}, table)
    if _is_open(at, known, calendar):
        return Open()
    return Closed(_next_open(at, known, calendar))


@dataclass(frozen=True)
class _Calendar:
    own: Week
    jurisdictions: frozenset[str]
    table: Sequence[JurisdictionWindow]

    def weeks(self, day: date) -> Iterator[Week]:
        yield self.own
        for row in self.table:
            if row.jurisdiction in self.jurisdictions and row.is_effective(day):
                yield row.week


def _is_open(at: datetime, zones: Sequence[ZoneInfo], calendar: _Calendar) -> bool:
    for zone in zones:
        local = at.astimezone(zone)
        minute = local.hour * 60 + local.minute  # spans begin and end on whole minutes, so seconds do not matter
        for week in calendar.weeks(local.date()):
            span = week.on(local.date())
            if span is None or not span.opens <= minute < span.closes:
                return False
    return True


def _next_open(at: datetime, zones: Sequence[ZoneInfo], calendar: _Calendar) -> datetime | None:
    """Try the moments at which some window opens: the intersection can begin at no other."""
    last = at + timedelta(days=SEARCH_DAYS)
    for opening in sorted(set(_openings(at, zones, calendar))):
        if at < opening <= last and _is_open(opening, zones, calendar):
            return opening
    return None


def _openings(at: datetime, zones: Sequence[ZoneInfo], calendar: _Calendar) -> Iterator[datetime]:
    for zone in zones:
        today = at.astimezone(zone).date()
        for offset in range(SEARCH_DAYS + 1):
            day = today + timedelta(days=offset)
            spans = {week.on(day) for week in calendar.weeks(day)}
            for minutes in {span.opens for span in spans if span is not None}:
                yield first_instant(day, minutes, zone)

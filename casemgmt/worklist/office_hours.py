"""When people are at work: office hours and office days, without weekends and federal holidays. Pure."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

OPENS, CLOSES = time(9), time(17)
FRIDAY = 4
MONDAY, THURSDAY = 0, 3


def add_office_hours(at: datetime, hours: float, *, zone: str) -> datetime:
    """Return the moment `hours` of office time after `at` (both aware UTC; office time is that of the IANA `zone`)."""
    left = timedelta(hours=hours)
    day = at.astimezone(ZoneInfo(zone)).date()
    while True:
        if is_office_day(day):
            opens, closes = _at(day, OPENS, zone), _at(day, CLOSES, zone)
            begins = max(at, opens)
            if begins + left <= closes:
                return begins + left
            left -= max(closes - begins, timedelta())
        day += timedelta(days=1)


def end_of_next_office_day(at: datetime, *, zone: str) -> datetime:
    """Return when the next office day after the local day of `at` closes (aware UTC)."""
    day = at.astimezone(ZoneInfo(zone)).date() + timedelta(days=1)
    while not is_office_day(day):
        day += timedelta(days=1)
    return _at(day, CLOSES, zone)


def is_office_day(day: date) -> bool:
    """True from Monday to Friday unless the day is a federal holiday, or the day it is observed on."""
    if day.weekday() > FRIDAY:
        return False
    return not any(day == observed(holiday) for year in (day.year, day.year + 1) for holiday in federal_holidays(year))


def federal_holidays(year: int) -> tuple[date, ...]:
    """Return the federal holidays of a year as 5 U.S.C. 6103(a) names them, not moved for weekends."""
    return (
        date(year, 1, 1),
        _nth(year, 1, MONDAY, 3),  # Martin Luther King, Jr.
        _nth(year, 2, MONDAY, 3),  # Washington's Birthday
        _nth(year, 6, MONDAY, 1) - timedelta(weeks=1),  # Memorial Day: the last Monday of May
        date(year, 6, 19),
        date(year, 7, 4),
        _nth(year, 9, MONDAY, 1),  # Labor Day
        _nth(year, 10, MONDAY, 2),  # Columbus Day
        date(year, 11, 11),
        _nth(year, 11, THURSDAY, 4),  # Thanksgiving
        date(year, 12, 25),
    )


def observed(holiday: date) -> date:
    """Return the working day on which a holiday is kept: Friday for a Saturday, Monday for a Sunday."""
    shift = {5: -1, 6: 1}.get(holiday.weekday(), 0)
    return holiday + timedelta(days=shift)


def _nth(year: int, month: int, weekday: int, number: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7, weeks=number - 1)


def _at(day: date, clock: time, zone: str) -> datetime:
    return datetime.combine(day, clock, ZoneInfo(zone)).astimezone(UTC)

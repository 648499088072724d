"""When a program is open: weekly and monthly hours on the wall clock of their zone (HSDS `schedule`). Pure.

Hours that close no later than they open close on the next day; equal ones are a whole day. On the day the clock goes
forward an hour that does not exist begins when the clock has jumped; on the day it goes back, hours begin with the
first of two equal times and end with the second, so that nobody is told "closed" who would be let in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dateutil import rrule
from django.db.models import TextChoices

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
BYDAY = re.compile(r"(-1|[1-5])?(MO|TU|WE|TH|FR|SA|SU)")
EVENING = time(17)
HORIZON_DAYS = 400  # how far ahead the next opening is looked for: a yearly one is found
MOST_INTERVAL = 12


class Frequency(TextChoices):
    """How hours repeat (RFC 5545; HSDS knows these two)."""

    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"


class TimeOfWeek(TextChoices):
    """When somebody can come."""

    WEEKDAY = "weekday"  # Monday to Friday, before five
    EVENING = "evening"  # Monday to Friday, after five
    WEEKEND = "weekend"


@dataclass(frozen=True, slots=True)
class Hours:
    """One line of opening hours. `byday` as in RFC 5545: `MO`; monthly also `2TU` (second Tuesday) or `-1FR` (last)."""

    freq: str
    byday: tuple[str, ...]
    opens_at: time
    closes_at: time
    timezone: str
    interval: int = 1  # every so many weeks or months, counted from valid_from
    valid_from: date | None = None
    valid_to: date | None = None  # the last day

    @property
    def weekdays(self) -> frozenset[str]:
        """The days of the week, without which one of the month."""
        return frozenset(day[-2:] for day in self.byday)


def hours_refusals(hours: Hours) -> list[str]:
    """Return what does not fit in a line of hours; empty when everything does."""
    found = []
    if hours.freq not in Frequency.values:
        found.append(f"freq is one of {', '.join(Frequency.values)}.")
    parts = [BYDAY.fullmatch(day) for day in hours.byday]
    if not parts or not all(parts) or len(set(hours.byday)) < len(parts):
        found.append("byday names days such as MO, or 2TU and -1FR when monthly, each once.")
    elif hours.freq == Frequency.WEEKLY and any(part and part.group(1) for part in parts):
        found.append("Only monthly hours say which of the month's days.")
    if not 1 <= hours.interval <= MOST_INTERVAL:
        found.append(f"interval is from 1 to {MOST_INTERVAL}.")
    elif hours.interval > 1 and hours.valid_from is None:
        found.append("Hours that skip weeks or months say since when: valid_from.")
    if hours.valid_from and hours.valid_to and hours.valid_to < hours.valid_from:
        found.append("valid_to is not before valid_from.")
    return found


def is_open(lines: Iterable[Hours], at: datetime) -> bool:
    """Return whether one of the lines is open at a moment (aware)."""
    return any(start <= at < end for line in lines for start, end in _spans(line, at, days=1))


def next_opening(lines: Iterable[Hours], at: datetime) -> datetime | None:
    """Return when one of the lines next opens after a moment (aware UTC), None when none does within a year."""
    firsts = [next((start for start, _ in _spans(line, at, days=HORIZON_DAYS) if start > at), None) for line in lines]
    return min((first for first in firsts if first is not None), default=None)


def times_of_week(lines: Iterable[Hours], today: date) -> frozenset[str]:
    """Return at which times of the week the lines that have not run out are open."""
    found = set()
    for line in lines:
        if line.valid_to is not None and line.valid_to < today:
            continue
        days, overnight = line.weekdays, line.closes_at <= line.opens_at
        if days & {"SA", "SU"} or (overnight and "FR" in days and line.closes_at > time(0)):
            found.add(TimeOfWeek.WEEKEND.value)
        if days & set(DAYS[:5]):
            if line.opens_at < EVENING:
                found.add(TimeOfWeek.WEEKDAY.value)
            if line.closes_at > EVENING or overnight:
                found.add(TimeOfWeek.EVENING.value)
    return frozenset(found)


def _spans(line: Hours, at: datetime, *, days: int) -> Iterator[tuple[datetime, datetime]]:
    """Yield (opens, closes) in UTC, in order, of the local days from the day before `at` to `days` after it."""
    zone = ZoneInfo(line.timezone)
    today = at.astimezone(zone).date()
    for day in _days(line, today - timedelta(days=1), today + timedelta(days=days)):
        last = day if line.closes_at > line.opens_at else day + timedelta(days=1)
        start = _moment(datetime.combine(day, line.opens_at, zone), last=False)
        end = _moment(datetime.combine(last, line.closes_at, zone), last=True)
        if start < end:  # an hour that lies whole in a gap of the clock does not take place
            yield start, end


def _moment(wall: datetime, *, last: bool) -> datetime:
    """Return a wall time in UTC: of two equal ones the first or the last, and the jump for one that is skipped."""
    first, second = (wall.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    if first <= second:
        return second if last else first
    before, after = second, first  # the jump lies between them
    offset = before.astimezone(wall.tzinfo).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) / 2
        if middle.astimezone(wall.tzinfo).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)


def _days(line: Hours, first: date, last: date) -> Iterator[date]:
    if line.valid_from is not None:
        first = max(first, line.valid_from)
    if line.valid_to is not None:
        last = min(last, line.valid_to)
    anchor = _anchor(line, first)
    rule = rrule.rrule(
        rrule.MONTHLY if line.freq == Frequency.MONTHLY else rrule.WEEKLY,
        dtstart=datetime.combine(anchor, time()),
        until=datetime.combine(last, time()),
        interval=line.interval,
        byweekday=[_weekday(day) for day in line.byday],
    )
    return (each.date() for each in rule if each.date() >= first)


def _anchor(line: Hours, first: date) -> date:
    """Return the first day of the last week or month on or before `first` that the hours are kept in."""
    since = line.valid_from if line.interval > 1 and line.valid_from else first
    # the week or month of `since` counts whole, or its later days would be counted from the wrong one
    if line.freq == Frequency.MONTHLY:
        months = (first.year - since.year) * 12 + first.month - since.month
        month = since.year * 12 + since.month - 1 + months // line.interval * line.interval
        return date(month // 12, month % 12 + 1, 1)
    since -= timedelta(days=since.weekday())
    return since + timedelta(weeks=(first - since).days // 7 // line.interval * line.interval)


def _weekday(day: str) -> rrule.weekday:
    weekday = rrule.weekday(DAYS.index(day[-2:]))
    return weekday(int(day[:-2])) if len(day) > 2 else weekday

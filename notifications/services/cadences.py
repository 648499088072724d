"""Judging the timetable of a plan: whether it ever falls due, and stays under the caps. No database."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, time, timedelta

from django.conf import settings

from casemgmt.kernel.errors import Invalid
from notifications.models.plan import MOST_TIMES

from .occurrences import cadence_of

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
LOOKED_THROUGH = timedelta(days=371)  # for the fullest week of a rule: a year and what its first week lacks


@dataclass(frozen=True, slots=True)
class Timetable:
    """Local times on ISO weekdays or by a rule (RFC 5545), until a local date or for so many days."""

    times: tuple[time, ...]
    weekdays: tuple[int, ...] = ()
    rule: str = ""
    count: int | None = None
    ends_on: date | None = None


def timetable_of(given: Timetable, *, starts_on: date) -> Timetable:
    """Return a timetable in order, as a plan keeps it: weekdays with a count become a rule.

    Raises Invalid for one that never falls due, or that the caps of SMS-05 would cut down.
    """
    if bool(given.weekdays) == bool(given.rule):
        raise Invalid(fields={"weekdays": ["Say weekdays or a rule, one of them."]})
    if given.count is not None and given.rule:
        raise Invalid(fields={"count": ["A rule says its COUNT itself."]})
    if len(given.times) > MOST_TIMES:
        raise Invalid(fields={"times": [f"At most {MOST_TIMES} a day."]})
    if given.ends_on is not None and given.ends_on < starts_on:
        raise Invalid(fields={"ends_on": ["Not before the plan starts."]})
    found = replace(given, times=tuple(sorted(given.times)), weekdays=tuple(sorted(given.weekdays)))
    if found.count is not None:
        days = ",".join(DAYS[day - 1] for day in found.weekdays)
        found = replace(found, weekdays=(), rule=f"FREQ=WEEKLY;BYDAY={days};COUNT={found.count}", count=None)
    _require_under_caps(found, starts_on=starts_on)
    return found


def _require_under_caps(found: Timetable, *, starts_on: date) -> None:
    phases = [(0, found.rule)] if found.rule else []
    name = "rule" if found.rule else "times"
    try:
        cadence = cadence_of(found.times, found.weekdays, phases)
        days = list(cadence.days(start=starts_on, since=starts_on, until=starts_on + LOOKED_THROUGH))
    except ValueError as error:
        sentence = str(error).rstrip(".")
        raise Invalid(fields={name: [f"{sentence[0].upper()}{sentence[1:]}."]}) from error
    fullest = max(Counter(day.isocalendar()[:2] for day in days).values(), default=0)
    if len(found.times) > settings.SMS_MAX_PER_DAY or len(found.times) * fullest > settings.SMS_MAX_PER_WEEK:
        sentence = f"At most {settings.SMS_MAX_PER_DAY} text a day and {settings.SMS_MAX_PER_WEEK} a week."
        raise Invalid(sentence, code="check_in_plan_over_cap", fields={name: [sentence]})

"""By which rule sessions come again: reading an RRULE, and the local days that it names (RFC 5545). Pure.

Only rules whose days can be found without searching for ever are taken: days, weeks and months, no times of the day,
and no combination of parts that may never meet. The last day stands beside the rule (`ends_on`), never in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rrulestr

from casemgmt.kernel.wall_time import first_instant

DAY = "(?:MO|TU|WE|TH|FR|SA|SU)"
NUMBERED = f"(?:[+-]?[1-4])?{DAY}"
MONTH_DAY = r"(?:-1|[1-9]|[12]\d|3[01])"
FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY")
PARTS = {
    "FREQ": re.compile("|".join(FREQUENCIES)),
    "INTERVAL": re.compile(r"[1-9]\d?"),
    "COUNT": re.compile(r"[1-9]\d{0,2}"),
    "BYDAY": re.compile(f"{NUMBERED}(?:,{NUMBERED})*"),
    "BYMONTHDAY": re.compile(f"{MONTH_DAY}(?:,{MONTH_DAY})*"),
    "BYSETPOS": re.compile("-?[1-4]"),
    "WKST": re.compile("MO|SU"),
}
SOON = timedelta(days=366 * 9)  # every rule that is taken names a day within eight years and a month


class RuleInvalid(ValueError):
    """The text is no rule of ours; the message says why, in a sentence for people."""


@dataclass(frozen=True, slots=True)
class Recurrence:
    """A rule from its first local day on. Raises RuleInvalid."""

    rule: str
    starts_on: date

    def __post_init__(self) -> None:
        _check(_parts(self.rule))
        if next(self.days(until=min(self.starts_on, date.max - SOON) + SOON), None) is None:
            raise RuleInvalid("This rule names no day.")

    def days(self, *, since: date | None = None, until: date) -> Iterator[date]:
        """Yield the local days from `since` (None: the first) until and with `until`, in order."""
        for moment in self._rule():
            day = moment.date()
            if day > until:
                return
            if since is None or day >= since:
                yield day

    def from_day(self, day: date) -> Recurrence:
        """Return the rule that names the same days from `day` on; raise RuleInvalid when there are none left.

        It begins on the first of them, so that every second week stays the same weeks, and its count is what is left.
        """
        parts = _parts(self.rule)
        for before, moment in enumerate(self._rule()):
            if moment.date() >= day:
                if "COUNT" in parts:
                    parts["COUNT"] = str(int(parts["COUNT"]) - before)
                return Recurrence(";".join(f"{name}={value}" for name, value in parts.items()), moment.date())
        raise RuleInvalid("The rule names no day after that.")

    def _rule(self) -> rrule:
        found = rrulestr(self.rule, dtstart=datetime.combine(self.starts_on, time()))  # noqa: DTZ001 - local days
        assert isinstance(found, rrule)
        return found


def moment_of(day: date, *, local_time: time, timezone: str) -> datetime:
    """Return when a session of a local day begins, as aware UTC.

    The wall clock is kept when the clocks change: an hour that they skip becomes the first minute after it, of an hour
    that they show twice the first pass counts.
    """
    return first_instant(day, local_time.hour * 60 + local_time.minute, ZoneInfo(timezone))


def local_day(moment: datetime, *, timezone: str) -> date:
    """Return the day that a wall clock in a zone shows at `moment` (aware UTC)."""
    return moment.astimezone(UTC).astimezone(ZoneInfo(timezone)).date()


def _parts(rule: str) -> dict[str, str]:
    """Return a rule's parts; raise RuleInvalid for what is none of ours."""
    found: dict[str, str] = {}
    for part in rule.split(";"):
        name, _, value = part.partition("=")
        if name not in PARTS:
            raise RuleInvalid(f"Parts of a rule are {', '.join(PARTS)}; the last day stands in ends_on.")
        if name in found:
            raise RuleInvalid(f"{name} stands in the rule twice.")
        if PARTS[name].fullmatch(value) is None:
            raise RuleInvalid(f"{name} has a value that is not taken here.")
        found[name] = value
    if "FREQ" not in found:
        raise RuleInvalid("A rule says how often: FREQ=DAILY, WEEKLY or MONTHLY.")
    return found


def _check(parts: dict[str, str]) -> None:
    """Raise RuleInvalid for parts that do not go together, or that might never meet on a day."""
    numbered = re.search(r"\d", parts.get("BYDAY", "")) is not None
    monthly = parts["FREQ"] == "MONTHLY"
    if not monthly and ("BYMONTHDAY" in parts or "BYSETPOS" in parts or numbered):
        raise RuleInvalid("Days of the month and numbered weekdays go with FREQ=MONTHLY.")
    if "BYMONTHDAY" in parts and "BYDAY" in parts:
        raise RuleInvalid("Say days of the month or weekdays, not both.")
    if "BYSETPOS" in parts and ("BYDAY" not in parts or numbered):
        raise RuleInvalid("BYSETPOS goes with weekdays that have no number.")
    if parts["FREQ"] == "DAILY" and "BYDAY" in parts and parts.get("INTERVAL", "1") != "1":
        raise RuleInvalid("Weekdays go with every day, not with every n-th.")

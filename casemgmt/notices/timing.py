"""When the next summary goes, and how long to wait for a mail server that does not answer. Pure."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from casemgmt.kernel.wall_time import first_instant

BETWEEN_URGENT = timedelta(seconds=40)  # with a tick of ten seconds: at most one a minute, and each within one
FIRST_WAIT = timedelta(seconds=15)
LONGEST_WAIT = timedelta(minutes=30)
MOST_ATTEMPTS = 12  # spans about two hours and a half of silence


def next_digest(
    at: datetime, *, hour: int, weekdays: Collection[int], zone: ZoneInfo, after: date | None
) -> tuple[date, datetime]:
    """Return the local day and the instant (UTC) of the first summary later than `at` and on a day later than `after`.

    `weekdays` (1 is Monday) holds at least one. An hour that the clocks skip becomes the first moment after it.
    """
    day = at.astimezone(zone).date()
    if after is not None and after >= day:
        day = after + timedelta(days=1)
    while day.isoweekday() not in weekdays or first_instant(day, hour * 60, zone) <= at:
        day += timedelta(days=1)
    return day, first_instant(day, hour * 60, zone)


def wait_after(attempts: int) -> timedelta:
    """Return how long to wait after so many tries."""
    doublings: int = 2 ** max(attempts - 1, 0)
    return min(FIRST_WAIT * doublings, LONGEST_WAIT)

"""How far back an accounting of disclosures reaches (P2-56, P2-57). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

CONSENT_YEARS = 3  # §2.25(a)
OTHER_YEARS = 6  # 45 CFR 164.528(a)(1)
FREE_EVERY = timedelta(days=365)  # the first in twelve months costs nothing


@dataclass(frozen=True, slots=True)
class Reach:
    """From when each kind of disclosure is told, and until when (aware UTC)."""

    consent_from: datetime
    others_from: datetime
    until: datetime


def reach(*, received_at: datetime, period_from: datetime | None, period_to: datetime | None) -> Reach:
    """Return the reach of an accounting asked for at `received_at`; a shorter period is the client's to choose."""
    earliest = [years_before(received_at, years) for years in (CONSENT_YEARS, OTHER_YEARS)]
    consent_from, others_from = (each if period_from is None else max(each, period_from) for each in earliest)
    return Reach(consent_from, others_from, received_at if period_to is None else min(received_at, period_to))


def years_before(at: datetime, years: int) -> datetime:
    """Return the same day of an earlier year; of 29 February, the day before where there is none."""
    try:
        return at.replace(year=at.year - years)
    except ValueError:
        return at.replace(year=at.year - years, day=28)

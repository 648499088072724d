"""When an organization's next business day ends: until when people have for what a text left to them. Reads only."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from casemgmt.calendars.rules import end_of_next_day
from casemgmt.calendars.services import calendar_of


def end_of_next_business_day(organization_id: UUID, *, at: datetime) -> datetime:
    """Return when the business day after the local day of `at` closes, by the organization's calendar (aware UTC)."""
    return end_of_next_day(calendar_of(organization_id), at)

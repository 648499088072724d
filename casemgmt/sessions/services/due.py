"""By when work about sessions is due: counted in the organization's open hours. Inner."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from casemgmt.calendars.rules import NeverOpen, moment_after
from casemgmt.calendars.services import calendar_of


def within_business_days(organization_id: UUID, days: float, *, at: datetime) -> datetime:
    """Return when so much of a business day will have passed after `at` (aware UTC).

    An organization that is closed for years has days of 24 hours: nobody's work is lost for that.
    """
    calendar = calendar_of(organization_id)
    try:
        return moment_after(calendar, at, calendar.business_day * days)
    except NeverOpen:
        return at + timedelta(days=days)

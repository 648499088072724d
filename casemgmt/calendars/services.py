"""Reading the calendar of an organization, and setting it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction

from casemgmt.accounts.models import Organization
from casemgmt.accounts.roles import Role
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Invalid, NotPermitted
from casemgmt.kernel.events import Event
from casemgmt.kernel.events import topic as register_topic
from casemgmt.kernel.request import request_id
from casemgmt.outbox.emit import emit

from .models import BusinessWeek, Closure
from .rules import DAY_MINUTES, DAYS, OFFICE_HOURS, Calendar, Span, Week

CHANGED = register_topic("business_calendar.changed")
SETS_THE_CALENDAR = frozenset({Role.SUPERVISOR.value, Role.ADMIN.value})
LOOK_BACK = timedelta(days=400)  # how far back a running clock may have begun


def calendars_of(organization_ids: Collection[UUID]) -> dict[UUID, Calendar]:
    """Return the calendars of organizations as they stand now. Three queries, however many there are."""
    zones = dict(Organization.objects.filter(pk__in=organization_ids).values_list("id", "timezone"))
    weeks = {row.organization_id: row for row in BusinessWeek.objects.in_force(zones)}
    days: dict[UUID, dict[date, bool]] = {}
    for row in Closure.objects.in_force(zones, since=clock.now().date() - LOOK_BACK):
        days.setdefault(row.organization_id, {})[row.day] = row.closed
    return {
        pk: Calendar(
            timezone=zone,
            week=_week(weeks[pk].week) if pk in weeks else OFFICE_HOURS,
            federal_holidays=weeks[pk].federal_holidays if pk in weeks else True,
            closures=days.get(pk, {}),
        )
        for pk, zone in zones.items()
    }


def calendar_of(organization_id: UUID) -> Calendar:
    """Return the calendar of one organization as it stands now. Three queries."""
    return calendars_of([organization_id])[organization_id]


@transaction.atomic
def set_week(*, hours: Mapping[str, list[Span]], federal_holidays: bool, reason: str, actor: Actor) -> BusinessWeek:
    """Set the open hours of the actor's organization from now on: spans of minutes by day; a day left out is closed.

    Raises NotPermitted, Invalid (`hours`: a span that is none, spans that overlap, a week without an open hour).
    """
    organization_id, user_id = _who(actor)
    week = [sorted(hours.get(day, [])) for day in DAYS]
    problems = {f"hours.{day}": found for day, spans in zip(DAYS, week, strict=True) if (found := _problems(spans))}
    if not any(week):
        problems["hours"] = ["Open at least one hour of the week."]
    if problems:
        raise Invalid(fields=problems)
    row = BusinessWeek.objects.create(
        organization_id=organization_id,
        week=week,
        federal_holidays=federal_holidays,
        reason=reason,
        set_by_id=user_id,
        request_id=request_id.get(),
    )
    _tell(organization_id, actor=actor)
    return row


@transaction.atomic
def set_closure(*, day: date, closed: bool, reason: str, actor: Actor) -> Closure:
    """Close a day of the actor's organization, or open it after all.

    Raises NotPermitted, Invalid (`day`: past already; more than two years ahead).
    """
    organization_id, user_id = _who(actor)
    today = clock.now().date()
    if not today - timedelta(days=1) <= day <= today + timedelta(days=730):
        raise Invalid(fields={"day": ["From today to two years ahead."]})
    row = Closure.objects.create(
        organization_id=organization_id,
        day=day,
        closed=closed,
        reason=reason,
        set_by_id=user_id,
        request_id=request_id.get(),
    )
    _tell(organization_id, actor=actor)
    return row


def _who(actor: Actor) -> tuple[UUID, UUID]:
    if actor.organization_id is None or actor.id is None or not actor.has_role(*SETS_THE_CALENDAR):
        raise NotPermitted(who=sorted(SETS_THE_CALENDAR))
    return actor.organization_id, actor.id


def _tell(organization_id: UUID, *, actor: Actor) -> None:
    emit(Event(CHANGED, organization_id, None, organization_id, {}), actor=actor)


def _week(stored: list[list[list[int]]]) -> Week:
    return tuple(tuple((opens, closes) for opens, closes in spans) for spans in stored)


def _problems(spans: list[Span]) -> list[str]:
    if any(not 0 <= opens < closes <= DAY_MINUTES for opens, closes in spans):
        return ["Each opening comes before its closing, from 00:00 to 24:00."]
    if any(later[0] < earlier[1] for earlier, later in zip(spans, spans[1:], strict=False)):
        return ["Open hours of a day do not overlap."]
    return []

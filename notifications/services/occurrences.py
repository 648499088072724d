"""Which check-ins a plan has in the coming days, and bringing the rows in line with it. Inner: called inside doors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q

from casemgmt.clients.models import Client, ContactKind, ContactPoint
from casemgmt.kernel.transactions import require_atomic
from casemgmt.kernel.wall_time import zone_named
from notifications.models import CheckIn, CheckInPlan, CheckInStatus, PlanStatus
from notifications.querysets import CheckInQuerySet
from notifications.quiet_hours import area_code_of, zones_for
from notifications.schedule import HORIZON, Cadence, Course, Occurrence, Phase, occurrences

from .calling_off import REVIVABLE, call_off

CHANGED = "plan_changed"


def cadence_of(
    times: Iterable[time], weekdays: Iterable[int], phases: Iterable[Sequence[Any]] = ()
) -> Cadence | Course:
    """Return the cadence of a plan's columns; raise ValueError for one without occurrences."""
    slots = tuple(each.hour * 60 + each.minute for each in times)
    rules = tuple(Phase(int(after_days), str(rule)) for after_days, rule in phases)
    return Course(slots=slots, phases=rules) if rules else Cadence(slots=slots, weekdays=frozenset(weekdays))


def zone_of(client: Client, *, preferred: str) -> ZoneInfo | None:
    """Return the zone whose wall time a client's check-ins follow, None when nobody knows it (SMS-32).

    Where several are possible, `preferred` (the organization's) decides if it is among them, else the first by name;
    quiet hours are kept in all of them either way.
    """
    zones = zones_for(recorded_zone=client.timezone, residence_state=client.residence_state, area_code=None)
    if not zones:
        phones = ContactPoint.objects.live().filter(client=client, kind=ContactKind.PHONE, preferred=True)
        number = phones.values_list("value", flat=True).first()
        zones = zones_for(recorded_zone=None, residence_state=None, area_code=area_code_of(number or ""))
    if not zones:
        return None
    return zone_named(preferred if preferred in zones else min(zones))


def wanted(plan: CheckInPlan, *, since: datetime, until: datetime) -> list[Occurrence]:
    """Return what a plan has between two moments; nothing while the client's zone or the first day is unknown."""
    zone = zone_of(plan.client, preferred=plan.organization.timezone)
    if zone is None or plan.starts_on is None:
        return []
    cadence = cadence_of(plan.times, plan.weekdays, plan.phases)
    return list(occurrences(cadence, zone=zone, start=plan.starts_on, since=since, until=until, last=plan.ends_on))


def latest(due_at: datetime) -> datetime:
    """Return until when a check-in due at `due_at` may still be sent (SMS-33)."""
    return due_at + timedelta(hours=settings.SMS_DEFER_MAX_HOURS)


def rows_for(plan: CheckInPlan, found: Iterable[Occurrence]) -> list[CheckIn]:
    """Return unsaved rows for occurrences of a plan."""
    return [
        CheckIn(
            plan=plan,
            client_id=plan.client_id,
            local_date=each.local_date,
            slot=each.slot,
            due_at=each.due_at,
            not_after=latest(each.due_at),
        )
        for each in found
    ]


def replan(plan: CheckInPlan, *, at: datetime) -> None:
    """Bring the coming check-ins of a locked active plan in line with it (CHK-02).

    What is no longer wanted is called off, what was called off for a passing reason comes back, what is missing is
    added; what is right already, and what is due already, is left alone. The key is the local date and the slot: a
    new time or zone moves an occurrence and never doubles it.
    """
    require_atomic()
    until = at + HORIZON
    due = {(each.local_date, each.slot): each for each in wanted(plan, since=at, until=until)}
    coming = CheckIn.objects.filter(plan=plan, due_at__gt=at)
    right = [
        row.pk
        for row in coming.under_way()
        if (key := (row.local_date, row.slot)) in due and due[key].due_at == row.due_at
    ]
    call_off(
        check_ins=Q(plan=plan, due_at__gt=at) & ~Q(pk__in=right),
        messages=Q(check_in__plan=plan, check_in__due_at__gt=at) & ~Q(check_in__in=right),
        reason=CHANGED,
        at=at,
    )
    _bring_back(coming, due)
    CheckIn.objects.bulk_create(rows_for(plan, due.values()), ignore_conflicts=True)
    CheckInPlan.objects.filter(pk=plan.pk).update(materialized_until=until)


def _bring_back(coming: CheckInQuerySet, due: Mapping[tuple[date, int], Occurrence]) -> None:
    """Plan again what was called off for a passing reason and is due after all."""
    called_off = coming.filter(status=CheckInStatus.CANCELLED, reason__in=REVIVABLE)
    back = [row for row in called_off.hold() if (row.local_date, row.slot) in due]
    for row in back:
        row.status, row.reason, row.ended_at = CheckInStatus.PLANNED, "", None
        row.due_at = due[row.local_date, row.slot].due_at
        row.not_after = latest(row.due_at)
    CheckIn.objects.bulk_update(back, ["status", "reason", "ended_at", "due_at", "not_after"])


def replan_client(client_id: UUID, *, at: datetime) -> None:
    """Bring the check-ins of every running plan of a client in line: another zone, or texts allowed again."""
    require_atomic()
    for plan in CheckInPlan.objects.filter(client_id=client_id, status=PlanStatus.ACTIVE).hold():
        replan(plan, at=at)

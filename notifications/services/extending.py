"""The coming check-ins of many plans at once: what a cadence means is worked out once for all that share it.

Which local days and instants a cadence has is said by `schedule` and by nobody else; PostgreSQL only writes the product
of plans and occurrences, in one statement for a batch, so that a million rows take no more memory than some thousand.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.db import connection

from casemgmt.kernel.ids import beginning_now
from casemgmt.kernel.transactions import require_atomic
from casemgmt.kernel.wall_time import zone_named
from notifications.models import CheckIn, CheckInPlan
from notifications.quiet_hours import zones_for
from notifications.schedule import occurrences

from .occurrences import cadence_of, latest, rows_for, wanted

# Plans that have the same occurrences stand together. A plan by weekdays does not care how long ago it began, nor when
# it ends after these days, so neither tells it from another; a course by phases counts from its first day.
ALIKE = """
SELECT array_agg(p.id), array_agg(p.client_id), p.times, p.weekdays, p.phases,
  CASE p.phases WHEN '[]' THEN greatest(p.starts_on, (b.since - interval '2 days')::date) ELSE p.starts_on END AS start,
  least(p.ends_on, (%(until)s + interval '2 days')::date) AS last, b.since, c.timezone, c.residence_state, o.timezone
FROM notifications_checkinplan AS p
JOIN clients_client AS c ON c.id = p.client_id
JOIN accounts_organization AS o ON o.id = p.organization_id
CROSS JOIN LATERAL (SELECT greatest(p.materialized_until, %(at)s) AS since) AS b
WHERE p.id = ANY (%(ids)s) AND p.starts_on IS NOT NULL
GROUP BY p.times, p.weekdays, p.phases, start, last, b.since, c.timezone, c.residence_state, o.timezone
"""
WRITE = """
INSERT INTO notifications_checkin (id, plan_id, client_id, local_date, slot, due_at, not_after, status, reason)
SELECT (%s || substr(gen_random_uuid()::text, 16))::uuid, plan.id, plan.client_id,
  due.local_date, due.slot, due.due_at, due.not_after, 'planned', ''
FROM unnest(%s::int[], %s::uuid[], %s::uuid[]) AS plan (alike, id, client_id)
JOIN unnest(%s::int[], %s::date[], %s::int[], %s::timestamptz[], %s::timestamptz[])
  AS due (alike, local_date, slot, due_at, not_after) ON due.alike = plan.alike
ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class Alike:
    """Plans with the same occurrences in the days to be written."""

    plan_ids: Sequence[UUID]
    client_ids: Sequence[UUID]
    times: Sequence[time]
    weekdays: Sequence[int]
    phases: str  # JSON
    start: date
    last: date | None
    since: datetime
    client_zone: str
    state: str
    home_zone: str

    def zone_name(self) -> str | None:
        """Return the zone of these clients; None where only a client's number could tell it (SMS-32)."""
        zones = zones_for(recorded_zone=self.client_zone, residence_state=self.state, area_code=None)
        if not zones:
            return None
        return self.home_zone if self.home_zone in zones else min(zones)


def write_coming(plan_ids: Sequence[UUID], *, at: datetime, until: datetime) -> int:
    """Write the check-ins that locked plans have from `at`, or from where they were written to, until `until`.

    Returns how many rows came; what is there already stays as it is (CHK-02).
    """
    require_atomic()
    known: list[Alike] = []
    others: list[Alike] = []
    for group in _alike(plan_ids, at=at, until=until):
        (known if group.zone_name() else others).append(group)
    singly = [plan_id for group in others for plan_id in group.plan_ids]
    return _write(known, until=until) + _write_singly(singly, at=at, until=until)


def _alike(plan_ids: Sequence[UUID], *, at: datetime, until: datetime) -> list[Alike]:
    with connection.cursor() as cursor:
        cursor.execute(ALIKE, {"ids": list(plan_ids), "at": at, "until": until})
        return [Alike(*row) for row in cursor.fetchall()]


def _write(groups: Sequence[Alike], *, until: datetime) -> int:
    plans = [
        (number, *pair)
        for number, group in enumerate(groups)
        for pair in zip(group.plan_ids, group.client_ids, strict=True)
    ]
    due = [
        (number, each.local_date, each.slot, each.due_at, latest(each.due_at))
        for number, group in enumerate(groups)
        for each in _occurrences(group, until=until)
    ]
    if not plans or not due:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            WRITE, [beginning_now(), *map(list, zip(*plans, strict=True)), *map(list, zip(*due, strict=True))]
        )
        written: int = cursor.rowcount
    return written


def _occurrences(group: Alike, *, until: datetime) -> Any:
    zone = zone_named(group.zone_name() or "")
    assert zone is not None, "known by its name"
    cadence = cadence_of(group.times, group.weekdays, json.loads(group.phases))
    return occurrences(cadence, zone=zone, start=group.start, since=group.since, until=until, last=group.last)


def _write_singly(plan_ids: Sequence[UUID], *, at: datetime, until: datetime) -> int:
    """Write those of clients whose zone only their number tells, and return how many they should have."""
    rows: list[CheckIn] = []
    for plan in CheckInPlan.objects.filter(pk__in=plan_ids).select_related("client", "organization"):
        since = max(at, plan.materialized_until or at)
        rows += rows_for(plan, wanted(plan, since=since, until=until))
    return len(CheckIn.objects.bulk_create(rows, ignore_conflicts=True))

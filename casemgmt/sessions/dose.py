"""The dose: hours and sessions that were attended, by enrollment and ISO week (F9, CLN-02).

Always counted from the rows, so that what is told anew counts anew; the ledger of attendances says who told what.

- What counts is the minutes of those who came, in sessions that were held. A session entered in error counts nothing.
- Minutes count in the week in which they were spent: of a night over Sunday's midnight, some in each of two weeks. Who
  was late spent the session's last minutes there, everybody else its first.
- The session itself counts once, in the week in which it began.
- Days and weeks are those of the session's own calendar (`timezone`), by what its wall clock showed in each minute.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from casemgmt.kernel import clock
from casemgmt.policies.catalog import Policy
from casemgmt.policies.services import policies_of
from programs.models import Enrollment, EnrollmentMove

from .rules.weeks import Stretch, Week, bounds, minimum_of, mondays_back, ran_through, week_at

# From UTC to a wall clock there is one answer for each minute, also where clocks change; the other way there is not.
# So a stay that lies in one week is counted whole, and one that does not is counted minute by minute.
COUNT = """
WITH came AS (
  SELECT a.enrollment_id, a.minutes, s.timezone, s.starts_at,
         CASE WHEN a.state = 'late' THEN s.ends_at - a.minutes * interval '1 minute' ELSE s.starts_at END AS began
  FROM sessions_attendance AS a JOIN sessions_session AS s ON s.id = a.session_id
  WHERE a.enrollment_id = ANY(%(enrollments)s) AND a.minutes > 0 AND s.stage = 'held'
    AND a.starts_at >= %(since)s::date - interval '2 days' AND a.starts_at < %(until)s::date + interval '9 days'
), stay AS (
  SELECT *, date_trunc('week', began AT TIME ZONE timezone)::date AS first_week,
         date_trunc('week', (began + (minutes - 1) * interval '1 minute') AT TIME ZONE timezone)::date AS last_week
  FROM came
), part AS (
  SELECT enrollment_id, first_week AS week, minutes, 0 AS sessions FROM stay WHERE first_week = last_week
  UNION ALL
  SELECT enrollment_id, date_trunc('week', (began + n * interval '1 minute') AT TIME ZONE timezone)::date, 1, 0
  FROM stay, generate_series(0, minutes - 1) AS n WHERE first_week <> last_week
  UNION ALL
  SELECT enrollment_id, date_trunc('week', starts_at AT TIME ZONE timezone)::date, 0, 1 FROM stay
)
SELECT enrollment_id, week, sum(minutes)::int, sum(sessions)::int FROM part
WHERE week BETWEEN %(since)s AND %(until)s GROUP BY enrollment_id, week
"""


class Attended(NamedTuple):
    """What was attended of one enrollment in one week."""

    minutes: int
    sessions: int


NOTHING = Attended(0, 0)
Doses = dict[tuple[UUID, date], Attended]


def attended(enrollment_ids: Collection[UUID], *, since: date, until: date) -> Doses:
    """Return what was attended by enrollment and week, from the week of one Monday to that of another. One query.

    Weeks without anything are left out. PostgreSQL counts the rows that the actor may see.
    """
    if not enrollment_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(COUNT, {"enrollments": list(enrollment_ids), "since": since, "until": until})
        return {(row[0], row[1]): Attended(row[2], row[3]) for row in cursor.fetchall()}


def ledgers_of(enrollment_ids: Collection[UUID]) -> dict[UUID, list[Stretch]]:
    """Return how each enrollment stood since when, oldest first. One query."""
    found: dict[UUID, list[Stretch]] = {each: [] for each in enrollment_ids}
    rows = EnrollmentMove.objects.filter(enrollment_id__in=enrollment_ids).order_by("seq")
    for enrollment_id, since, stage in rows.values_list("enrollment_id", "effective_at", "to_stage"):
        found[enrollment_id].append(Stretch(since, stage))
    return found


def weeks_of(enrollments: Iterable[Enrollment], *, back: int) -> dict[UUID, list[Week]]:
    """Return the last weeks of enrollments, the present one first, `back` of them; weeks without anything, too.

    Their programs, clients and episodes must be loaded. A fixed number of queries, however many enrollments.
    """
    rows = list(enrollments)
    at = clock.now()
    present = {each.id: week_at(at, zone=each.program.timezone) for each in rows}
    if not rows:
        return {}
    since = min(present.values()) - timedelta(weeks=back)
    doses = attended(present, since=since, until=max(present.values()))
    ledgers = ledgers_of(present)
    policies = policies_of({each.episode.organization_id for each in rows})
    return {
        each.id: [
            _week(each, monday, doses, ledgers[each.id], policies[each.episode.organization_id], over=number > 0)
            for number, monday in enumerate(mondays_back(present[each.id], back))
        ]
        for each in rows
    }


def _week(
    enrollment: Enrollment, monday: date, doses: Doses, ledger: list[Stretch], policy: Policy, *, over: bool
) -> Week:
    begins, ends = bounds(monday, zone=enrollment.program.timezone)
    found = doses.get((enrollment.id, monday), NOTHING)
    return Week(
        monday=monday,
        minutes=found.minutes,
        sessions=found.sessions,
        minimum=minimum_of(
            enrollment.program.kind, birth_date=enrollment.client.birth_date, monday=monday, policy=policy
        ),
        counts=over and ran_through(ledger, begins=begins, ends=ends),
    )

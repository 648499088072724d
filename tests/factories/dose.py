"""Enrollments in a program that began long ago, and sessions of it that were attended or missed."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from casemgmt.clients.models import Client
from casemgmt.episodes.stages import Stage
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.sessions.lifecycle import SessionStage
from casemgmt.sessions.models import Attendance
from casemgmt.sessions.rules.weeks import monday_of
from casemgmt.sessions.words import AttendanceState, Format
from programs.lifecycle import EnrollmentStage
from programs.models import Enrollment, EnrollmentMove, Program
from programs.rules.kinds import Kind
from tests.cast import Cast

from . import episodes, people, programs, sessions


@transaction.atomic
def enrolled(cast: Cast, *, kind: Kind = Kind.IOP, client: Client | None = None, weeks_ago: int = 9) -> Enrollment:
    """Return an active enrollment of a client of North that began so many weeks ago."""
    client = client or people.client(cast.north, phone=None)
    stage = Stage(kind.value)
    program = Program.objects.filter(organization=cast.north, kind=kind).first() or programs.program(
        cast.north, kind=kind
    )
    since = clock.now() - timedelta(weeks=weeks_ago)
    return programs.enrollment(
        episodes.episode(client, stage=stage), program, stage=EnrollmentStage.ACTIVE, since=since
    )


def turn(enrollment: Enrollment, origin: EnrollmentStage, target: EnrollmentStage, *, at: datetime) -> EnrollmentMove:
    """Return a row of an enrollment's ledger that holds from a moment."""
    return EnrollmentMove.objects.create(
        enrollment=enrollment,
        verb="test",
        rule="STG-01",
        from_stage=origin,
        to_stage=target,
        effective_at=at,
        actor_kind="system",
    )


def attends(
    enrollment: Enrollment,
    staff: Actor,
    *,
    starts_at: datetime,
    minutes: int = 60,
    state: AttendanceState = AttendanceState.ATTENDED,
    stage: SessionStage = SessionStage.HELD,
    **fields: Any,
) -> Attendance:
    """Return a client's part in a group of the enrollment's program that lasted as long as they came for."""
    known = {
        "format": Format.GROUP,
        "program": enrollment.program,
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(minutes=minutes),
        "timezone": enrollment.program.timezone,
    }
    session = sessions.session(staff, stage=stage, **{**known, **fields})
    return sessions.attendance(
        session,
        enrollment.client,
        state=state,
        minutes=minutes,
        enrollment_id=enrollment.id,
        episode_id=enrollment.episode_id,
    )


def weekday(weeks_ago: int, days: int = 0, hour: int = 10, *, zone: str = "America/Chicago") -> datetime:
    """Return an hour of a day of the week so many weeks ago (0: the present one), as aware UTC."""
    local = ZoneInfo(zone)
    monday = monday_of(clock.now().astimezone(local).date())
    day = monday - timedelta(weeks=weeks_ago) + timedelta(days=days)
    return datetime.combine(day, time(hour), local).astimezone(UTC)


def hours(enrollment: Enrollment, staff: Actor, *, weeks_ago: int, count: int) -> list[Attendance]:
    """Return so many attended hours of a past week, three a day."""
    return [
        attends(enrollment, staff, starts_at=weekday(weeks_ago, number // 3, 10 + number % 3))
        for number in range(count)
    ]

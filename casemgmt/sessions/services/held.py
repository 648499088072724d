"""A session told after it was over: scheduled and held in one step, with the one client who came. Inner."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from casemgmt.kernel.actor import Actor
from casemgmt.kernel.events import Event, Scalar
from casemgmt.kernel.events import topic as register_topic
from casemgmt.kernel.lifecycle import Change, advance
from casemgmt.kernel.request import request_id
from casemgmt.kernel.transactions import require_atomic
from casemgmt.outbox.emit import emit
from casemgmt.sessions.lifecycle import SessionStage
from casemgmt.sessions.models import Attendance, AttendanceMove, Session, SessionMove
from casemgmt.sessions.words import AttendanceState, Discipline
from programs.lifecycle import EnrollmentStage
from programs.models import Enrollment
from programs.rules.kinds import Kind

SCHEDULED = register_topic("session.scheduled")
TOLD = register_topic("attendance.told")

# For whose program a session of a discipline counts, when the client is in exactly one there.
COUNTS_FOR: dict[str, tuple[Kind, ...]] = {
    Discipline.PEER.value: (Kind.PEER_SUPPORT, Kind.AFTERCARE),
    Discipline.CLINICAL.value: (Kind.IOP, Kind.THERAPY),
    Discipline.CONTACT.value: (Kind.AFTERCARE,),
    Discipline.HOUSE.value: (Kind.SOBER_LIVING,),
}


def hold_at_once(
    session: Session, *, client_id: UUID, episode_id: UUID | None, minutes: int, at: datetime, actor: Actor
) -> Attendance:
    """Save a session that is over as held, and the client's part in it; return the part. `at` is aware UTC."""
    require_atomic()
    enrollment = _enrollment(session, client_id)
    if enrollment is not None:
        session.program_id, session.timezone = enrollment.program_id, enrollment.program.timezone
    made = Change("schedule", "", SessionStage.SCHEDULED.value, "PEER-05", SCHEDULED, at, None)
    held = advance(session, "hold", actor=actor, at=at, facts=None)
    session.save(force_insert=True)
    for change in (made, held):
        _write_move(session, change, actor=actor)
    attendance = Attendance.objects.create(
        session=session,
        client_id=client_id,
        episode_id=episode_id,
        enrollment=enrollment,
        state=AttendanceState.ATTENDED,
        minutes=minutes,
        starts_at=session.starts_at,
    )
    AttendanceMove.objects.create(
        attendance=attendance,
        to_state=AttendanceState.ATTENDED,
        minutes=minutes,
        actor_kind=actor.kind.value,
        actor_id=actor.id,
        at=at,
        request_id=request_id.get(),
    )
    _tell(session, attendance, held, actor=actor)
    return attendance


def _tell(session: Session, attendance: Attendance, held: Change, *, actor: Actor) -> None:
    """Tell that it took place, without the client; and that the client came."""
    happened: dict[str, Scalar] = {"discipline": str(session.discipline), "format": str(session.format)}
    emit(Event(held.topic, session.pk, None, session.organization_id, happened), actor=actor)
    told: dict[str, Scalar] = {
        "state": AttendanceState.ATTENDED.value,
        "from_state": "",
        "minutes": attendance.minutes,
        "session": str(session.pk),
    }
    emit(Event(TOLD, attendance.pk, attendance.client_id, session.organization_id, told), actor=actor)


def _enrollment(session: Session, client_id: UUID) -> Enrollment | None:
    """Return the one enrollment that the session counts for; None when there is none, or several."""
    running = Enrollment.objects.filter(
        client_id=client_id,
        program__organization_id=session.organization_id,
        program__kind__in=COUNTS_FOR[session.discipline],
        stage=EnrollmentStage.ACTIVE,
        started_at__lte=session.ends_at,
    )
    found = list(running.select_related("program").order_by("id"))
    mine = [each for each in found if each.provider_id == session.staff_id]
    fitting = mine or found
    return fitting[0] if len(fitting) == 1 else None


def _write_move(session: Session, change: Change, *, actor: Actor) -> None:
    SessionMove.objects.create(
        session=session,
        verb=change.verb,
        rule=change.rule,
        from_stage=change.source,
        to_stage=change.target,
        at=change.at,
        effective_at=session.ends_at,
        actor_kind=actor.kind.value,
        actor_id=actor.id,
        reason=session.late_reason,
        request_id=request_id.get(),
    )

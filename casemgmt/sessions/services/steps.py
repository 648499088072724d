"""One step of a session: its row, its ledger row, the fact; and what is told of one client's part. Inner."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.utils import IntegrityError
from psycopg.errors import ExclusionViolation

from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Conflict, Invalid
from casemgmt.kernel.events import Event, Scalar
from casemgmt.kernel.events import topic as register_topic
from casemgmt.kernel.lifecycle import Change, advance
from casemgmt.kernel.request import request_id
from casemgmt.kernel.transactions import require_atomic
from casemgmt.outbox.emit import emit
from casemgmt.sessions.lifecycle import SessionStage
from casemgmt.sessions.models import Attendance, AttendanceMove, Session, SessionMove
from casemgmt.sessions.words import CAME, AttendanceState, CancelledBy

from .parties import Participant

SCHEDULED = register_topic("session.scheduled")
CANCELLED = register_topic("session.cancelled")
MOVED = register_topic("session.moved")  # its time, its length, or who holds it
CHANGED = register_topic("session.changed")  # anything else
EXPECTED = register_topic("attendance.expected")
TOLD = register_topic("attendance.told")


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of one client's part. `minutes` None: the whole length, for who attended."""

    client_id: UUID
    state: AttendanceState
    minutes: int | None = None
    cancelled_by: str = ""
    reason: str = ""  # why what was told before is changed; of this client's part only (F9)


@contextmanager
def refusing_overlap() -> Iterator[None]:
    """Turn PostgreSQL's refusal of overlapping individual sessions into Conflict `session_overlap` (PEER-05)."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if isinstance(error.__cause__, ExclusionViolation):
            sentence = "Who holds it has another session in this time. Only groups may overlap."
            raise Conflict(sentence, code="session_overlap") from error
        raise


def write_session(session: Session, people: Iterable[Participant], *, at: datetime, actor: Actor) -> list[Attendance]:
    """Write a scheduled session, whom it expects, its ledger row, and tell. Raises Conflict `session_overlap`."""
    require_atomic()
    with refusing_overlap():
        session.save(force_insert=True)
    expected = Attendance.objects.bulk_create(expected_at(session, people))
    SessionMove.objects.create(**first_move(session, at=at, actor=actor))
    emit(event_of(SCHEDULED, session), actor=actor)
    return expected


def expected_at(session: Session, people: Iterable[Participant]) -> list[Attendance]:
    """Return the unsaved rows of whom a session expects."""
    return [
        Attendance(
            session=session,
            client_id=each.client_id,
            episode_id=each.episode_id,
            enrollment_id=each.enrollment_id,
            starts_at=session.starts_at,
        )
        for each in people
    ]


def first_move(session: Session, *, at: datetime, actor: Actor) -> dict[str, Any]:
    """Return the fields of the first ledger row of a session."""
    return {
        "session": session,
        "verb": "schedule",
        "rule": "F9",
        "to_stage": SessionStage.SCHEDULED.value,
        "at": at,
        "effective_at": at,
        "actor_kind": actor.kind.value,
        "actor_id": actor.id,
        "request_id": request_id.get(),
    }


def write_step(
    session: Session, name: str, *, given: Mapping[str, str], reason: str, at: datetime, actor: Actor
) -> SessionMove:
    """Judge one verb of a locked session, save it with what is `given`, write its ledger row and tell.

    Raises WrongStage, NotPermitted, Invalid `data_missing`.
    """
    require_atomic()
    change: Change = advance(session, name, actor=actor, at=at, facts=None, given=given)
    kept = [field for field in ("cancelled_by", "late_reason") if given.get(field)]
    for field in kept:
        setattr(session, field, given[field])
    session.save_changes(*Session.moved_fields, *kept, at=at)
    move = SessionMove.objects.create(
        session=session,
        verb=change.verb,
        rule=change.rule,
        from_stage=change.source,
        to_stage=change.target,
        at=at,
        effective_at=at,
        actor_kind=actor.kind.value,
        actor_id=actor.id,
        reason=reason,
        given=dict(given),
        request_id=request_id.get(),
    )
    emit(event_of(change.topic, session), actor=actor)
    return move


def write_told(attendance: Attendance, told: Told, *, length: int, at: datetime, actor: Actor) -> bool:
    """Write what is told of a locked attendance, its ledger row, and tell; return False if that was told already.

    `length` is the session's in minutes. Raises Invalid (`minutes`, `cancelled_by`, `reason`).
    """
    require_atomic()
    minutes = _minutes(told, length=length)
    before = str(attendance.state)
    if (before, attendance.minutes, attendance.cancelled_by) == (told.state, minutes, told.cancelled_by):
        return False
    if before != AttendanceState.EXPECTED and not told.reason.strip():
        raise Invalid(fields={"reason": ["Say why what was told before is changed."]})
    attendance.state, attendance.minutes, attendance.cancelled_by = told.state, minutes, told.cancelled_by
    attendance.save_changes("state", "minutes", "cancelled_by", at=at)
    AttendanceMove.objects.create(
        attendance=attendance,
        from_state=before,
        to_state=told.state,
        minutes=minutes,
        cancelled_by=told.cancelled_by,
        reason=told.reason,
        actor_kind=actor.kind.value,
        actor_id=actor.id,
        at=at,
        request_id=request_id.get(),
    )
    payload: dict[str, Scalar] = {"state": str(told.state), "from_state": before, "minutes": minutes}
    emit(attendance_event(TOLD, attendance, payload), actor=actor)
    return True


def _minutes(told: Told, *, length: int) -> int:
    """Return the minutes that a client spent at a session of `length`."""
    if (told.state == AttendanceState.CANCELLED) != bool(told.cancelled_by):
        raise Invalid(fields={"cancelled_by": ["Told exactly when it was called off."]})
    if told.state not in CAME:
        if told.minutes:
            raise Invalid(fields={"minutes": ["Only who came spent time there."]})
        return 0
    if told.minutes is None and told.state == AttendanceState.ATTENDED:
        return length
    if told.minutes is None or not 1 <= told.minutes <= length:
        raise Invalid(fields={"minutes": [f"From 1 to {length}, the session's length."]})
    return told.minutes


def call_off(
    attendances: Sequence[Attendance], *, by: CancelledBy, at: datetime, actor: Actor, reason: str = ""
) -> int:
    """Call off locked attendances; return how many that changed. `reason` is needed for parts told before.

    It is ours, never what somebody wrote of the session: that might speak of another client (F9).
    """
    told = [Told(each.client_id, AttendanceState.CANCELLED, None, by.value, reason) for each in attendances]
    pairs = zip(attendances, told, strict=True)
    return sum(write_told(each, off, length=0, at=at, actor=actor) for each, off in pairs)


def length_of(session: Session) -> int:
    """Return how many minutes a session lasts."""
    return int((session.ends_at - session.starts_at).total_seconds()) // 60


def event_of(topic: str, session: Session, **more: Scalar) -> Event:
    """Return a fact about a session: ids and codes, and no client."""
    payload: dict[str, Scalar] = {
        "discipline": str(session.discipline),
        "format": str(session.format),
        "staff_id": str(session.staff_id),
        "program_id": str(session.program_id) if session.program_id else None,
        "series_id": str(session.series_id) if session.series_id else None,
        **more,
    }
    return Event(topic, session.id, None, session.organization_id, payload)


def attendance_event(topic: str, attendance: Attendance, payload: Mapping[str, Scalar]) -> Event:
    """Return a fact about one client's part in a session, which must be loaded."""
    session = attendance.session
    told: dict[str, Scalar] = {"session": str(session.id), "discipline": str(session.discipline), **payload}
    return Event(topic, attendance.id, attendance.client_id, session.organization_id, told)

"""Telling that a session took place and who came; telling one part anew; whom a session expects. Doors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db import transaction

from casemgmt.accounts.roles import Role
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Conflict, Invalid, NotPermitted, NotVisible, Refused
from casemgmt.kernel.lifecycle import require_start
from casemgmt.kernel.wall import acting_as
from casemgmt.outbox.emit import HOUSE, emit
from casemgmt.sessions.lifecycle import SessionStage
from casemgmt.sessions.models import Attendance, Session, SessionMove
from casemgmt.sessions.rules.disciplines import is_late
from casemgmt.sessions.words import CAME, AttendanceState, CancelledBy, Format

from .credentials import require_fit_to_hold
from .parties import Elsewhere, elsewhere, lock_session, participants, require_service
from .steps import EXPECTED, Told, attendance_event, call_off, expected_at, length_of, write_step, write_told

OFF = (AttendanceState.EXCUSED, AttendanceState.CANCELLED)  # may be told before the session
LATE_SENTENCE = "More than 72 hours after the session, say why it is told now."


@dataclass(frozen=True, slots=True)
class Holding:
    """Who came. `rest` stands for everybody expected who is not in `told`: attended, or did not come; empty: nobody."""

    told: Sequence[Told] = ()
    rest: str = ""
    late_reason: str = ""
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """One client's part in a session, and where else they are expected in that time."""

    attendance: Attendance
    elsewhere: list[Elsewhere]


@transaction.atomic
def hold_session(*, session_id: UUID, holding: Holding, actor: Actor) -> SessionMove:
    """Tell that a session took place, and of everybody expected whether they came, each once (F9).

    Who came to a group without being expected is told the same way. Whom the actor does not see stays expected until
    somebody who does tells. Raises NotVisible, NotPermitted, StaleVersion, WrongStage, Invalid (fields,
    `attendances_missing`), Refused (`session_in_future`, `late_entry_needs_reason`, `client_deceased`,
    `part2_notice_missing`, `credential_expired`, `credential_missing`).
    """
    session = lock_session(session_id, actor=actor)
    session.require_version(holding.version)
    require_start(session, "hold")
    at = clock.now()
    _require_over(session, at=at, late_reason=holding.late_reason)
    require_fit_to_hold(session, at=session.starts_at)
    seen = Attendance.objects.visible_to(actor).filter(session=session).select_related("session").lock_all()
    if session.format == Format.INDIVIDUAL and session.group_size and not seen:
        raise NotPermitted("Somebody who sees the client tells this.")
    told = _complete(session, holding, {each.client_id: each for each in seen})
    rows = {each.client_id: each for each in seen}
    strangers = [each.client_id for each in told if each.client_id not in rows]
    rows |= {each.client_id: each for each in _write_expected(session, strangers, at=at, actor=actor)}
    require_service(session, [each.client_id for each in told if each.state in CAME], at=at)
    given = {"late_reason": holding.late_reason} if holding.late_reason.strip() else {}
    move = write_step(session, "hold", given=given, reason="", at=at, actor=actor)
    length = length_of(session)
    for each in told:
        write_told(rows[each.client_id], each, length=length, at=at, actor=actor)
    return move


def _require_over(session: Session, *, at: datetime, late_reason: str) -> None:
    """Raise Refused when a session is not over yet, or told late without a reason (PEER-05)."""
    if session.ends_at > at:
        raise Refused("A session is told as held when it is over.", code="session_in_future")
    if is_late(ended_at=session.ends_at, at=at) and not late_reason.strip():
        raise Refused(LATE_SENTENCE, code="late_entry_needs_reason")


def _complete(session: Session, holding: Holding, seen: dict[UUID, Attendance]) -> list[Told]:
    """Return what is told of everybody, with `rest` for whom it stands; raise Invalid unless each is told once."""
    twice = [client_id for client_id, count in Counter(each.client_id for each in holding.told).items() if count > 1]
    if twice:
        raise Invalid(fields={"attendances": ["Each client once."]})
    if any(each.state == AttendanceState.EXPECTED for each in holding.told):
        raise Invalid(fields={"attendances": ["Who was expected came or did not."]})
    named = {each.client_id for each in holding.told}
    if session.format == Format.INDIVIDUAL and named - seen.keys():
        raise Invalid(fields={"attendances": ["An individual session is with its client."]})
    waiting = [each.client_id for each in seen.values() if each.state == AttendanceState.EXPECTED]
    missing = [client_id for client_id in waiting if client_id not in named]
    if missing and not holding.rest:
        fields = {"attendances": ["Say of everybody expected whether they came."]}
        raise Invalid(code="attendances_missing", fields=fields, missing=sorted(map(str, missing)))
    return [*holding.told, *(Told(client_id, AttendanceState(holding.rest)) for client_id in missing)]


def _write_expected(session: Session, client_ids: Sequence[UUID], *, at: datetime, actor: Actor) -> list[Attendance]:
    """Let a locked session expect further clients whom the actor sees, and tell. Raises NotVisible.

    A part of a client's earlier episode is there and may be hidden from the actor (CLN-31): that is not for them.
    """
    if not client_ids:
        return []
    if Attendance.objects.filter(session=session, client_id__in=client_ids).exists():
        raise NotVisible()
    people = participants(
        client_ids,
        program_id=session.program_id,
        starts_at=session.starts_at,
        timezone=session.timezone,
        at=at,
        actor=actor,
    )
    made = Attendance.objects.bulk_create(expected_at(session, people))
    for each in made:
        emit(attendance_event(EXPECTED, each, {}), actor=actor)
    return made


@transaction.atomic
def expect_client(*, session_id: UUID, client_id: UUID, told: Told | None = None, actor: Actor) -> Place:
    """Let a group expect one more client; to one that was held, tell at once how they came (`told`).

    Who was called off is expected again. Raises NotVisible, NotPermitted, Invalid (`state`, `minutes`, `reason`),
    Refused (`individual_has_one`, `client_deceased`, `no_open_episode`, `part2_notice_missing`,
    `late_entry_needs_reason`), Conflict (`already_expected`, `session_closed`).
    """
    session = lock_session(session_id, actor=actor)
    if session.format == Format.INDIVIDUAL:
        raise Refused("An individual session is with one client.", code="individual_has_one")
    held = str(session.stage) == SessionStage.HELD
    if not held and str(session.stage) != SessionStage.SCHEDULED:
        raise Conflict("The session was called off.", code="session_closed")
    if held != (told is not None):
        raise Invalid(fields={"state": ["Told exactly when the session was held."]})
    at = clock.now()
    attendance = _expect(session, client_id, at=at, actor=actor)
    if told is not None:
        _tell(attendance, told, at=at, actor=actor)
    return Place(attendance, elsewhere(session, [client_id], actor=actor))


def _expect(session: Session, client_id: UUID, *, at: datetime, actor: Actor) -> Attendance:
    there = Attendance.objects.visible_to(actor).filter(session=session, client_id=client_id)
    found = there.select_related("session").lock_all()
    if not found:
        return _write_expected(session, [client_id], at=at, actor=actor)[0]
    attendance = found[0]
    if attendance.state not in OFF:
        raise Conflict("The client is expected there.", code="already_expected")
    again = Told(client_id, AttendanceState.EXPECTED, reason="Expected again.")
    write_told(attendance, again, length=0, at=at, actor=actor)
    return attendance


@transaction.atomic
def tell_attendance(*, attendance_id: UUID, told: Told, version: int | None = None, actor: Actor) -> Attendance:
    """Tell one client's part: after the session how they came, before it that they will not (or will after all).

    Raises NotVisible, NotPermitted, StaleVersion, Invalid (`state`, `minutes`, `cancelled_by`, `reason`), Refused
    (`cancel_the_session`, `late_entry_needs_reason`, `client_deceased`, `part2_notice_missing`), Conflict
    `session_closed`.
    """
    visible = Attendance.objects.visible_to(actor)
    session = lock_session(visible.fetch(attendance_id).session_id, actor=actor)
    attendance = visible.lock(attendance_id)
    attendance.session = session
    attendance.require_version(version)
    at = clock.now()
    told = replace(told, client_id=attendance.client_id)
    if str(session.stage) == SessionStage.SCHEDULED:
        _require_ahead(session, told)
        write_told(attendance, told, length=0, at=at, actor=actor)
        return attendance
    if str(session.stage) != SessionStage.HELD:
        raise Conflict("The session was called off or entered in error.", code="session_closed")
    _tell(attendance, told, at=at, actor=actor)
    return attendance


def _require_ahead(session: Session, told: Told) -> None:
    """Raise for what cannot be told of a session that is still to come."""
    if told.state not in (AttendanceState.EXPECTED, *OFF):
        raise Invalid(fields={"state": ["Before the session: excused, cancelled, or expected again."]})
    if session.format == Format.INDIVIDUAL and told.state in OFF:
        raise Refused("Call the session itself off; it is with this client.", code="cancel_the_session")


def _tell(attendance: Attendance, told: Told, *, at: datetime, actor: Actor) -> None:
    """Write what is told of one part in a session that was held."""
    session = attendance.session
    if told.state == AttendanceState.EXPECTED:
        raise Invalid(fields={"state": ["Who was expected came or did not."]})
    first = attendance.state == AttendanceState.EXPECTED
    if first and is_late(ended_at=session.ends_at, at=at) and not told.reason.strip():
        raise Refused(LATE_SENTENCE, code="late_entry_needs_reason")
    if told.state in CAME:
        require_service(session, [attendance.client_id], at=at)
    write_told(attendance, told, length=length_of(session), at=at, actor=actor)


@transaction.atomic
def enter_in_error(*, session_id: UUID, error_reason: str, version: int | None = None, actor: Actor) -> SessionMove:
    """Say that a held session never took place: who came to it counts for nothing from now on.

    By who held it or a supervisor. Raises NotVisible, NotPermitted, StaleVersion, WrongStage, Invalid `data_missing`.
    """
    session = lock_session(session_id, actor=actor)
    if actor.id != session.staff_id and not actor.has_role(Role.SUPERVISOR):
        raise NotPermitted("Who held the session or a supervisor says so.")
    session.require_version(version)
    at = clock.now()
    move = write_step(session, "enter_in_error", given={"error_reason": error_reason}, reason="", at=at, actor=actor)
    with acting_as(HOUSE):
        rows = Attendance.objects.filter(session=session).exclude(state=AttendanceState.CANCELLED)
        there = rows.select_related("session").lock_all()
        call_off(there, by=CancelledBy.SYSTEM, reason="The session was entered in error.", at=at, actor=actor)
    return move

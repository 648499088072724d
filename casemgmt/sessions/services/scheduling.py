"""Scheduling a session, changing it before it begins, and calling it off. Doors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Conflict, Invalid, NotPermitted
from casemgmt.kernel.lifecycle import Option, options
from casemgmt.kernel.wall import acting_as
from casemgmt.outbox.emit import HOUSE, emit
from casemgmt.sessions.lifecycle import SessionStage
from casemgmt.sessions.models import Attendance, Session, SessionMove
from casemgmt.sessions.words import AttendanceState, CancelledBy, Format

from .credentials import require_fit_to_hold
from .parties import (
    Elsewhere,
    elsewhere,
    holder,
    lock_session,
    participants,
    program_of,
    require_hand,
    take_turn,
    zone_of,
)
from .steps import (
    CHANGED,
    EXPECTED,
    MOVED,
    attendance_event,
    call_off,
    event_of,
    length_of,
    refusing_overlap,
    write_session,
    write_step,
)

FURTHEST = timedelta(days=730)  # a session in a hundred years is a slip of the finger
CHANGEABLE = ("starts_at", "ends_at", "mode", "place_type", "title", "staff")
TIMES = frozenset({"starts_at", "minutes", "staff"})  # what others plan around


@dataclass(frozen=True, slots=True)
class NewSession:
    """What is told of a planned session. `staff_id` None: the actor; `discipline` None: the only one that fits.

    `starts_at` is aware UTC.
    """

    starts_at: datetime
    minutes: int
    mode: str
    client_ids: tuple[UUID, ...] = ()
    format: Format = Format.INDIVIDUAL
    staff_id: UUID | None = None
    discipline: str | None = None
    program_id: UUID | None = None
    place_type: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Planned:
    """A session as planned, and which clients are expected somewhere else in that time."""

    session: Session
    elsewhere: list[Elsewhere]


@transaction.atomic
def schedule_session(*, new: NewSession, actor: Actor) -> Planned:
    """Plan a session with one client or a group, for oneself or a colleague of the same organization.

    One that is over already may be planned, too: then it is held. Raises NotVisible, NotPermitted, Invalid (fields,
    `kind_needed`), Refused (`outside_peer_scope`, `client_deceased`, `no_open_episode`, `credential_expired`,
    `credential_missing`), Conflict `session_overlap`.
    """
    staff_id, organization_id, discipline = holder(new.staff_id, new.discipline, actor=actor)
    require_fit(new.format, clients=len(set(new.client_ids)), title=new.title)
    at = clock.now()
    _require_near(new.starts_at, at=at)
    program = program_of(new.program_id, new.client_ids, actor=actor)
    session = Session(
        organization_id=organization_id,
        program=program,
        staff_id=staff_id,
        discipline=discipline,
        format=new.format,
        mode=new.mode,
        place_type=new.place_type,
        title=new.title,
        starts_at=new.starts_at,
        ends_at=new.starts_at + timedelta(minutes=new.minutes),
        timezone=zone_of(program, organization_id),
    )
    require_fit_to_hold(session, at=session.starts_at)
    people = participants(
        new.client_ids,
        program_id=new.program_id,
        starts_at=session.starts_at,
        timezone=session.timezone,
        at=at,
        actor=actor,
    )
    take_turn(session.staff_id)
    for each in write_session(session, people, at=at, actor=actor):
        emit(attendance_event(EXPECTED, each, {}), actor=actor)
    return Planned(session, elsewhere(session, new.client_ids, actor=actor))


def require_fit(format: str, *, clients: int, title: str) -> None:
    """Raise Invalid unless an individual session has one client, and only a group a title."""
    if format == Format.INDIVIDUAL and clients != 1:
        raise Invalid(fields={"clients": ["An individual session is with one client."]})
    if format == Format.INDIVIDUAL and title:
        raise Invalid(fields={"title": ["Only a group has a title."]})


def _require_near(starts_at: datetime, *, at: datetime) -> None:
    if abs(starts_at - at) > FURTHEST:
        raise Invalid(fields={"starts_at": ["Within two years of today."]})


@transaction.atomic
def change_session(*, session_id: UUID, changes: Mapping[str, Any], version: int | None, actor: Actor) -> Planned:
    """Change a scheduled session by itself: `starts_at`, `minutes`, `mode`, `place_type`, `title`, `staff`.

    One of a series no longer follows it. Raises NotVisible, NotPermitted, StaleVersion, Invalid (fields,
    `kind_needed`), Refused `care_on_hold`, Conflict (`session_closed`, `session_overlap`).
    """
    session = lock_session(session_id, actor=actor, staff_id=changes.get("staff"))
    session.require_version(version)
    if str(session.stage) != SessionStage.SCHEDULED:
        raise Conflict("The session was held or called off.", code="session_closed")
    at = clock.now()
    change_fields(session, changes, actor=actor)
    _require_near(session.starts_at, at=at)
    session.detached = session.series_id is not None
    with refusing_overlap():
        session.save_changes(*CHANGEABLE, "detached", at=at)
    emit(event_of(MOVED if TIMES & changes.keys() else CHANGED, session), actor=actor)
    client_ids = list(Attendance.objects.visible_to(actor).filter(session=session).values_list("client_id", flat=True))
    return Planned(session, elsewhere(session, client_ids, actor=actor))


def change_fields(session: Session, changes: Mapping[str, Any], *, actor: Actor) -> None:
    """Write changes into a session in memory. Who takes it over holds sessions of its discipline.

    Raises NotPermitted, Invalid, Refused `outside_peer_scope`.
    """
    length = changes.get("minutes", length_of(session))
    session.starts_at = changes.get("starts_at", session.starts_at)
    session.ends_at = session.starts_at + timedelta(minutes=length)
    for name in ("mode", "place_type", "title"):
        setattr(session, name, changes.get(name, getattr(session, name)))
    if session.format == Format.INDIVIDUAL and session.title:
        raise Invalid(fields={"title": ["Only a group has a title."]})
    if "staff" in changes and changes["staff"] != session.staff_id:
        session.staff_id, _, _ = holder(changes["staff"], session.discipline, actor=actor)


@transaction.atomic
def cancel_session(
    *, session_id: UUID, cancelled_by: str, reason: str = "", version: int | None = None, actor: Actor
) -> SessionMove:
    """Call a session off, and with it the part of everybody who is expected, by the same.

    Raises NotVisible, NotPermitted, StaleVersion, WrongStage, Invalid (`data_missing`, `cancelled_by`).
    """
    session = lock_session(session_id, actor=actor)
    session.require_version(version)
    return write_cancelled(session, by=cancelled_by, reason=reason, at=clock.now(), actor=actor)


def write_cancelled(session: Session, *, by: str, reason: str, at: datetime, actor: Actor) -> SessionMove:
    """Call off a locked session with everybody's part. Inner. Also for those whom the actor does not see."""
    if by == CancelledBy.SYSTEM and not actor.is_system:
        raise Invalid(fields={"cancelled_by": ["The client or the provider."]})
    move = write_step(session, "cancel", given={"cancelled_by": by}, reason=reason, at=at, actor=actor)
    with acting_as(HOUSE):
        waiting = Attendance.objects.filter(session=session, state=AttendanceState.EXPECTED)
        rows = waiting.select_related("session").lock_all()
        call_off(rows, by=CancelledBy(by), at=at, actor=actor)
    return move


def look_ahead(*, session_id: UUID, actor: Actor) -> tuple[Session, list[Option]]:
    """Return a session and what its verbs mean for the actor now. Raises NotVisible."""
    session = Session.objects.visible_to(actor).fetch(session_id)
    found = options(session, actor=actor, facts=None)
    try:
        require_hand(session, actor=actor)
    except NotPermitted:
        found = [replace(each, permitted=False) for each in found]
    return session, found

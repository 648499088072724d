"""What follows when a client does not come (F9): somebody reaches out; two in a row raise the ladder. Inner.

In a row are a client's sessions of one program (without one: of one organization) that were held. Who was excused or
called off is passed over, who came begins a new row. None of this says why somebody did not come.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid5

from casemgmt.accounts.roles import Role
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.transactions import require_atomic
from casemgmt.sessions.models import Attendance, Session
from casemgmt.sessions.words import NO_SHOWS_RAISE, AttendanceState, Discipline
from casemgmt.worklist.models import ItemKind, Priority
from casemgmt.worklist.services import NewItem, close_items, open_item

from .due import within_business_days

REACHES_OUT: dict[str, Role] = {
    Discipline.PEER: Role.PEER_SPECIALIST,
    Discipline.CLINICAL: Role.THERAPIST,
    Discipline.CONTACT: Role.CASE_MANAGER,
    Discipline.HOUSE: Role.HOUSE_MANAGER,
}
SOON = 0.25  # of a business day: until then a supervisor looks at a raised ladder
COUNTED = 50  # nobody counts further


def follow_up(attendance: Attendance, *, actor: Actor) -> None:
    """Let work follow what was told last of a client's part; what was told before no longer asks for any."""
    require_atomic()
    at = clock.now()
    session = attendance.session
    missed = attendance.state == AttendanceState.NO_SHOW
    if missed:
        new = _item(ItemKind.NO_SHOW_OUTREACH, attendance, source_id=attendance.id, at=at, days=1)
        open_item(new, actor=actor)
    else:
        _close(attendance.id, ItemKind.NO_SHOW_OUTREACH, "told_anew", at=at, actor=actor)
    row = missed_in_a_row(attendance.client_id, session)
    ladder = ladder_of(attendance.client_id, session)
    if len(row) < NO_SHOWS_RAISE:
        _close(ladder, ItemKind.NO_SHOWS_IN_A_ROW, "came" if not row else "told_anew", at=at, actor=actor)
    elif attendance.starts_at >= row[-1]:
        new = _item(ItemKind.NO_SHOWS_IN_A_ROW, attendance, source_id=ladder, at=at, days=SOON)
        open_item(new, actor=actor)


def missed_in_a_row(client_id: UUID, session: Session) -> list[datetime]:
    """Return when the sessions began that a client has missed since they last came, the latest first. One query."""
    told = Attendance.objects.in_line(client_id, session)[:COUNTED]
    row: list[datetime] = []
    for state, starts_at in told.values_list("state", "starts_at"):
        if state != AttendanceState.NO_SHOW:
            break
        row.append(starts_at)
    return row


def ladder_of(client_id: UUID, session: Session) -> UUID:
    """Return the source of the work that a row of missed sessions makes: one of a client and a program."""
    return uuid5(client_id, f"no-shows:{session.program_id or session.organization_id}")


def _close(source_id: UUID, kind: ItemKind, outcome: str, *, at: datetime, actor: Actor) -> None:
    close_items(source_id=source_id, kinds=(kind,), outcome=outcome, at=at, actor=actor)


def _item(kind: ItemKind, attendance: Attendance, *, source_id: UUID, at: datetime, days: float) -> NewItem:
    """Return what is to be done: first by who held the session, then by a supervisor, today."""
    session = attendance.session
    first = kind is ItemKind.NO_SHOW_OUTREACH
    return NewItem(
        organization_id=session.organization_id,
        client_id=attendance.client_id,
        kind=kind,
        due_at=within_business_days(session.organization_id, days, at=at),
        source_type="attendance",
        source_id=source_id,
        priority=Priority.NORMAL if first else Priority.TODAY,
        role=REACHES_OUT[session.discipline] if first else Role.SUPERVISOR,
        assignee_id=session.staff_id if first else None,
    )

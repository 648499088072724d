"""Sessions at any stage with a ledger that agrees, and who is expected at them or came."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from casemgmt.accounts.models import Organization
from casemgmt.clients.models import Client
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.sessions.lifecycle import SessionStage
from casemgmt.sessions.models import Attendance, AttendanceMove, Session, SessionMove
from casemgmt.sessions.words import CAME, AttendanceState, CancelledBy, Discipline, Format, Mode

DISCIPLINES = {
    "peer_specialist": Discipline.PEER,
    "therapist": Discipline.CLINICAL,
    "supervisor": Discipline.CLINICAL,
    "case_manager": Discipline.CONTACT,
    "house_manager": Discipline.HOUSE,
}


@transaction.atomic
def session(
    staff: Actor, *clients: Client, stage: SessionStage = SessionStage.SCHEDULED, ahead: float = 24, **fields: Any
) -> Session:
    """Return a session of an hour that begins `ahead` hours from now (negative: ago), at any stage.

    Several clients make it a group. At `held` everybody attended; else each is expected, or cancelled with the session.
    """
    starts_at = fields.pop("starts_at", clock.now() + timedelta(hours=ahead))
    cancelled = stage == SessionStage.CANCELLED
    known = {
        "organization_id": staff.organization_id,
        "staff_id": staff.id,
        "discipline": DISCIPLINES[min(staff.roles)],
        "format": Format.GROUP if len(clients) > 1 else Format.INDIVIDUAL,
        "mode": Mode.IN_PERSON,
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(hours=1),
        "timezone": Organization.objects.get(pk=staff.organization_id).timezone,
        "stage": stage,
        "closed_at": None if stage == SessionStage.SCHEDULED else clock.now(),
        "cancelled_by": CancelledBy.PROVIDER if cancelled else "",
    }
    made = Session.objects.create(**{**known, **fields})
    way = {SessionStage.SCHEDULED: [], SessionStage.ENTERED_IN_ERROR: [SessionStage.HELD, stage]}.get(stage, [stage])
    for origin, target in zip(["", SessionStage.SCHEDULED, *way], [SessionStage.SCHEDULED, *way], strict=False):
        SessionMove.objects.create(
            session=made,
            verb="test",
            rule="F9",
            from_stage=origin,
            to_stage=target,
            effective_at=starts_at,
            actor_kind="system",
        )
    state = {SessionStage.SCHEDULED: AttendanceState.EXPECTED, SessionStage.HELD: AttendanceState.ATTENDED}
    for each in clients:
        attendance(made, each, state=state.get(stage, AttendanceState.CANCELLED))
    return made


def attendance(
    session: Session,
    client: Client,
    *,
    state: AttendanceState = AttendanceState.EXPECTED,
    minutes: int | None = None,
    enrollment_id: UUID | None = None,
    episode_id: UUID | None = None,
) -> Attendance:
    """Return one client's part in a session; who came spent its whole length there unless told."""
    came = state in CAME
    whole = int((session.ends_at - session.starts_at).total_seconds()) // 60
    made = Attendance.objects.create(
        session=session,
        client=client,
        episode_id=episode_id,
        enrollment_id=enrollment_id,
        state=state,
        minutes=(minutes or whole) if came else 0,
        cancelled_by=CancelledBy.PROVIDER if state == AttendanceState.CANCELLED else "",
        starts_at=session.starts_at,
    )
    if state != AttendanceState.EXPECTED:
        AttendanceMove.objects.create(
            attendance=made,
            from_state=AttendanceState.EXPECTED,
            to_state=state,
            minutes=made.minutes,
            cancelled_by=made.cancelled_by,
            actor_kind="system",
        )
    return made

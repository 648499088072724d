"""A client says that they will come. A door for machines of ours that read what clients text."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Conflict
from casemgmt.kernel.events import Event
from casemgmt.kernel.events import topic as register_topic
from casemgmt.outbox.emit import emit
from casemgmt.sessions.models import Attendance

CONFIRMED = register_topic("attendance.confirmed")


@transaction.atomic
def confirm_attendance(*, attendance_id: UUID, starts_at: datetime, actor: Actor) -> Attendance:
    """Note that a client said yes to a session at `starts_at` (aware UTC). Saying it twice is saying it once.

    A session that is moved afterwards is no longer confirmed. Raises NotVisible, Conflict `session_closed` (over,
    called off, or at another time by now).
    """
    attendance = Attendance.objects.visible_to(actor).lock(attendance_id)
    at = clock.now()
    if starts_at <= at or not Attendance.objects.stands(attendance_id, starts_at):
        raise Conflict("The session is not to come at this time.", code="session_closed")
    if not attendance.confirmed:
        attendance.confirmed_for = starts_at
        attendance.save_changes("confirmed_for", at=at)
        organization_id = attendance.session.organization_id
        emit(Event(CONFIRMED, attendance.id, attendance.client_id, organization_id, {}), actor=actor)
    return attendance

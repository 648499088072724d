"""Reminding clients of sessions, and hearing that they come (rules.md §9, SMS-33). A reminder says date and time only.

Nothing in it tells with whom, where, why, or who else comes (SMS-41, F9).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q
from django.utils.formats import date_format

from casemgmt.clients.models import ContactKind, ContactPoint
from casemgmt.kernel import clock
from casemgmt.kernel.errors import Conflict
from casemgmt.kernel.wall import acting_as
from casemgmt.policies.catalog import NUMBERS
from casemgmt.policies.models import PolicySetting
from casemgmt.sessions.models import Attendance, Session
from casemgmt.sessions.querysets import AttendanceQuerySet
from casemgmt.sessions.services.confirming import confirm_attendance
from notifications import gate
from notifications.models import (
    CheckIn,
    CheckInStatus,
    InboundText,
    Message,
    MessageKind,
    MessageStatus,
    TextingConsent,
    TextingState,
    Understood,
)
from notifications.wording import Key

from .calling_off import REVIVABLE
from .composing import Draft, day_told, row_of
from .occurrences import zone_of
from .settling import TEXTING

AHEAD = timedelta(hours=1)  # a reminder is written this long before it is due: the number is chosen late
BATCH = 200
NUMBER = "appointment_reminder_hours"
MOVED, CALLED_OFF = "appointment_moved", "appointment_cancelled"
CONFIRMED_WITHIN = timedelta(hours=72)
YES = frozenset({"c", "confirm", "confirmed", "yes", "y", "si", "confirmo", "1"})
ONE = "1"  # an answer to a check-in, too: the newest text decides


def remind(*, keep_on: Callable[[], bool] = lambda: True) -> int:
    """Write the reminders that are due within the hour; return how many."""
    written = 0
    while keep_on():
        count = write_reminders()
        written += count
        if count < BATCH:
            break
    return written


@acting_as(TEXTING)
def write_reminders() -> int:
    """Write up to BATCH reminders; what is written already, for the same time, is not written again."""
    at = clock.now()
    hours = _hours_by_organization()
    coming = _due(at, hours).select_related("client", "session__organization").order_by("starts_at", "id")
    found = list(coming[:BATCH])
    points = _numbers([each.client_id for each in found])
    rows = [_message(each, points[each.client_id], hours) for each in found if each.client_id in points]
    Message.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _due(at: datetime, hours: dict[UUID, int]) -> AttendanceQuerySet:
    """Return parts in sessions whose reminder is due within the hour, or was due so lately that it may still go."""
    usual = NUMBERS[NUMBER].default
    due = _window(at, usual) & ~Q(session__organization__in=[*hours])
    for value in set(hours.values()) - {0}:
        due |= _window(at, value) & Q(session__organization__in=[each for each in hours if hours[each] == value])
    live = ContactPoint.objects.live().filter(kind=ContactKind.PHONE, preferred=True, client=OuterRef("client_id"))
    agreed = TextingConsent.objects.filter(
        contact_point__in=live.values("pk"), state=TextingState.OPTED_IN, client=OuterRef("client_id")
    )
    told = Message.objects.filter(attendance=OuterRef("pk"), appointment_at=OuterRef("starts_at"))
    final = told.exclude(status=MessageStatus.CANCELLED, reason__in=(MOVED, CALLED_OFF, *REVIVABLE))
    expected = Attendance.objects.filter(due, state="expected", session__stage="scheduled")
    return expected.filter(Exists(agreed), ~Exists(final))


def _window(at: datetime, hours: int) -> Q:
    first = at + timedelta(hours=hours) - gate.DEFER_APPOINTMENT_AT_MOST
    return Q(starts_at__gt=max(first, at + AHEAD), starts_at__lte=at + timedelta(hours=hours) + AHEAD)


def _hours_by_organization() -> dict[UUID, int]:
    """Return how long before a session those organizations remind that ever said so themselves."""
    rows = PolicySetting.objects.filter(name=NUMBER).order_by("organization_id", "-seq").distinct("organization_id")
    return dict(rows.values_list("organization_id", "value"))


def _numbers(client_ids: Sequence[UUID]) -> dict[UUID, ContactPoint]:
    points = ContactPoint.objects.live().filter(client__in=set(client_ids), kind=ContactKind.PHONE, preferred=True)
    return {point.client_id: point for point in points.select_related("client")}


def _message(attendance: Attendance, point: ContactPoint, hours: dict[UUID, int]) -> Message:
    session = attendance.session
    before = hours.get(session.organization_id, NUMBERS[NUMBER].default)
    due_at = attendance.starts_at - timedelta(hours=before)
    draft = Draft(
        kind=MessageKind.APPOINTMENT,
        key=Key.APPOINTMENT,
        point=point,
        organization_id=session.organization_id,
        due_at=due_at,
        not_after=min(due_at + gate.DEFER_APPOINTMENT_AT_MOST, attendance.starts_at),
    )
    row = row_of(draft)
    row.attendance, row.appointment_at = attendance, attendance.starts_at
    zone = zone_of(attendance.client, preferred=session.timezone) or ZoneInfo(session.timezone)
    local = attendance.starts_at.astimezone(zone)
    row.params = {"date": day_told(local, row.language), "time": date_format(local, "g:i A")}
    return row


def follow_part(attendance_id: UUID, *, at: datetime) -> None:
    """Take back the waiting reminder of a part that is no longer expected. Inner, in the transaction that said so."""
    if not Attendance.objects.filter(pk=attendance_id, state="expected").exists():
        _take_back(Q(attendance=attendance_id), reason=CALLED_OFF, at=at)


def follow_session(session: Session, *, at: datetime) -> None:
    """Take back the waiting reminders of a session's former time. Inner, in the transaction that moved it."""
    former = Q(attendance__session=session) & ~Q(appointment_at=session.starts_at)
    _take_back(former, reason=MOVED, at=at)


def _take_back(which: Q, *, reason: str, at: datetime) -> None:
    waiting = Message.objects.pending().filter(which, kind=MessageKind.APPOINTMENT)
    waiting.update(status=MessageStatus.CANCELLED, reason=reason, updated_at=at)


def confirm_by_reply(text: InboundText, *, said: str, at: datetime) -> bool:
    """Confirm the session that the client was last reminded of, if that is what a text says; return whether it was.

    `said` is the normalized text. A bare 1 answers whatever was texted last, a check-in or a reminder (CHK-04).
    """
    if said not in YES or text.client_id is None or text.contact_point_id is None:
        return False
    sent = Message.objects.filter(contact_point=text.contact_point_id, kind=MessageKind.APPOINTMENT)
    recent = sent.filter(sent_at__gte=at - CONFIRMED_WITHIN, appointment_at__gt=at)
    reminder = recent.order_by("-sent_at", "-id").first()
    if reminder is None or reminder.attendance_id is None or reminder.appointment_at is None:
        return False
    if said == ONE and _asked_since(text, since=reminder.sent_at):
        return False
    try:
        starts_at = reminder.appointment_at
        confirm_attendance(attendance_id=reminder.attendance_id, starts_at=starts_at, actor=TEXTING)
    except Conflict:  # moved or called off since: a person reads what the client wrote
        return False
    InboundText.objects.filter(pk=text.pk).update(understood_as=Understood.ANSWER)
    return True


def _asked_since(text: InboundText, *, since: datetime | None) -> bool:
    """Say whether a check-in that is still open was asked, or asked once more, after a moment."""
    asked = CheckIn.objects.filter(client=text.client_id, status=CheckInStatus.ASKED)
    return asked.filter(
        Q(asked_at__gt=since) | Q(messages__kind=MessageKind.REMINDER, messages__sent_at__gt=since)
    ).exists()

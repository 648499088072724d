"""Asking once more when a check-in stayed unanswered for a day (rules.md §10). Then silence is silence (CHK-06).

A reminder gives way to everything else that a client is to hear of us: another check-in, a session, the caps of the
week (SMS-05). The gate is asked about it as about every text that nobody asked for.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from casemgmt.clients.models import ContactKind, ContactPoint
from casemgmt.kernel import clock
from casemgmt.kernel.wall import acting_as
from casemgmt.sessions.models import Attendance
from notifications import gate
from notifications.models import CheckIn, CheckInStatus, Message, MessageKind, MessageStatus
from notifications.wording import Key

from .composing import Draft, row_of
from .gate_facts import CAPPED
from .occurrences import zone_of
from .settling import TEXTING
from .silences import last_heard

BATCH = 200
SOON = timedelta(hours=48)
_COMING = (CheckInStatus.PLANNED, CheckInStatus.SCHEDULED, CheckInStatus.ASKED)


def patience() -> timedelta:
    """Return how long a text waits for its answer: before the reminder, and again after it (CHECKIN_REPLY_HOURS)."""
    return timedelta(hours=settings.CHECKIN_REPLY_HOURS)


@acting_as(TEXTING)
def remind_unanswered() -> tuple[int, int]:
    """Decide about up to BATCH check-ins unanswered for a day; return how many were seen and reminders written.

    Each is decided once: what gave way then is not taken up again.
    """
    at = clock.now()
    unanswered = CheckIn.objects.unreminded(at - patience())
    later = CheckIn.objects.filter(client=OuterRef("client"), status__in=_COMING, due_at__gt=OuterRef("asked_at"))
    visits = Attendance.objects.filter(client=OuterRef("client"), state="expected", starts_at__gt=at)
    seen = unanswered.claim(BATCH)
    if not seen:
        return 0, 0
    busy = Exists(later.filter(due_at__lt=at + SOON)) | Exists(visits.filter(starts_at__lt=at + SOON))
    free = set(CheckIn.objects.filter(~busy, pk__in=[row.pk for row in seen]).values_list("pk", flat=True))
    wanted = [row for row in seen if row.pk in free and _in_time(row, at) and _silent(row) and _in_caps(row, at=at)]
    points = _numbers(row.client_id for row in wanted)
    drafts = [row_of(_draft(row, points[row.client_id])) for row in wanted if row.client_id in points]
    Message.objects.bulk_create(drafts, ignore_conflicts=True)
    CheckIn.objects.filter(pk__in=[row.pk for row in seen]).update(reminder_decided_at=at)
    return len(seen), len(drafts)


def awaited(at: datetime) -> Exists:
    """Return whether a check-in still waits for its reminder to go, or for the answer to it."""
    reminders = Message.objects.filter(check_in=OuterRef("pk"), kind=MessageKind.REMINDER)
    on_its_way = Q(status__in=[MessageStatus.PENDING, MessageStatus.SENDING, MessageStatus.UNKNOWN])
    return Exists(reminders.filter(on_its_way | Q(sent_at__gte=at - patience())))


def _in_time(check_in: CheckIn, at: datetime) -> bool:
    assert check_in.asked_at is not None, "it was asked"
    return at <= check_in.asked_at + patience() + gate.DEFER_REMINDER_AT_MOST


def _silent(check_in: CheckIn) -> bool:
    """Say whether the client was not heard of since: no text, no meeting, no call that reached them."""
    heard, asked_at = last_heard(check_in.plan.episode), check_in.asked_at
    return heard is None or asked_at is None or heard < asked_at


def _in_caps(check_in: CheckIn, *, at: datetime) -> bool:
    """Say whether the week has room for one text more than went out and is to go out, by the client's calendar."""
    zone = zone_of(check_in.client, preferred=check_in.plan.organization.timezone) or ZoneInfo("UTC")
    monday = at.astimezone(zone).date() - timedelta(days=at.astimezone(zone).weekday())
    first, last = (datetime.combine(monday + timedelta(days=days), time(), zone).astimezone(UTC) for days in (0, 7))
    texts = Message.objects.filter(client=check_in.client_id, kind__in=CAPPED)
    went = texts.filter(Q(sent_at__gte=first) | Q(sent_at__isnull=True, status=MessageStatus.UNKNOWN)).count()
    check_ins = CheckIn.objects.filter(client=check_in.client_id, due_at__lt=last).under_way().count()
    visits = Attendance.objects.filter(client=check_in.client_id, state="expected", starts_at__gt=at)
    coming = check_ins + visits.filter(starts_at__lt=last + timedelta(days=1)).count()
    return went + coming < settings.SMS_MAX_PER_WEEK


def _numbers(client_ids: Iterable[UUID]) -> dict[UUID, ContactPoint]:
    points = ContactPoint.objects.live().filter(client__in=set(client_ids), kind=ContactKind.PHONE, preferred=True)
    return {point.client_id: point for point in points.select_related("client")}


def _draft(check_in: CheckIn, point: ContactPoint) -> Draft:
    assert check_in.asked_at is not None, "it was asked"
    due_at = check_in.asked_at + patience()
    return Draft(
        kind=MessageKind.REMINDER,
        key=Key.REMINDER,
        point=point,
        organization_id=check_in.plan.organization_id,
        due_at=due_at,
        not_after=due_at + gate.DEFER_REMINDER_AT_MOST,
        check_in=check_in,
    )

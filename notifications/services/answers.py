"""What people get to do about a text: the answer to a check-in, a call for help, something to read. Inner."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Coalesce

from casemgmt.accounts.roles import Role
from casemgmt.calendars.rules import moment_after, next_opening
from casemgmt.calendars.services import calendar_of
from casemgmt.care_team.models import CareTeamMember
from casemgmt.clients.models import ContactPoint
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.events import Event
from casemgmt.kernel.events import topic as register_topic
from casemgmt.outbox.emit import emit
from casemgmt.safety.lexicon import VERSION as CRISIS_VERSION
from casemgmt.safety.models import RiskAlert
from casemgmt.safety.services.raising import NewAlert, raise_alert
from casemgmt.safety.words import Severity, Source, What
from casemgmt.worklist.models import ItemKind, Priority, WorkItem
from casemgmt.worklist.services import NewItem, close_items, open_item
from notifications.models import CheckIn, CheckInStatus, InboundText, Message, MessageKind, MessageStatus
from notifications.models.check_in import ANSWERABLE

from .business_days import end_of_next_business_day
from .settling import UNCONFIRMED

ANSWERED = register_topic("check_in.answered")
SENDER = Actor.system("inbound-text")

SO_SO, CALL_ME = 2, 3
CALL_WITHIN = timedelta(hours=4)  # CHK-07: of business time
CALL_ME_TWICE_WITHIN = timedelta(hours=24)  # SMS-61


def note_answer(text: InboundText, answer: int, *, at: datetime) -> bool:
    """Match an answer with the newest open check-in of its number (CHK-04) and give people what follows (CHK-05).

    A wish to be called stands whether or not a check-in is open; any other answer without one goes to a person.
    Returns True when somebody will get in touch, but nobody is at work at this hour (CHK-07).
    """
    check_in = _open_check_in(text, at=at) if text.client_id else None
    if check_in is not None:
        _close(check_in, answer, at=at)
        InboundText.objects.filter(pk=text.pk).update(check_in=check_in)
        payload = {"answer": answer}
        emit(Event(ANSWERED, check_in.id, text.client_id, text.organization_id, payload), actor=SENDER)
    if answer == CALL_ME:
        _notice_repeat(text, at=at)
        return _get_in_touch(text, ItemKind.REPLY_CALL_ME, priority=Priority.TODAY, at=at)
    if check_in is None:
        let_somebody_read(text, at=at)
    elif answer == SO_SO:
        return _get_in_touch(text, ItemKind.REPLY_SO_SO, priority=Priority.NORMAL, at=at)
    return False


def _get_in_touch(text: InboundText, kind: ItemKind, *, priority: Priority, at: datetime) -> bool:
    """Let somebody call within four business hours; True when they are not at work now (CHK-07)."""
    if text.organization_id is None:
        return False
    calendar = calendar_of(text.organization_id)
    _give(text, kind, due_at=moment_after(calendar, at, CALL_WITHIN), priority=priority, role=_caller(text))
    return next_opening(calendar, at) > at


def _caller(text: InboundText) -> Role:
    """Return whose call it is: a clinician's under a high alert, else a peer's of the team or a case manager's.

    What is a peer's to do, a case manager may do as well (CHK-07).
    """
    if text.client_id is None or text.organization_id is None:
        return Role.CASE_MANAGER
    alerts = RiskAlert.objects.unclosed().of(client_id=text.client_id, organization_id=text.organization_id)
    if alerts.filter(severity__in=(Severity.HIGH, Severity.CRITICAL)).exists():
        return Role.THERAPIST
    team = CareTeamMember.objects.serving().of_client(text.client_id, organization_id=text.organization_id)
    return Role.PEER_SPECIALIST if team.filter(role=Role.PEER_SPECIALIST).exists() else Role.CASE_MANAGER


def call_for_help(text: InboundText, *, term: str, call_only: bool, at: datetime) -> None:
    """Call a clinician now and raise a critical alert, whose ladder climbs until somebody answers (SMS-62).

    `term` is the lexicon's name of what matched, never the text; `call_only` says that no text of ours gets through
    (SMS-63). Until the alert is closed no automated text goes to the client.
    """
    _give(text, ItemKind.REPLY_CRISIS, due_at=at, priority=Priority.NOW, role=Role.THERAPIST)
    _worry(text, What.CRISIS_TEXT, Severity.CRITICAL, term=term, call_only=call_only, at=at)


def _worry(
    text: InboundText, what: What, severity: Severity, *, at: datetime, term: str = "", call_only: bool = False
) -> None:
    """Raise an alert for a text; a text that no organization handles has nobody to ask."""
    if text.organization_id is None:
        return
    new = NewAlert(
        client_id=text.client_id,
        organization_id=text.organization_id,
        severity=severity,
        source=Source.TEXT,
        what=what,
        source_id=text.id,
        lexicon_version=CRISIS_VERSION if term else "",
        term=term,
        call_only=call_only,
    )
    raise_alert(new, at=at, actor=SENDER)


def let_somebody_read(text: InboundText, *, at: datetime) -> None:
    """Put a text on the worklist for the next office day (CHK-05)."""
    if text.organization_id is not None:
        due_at = end_of_next_business_day(text.organization_id, at=at)
        _give(text, ItemKind.REPLY_UNPARSED, due_at=due_at, priority=Priority.NORMAL)


def ask_for_number(point: ContactPoint, *, at: datetime) -> None:
    """Let the client's own organization find the right number: this one is a stranger's (SMS-03)."""
    item = NewItem(
        organization_id=point.client.organization_id,
        client_id=point.client_id,
        kind=ItemKind.NUMBER_INVALID,
        due_at=end_of_next_business_day(point.client.organization_id, at=at),
        source_type="contact_point",
        source_id=point.id,
    )
    open_item(item, actor=SENDER)


def _notice_repeat(text: InboundText, *, at: datetime) -> None:
    """Raise a high alert when a client asks to be called a second time within a day (SMS-61)."""
    asked = WorkItem.objects.filter(client_id=text.client_id, kind=ItemKind.REPLY_CALL_ME)
    before = asked.filter(created_at__gt=at - CALL_ME_TWICE_WITHIN, organization_id=text.organization_id)
    if text.client_id is None or text.organization_id is None or not before.exclude(source_id=text.id).exists():
        return
    standing = RiskAlert.objects.unclosed().of(client_id=text.client_id, organization_id=text.organization_id)
    if not standing.filter(what=What.CALL_ME_TWICE).exists():  # a third time is the same worry
        _worry(text, What.CALL_ME_TWICE, Severity.HIGH, at=at)


def _open_check_in(text: InboundText, *, at: datetime) -> CheckIn | None:
    """Return the newest check-in that was texted to this number within the time of CHK-04 and is open, locked."""
    oldest = at - timedelta(hours=settings.CHECKIN_MATCH_HOURS)
    texted = Message.objects.filter(check_in=OuterRef("pk"), contact_point=text.contact_point_id, attempts__gt=0)
    asked = CheckIn.objects.filter(Exists(texted), client=text.client, status__in=ANSWERABLE)
    recent = asked.annotate(asked_or_due=Coalesce("asked_at", "due_at")).filter(asked_or_due__gte=oldest)
    return recent.order_by("-asked_or_due", "-id").hold_first()


def _close(check_in: CheckIn, answer: int, *, at: datetime) -> None:
    check_in.status, check_in.answer, check_in.reason, check_in.ended_at = CheckInStatus.ANSWERED, answer, "reply", at
    check_in.save(update_fields=["status", "answer", "reason", "ended_at"])
    reminders = Message.objects.pending().filter(check_in=check_in, kind=MessageKind.REMINDER)
    reminders.update(status=MessageStatus.CANCELLED, reason="answered", updated_at=at)
    # An answer proves that the text arrived, whatever else we know of it; it must not go out again.
    doubtful = Q(status=MessageStatus.UNKNOWN) | Q(status=MessageStatus.PENDING, resend_count__gt=0)
    doubtful |= Q(status=MessageStatus.FAILED, reason=UNCONFIRMED)
    for message in Message.objects.filter(doubtful, check_in=check_in).hold():
        Message.objects.filter(pk=message.pk).update(
            status=MessageStatus.SENT, reason="answered", sent_at=at, lease_until=None, updated_at=at
        )
        kinds = (ItemKind.MESSAGE_UNCONFIRMED,)
        close_items(source_id=message.pk, kinds=kinds, outcome="settled", at=at, actor=SENDER)


def _give(text: InboundText, kind: ItemKind, *, due_at: datetime, priority: Priority, role: Role | None = None) -> None:
    if text.organization_id is None:
        return
    item = NewItem(
        organization_id=text.organization_id,
        client_id=text.client_id,
        kind=kind,
        due_at=due_at,
        source_type="inbound_text",
        source_id=text.id,
        priority=priority,
        role=role or Role.CASE_MANAGER,
    )
    open_item(item, actor=SENDER)

"""What follows when a message moves: its row, its check-in, the work that a person gets. Inner: called inside doors.

The caller holds the message's row lock. A check-in that was answered stays answered, whatever the carrier says later.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from casemgmt.clients.models import ContactStatus
from casemgmt.clients.services import mark_contact_point
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.transactions import require_atomic
from casemgmt.worklist.models import ItemKind
from casemgmt.worklist.office_hours import end_of_next_office_day
from casemgmt.worklist.services import NewItem, close_items, open_item
from notifications.carrier_codes import Consequence, consequence
from notifications.gate import TEMPLATE_NOT_APPROVED
from notifications.models import (
    AttemptOutcome,
    CheckIn,
    CheckInStatus,
    Conversation,
    Message,
    MessageKind,
    MessageStatus,
    Outcome,
)
from notifications.wording import linter

TEXTING = Actor.system("texting")

UNCONFIRMED = "unconfirmed"
ATTEMPTS_SPENT = "attempts"
UNWORDED = "wording_incomplete"
DOUBT_LASTS = timedelta(days=7)
CARRIER = "carrier_"  # followed by the carrier's code

# Refusals of the gate that only a person can put right.
_TO_PUT_RIGHT = frozenset({TEMPLATE_NOT_APPROVED, linter.PHI, linter.LINK, linter.TOO_LONG, "sms_timezone_unknown"})
# Refusals of a request for consent after which nobody needs to ask again.
_SETTLED_OTHERWISE = frozenset({"sms_opted_out", "sms_opt_in_already_requested", "client_deceased"})
# Ends after which the number, not the text, is what a person has to see to.
_OTHER_WORK = frozenset({Consequence.STOP_TEXTS, Consequence.NUMBER_INVALID, Consequence.NOT_MOBILE})
_UNDER_WAY = (CheckInStatus.PLANNED, CheckInStatus.SCHEDULED, CheckInStatus.ASKED, CheckInStatus.FAILED)
_ENDS = {
    MessageStatus.CANCELLED: CheckInStatus.CANCELLED,
    MessageStatus.EXPIRED: CheckInStatus.EXPIRED,
    MessageStatus.FAILED: CheckInStatus.FAILED,
    MessageStatus.UNDELIVERED: CheckInStatus.FAILED,
}


def note_outcome(attempt_id: UUID, outcome: Outcome, *, code: str = "", provider_id: str = "") -> None:
    """Add a row to what is known of a try."""
    AttemptOutcome.objects.create(attempt_id=attempt_id, outcome=outcome, code=code[:48], provider_id=provider_id)


def taken(message: Message, *, status: str, provider_id: str, at: datetime) -> None:
    """The carrier has the text: sent or delivered. The check-in counts as asked, and open questions are settled."""
    require_atomic()
    had_ended = message.status in _ENDS
    message.status = status
    message.reason = ""
    message.provider_id = message.provider_id or provider_id or None
    message.sent_at = message.sent_at or at
    _save(message, at=at)
    Conversation.objects.touch(client_id=message.client_id, contact_point_id=message.contact_point_id, at=at)
    if message.check_in_id and message.kind == MessageKind.CHECK_IN:
        CheckIn.objects.filter(pk=message.check_in_id, status__in=_UNDER_WAY).update(
            status=CheckInStatus.ASKED, reason="", ended_at=None, asked_at=message.sent_at
        )
    if not had_ended:  # nobody was given work about it
        return
    kinds = (ItemKind.MESSAGE_UNCONFIRMED, ItemKind.MESSAGE_FAILED)
    close_items(source_id=message.id, kinds=kinds, outcome="settled", at=at, actor=TEXTING)


def put_back(message: Message, *, due_at: datetime, at: datetime, counted: bool = True) -> None:
    """Nothing left us: wait until `due_at`. A try that was no try (`counted=False`) is given back."""
    require_atomic()
    message.status = MessageStatus.PENDING
    message.due_at = due_at
    message.attempts -= 0 if counted else 1
    _save(message, at=at)


def take_back(message: Message, *, due_at: datetime, at: datetime) -> None:
    """The carrier took it and could not deliver it: hand it over once more at `due_at` (SMS-72).

    What may still be heard of the first try no longer names this message; its try says that it came to nothing.
    """
    require_atomic()
    message.resend_count += 1
    message.provider_id, message.sent_at = None, None
    put_back(message, due_at=due_at, at=at)


def lose_sight(message: Message, *, until: datetime, at: datetime) -> None:
    """Nobody knows whether the carrier took it: look for evidence at `until`, not before."""
    require_atomic()
    message.status = MessageStatus.UNKNOWN
    message.lease_until = until
    message.updated_at = at
    message.save(update_fields=["status", "lease_until", "updated_at"])


def end(message: Message, status: MessageStatus, *, reason: str, at: datetime) -> None:
    """End a message for a reason, its check-in with it, and tell a person what a person must know (reliability 4.1)."""
    require_atomic()
    message.status = status
    message.reason = reason[:48]
    _save(message, at=at)
    if message.check_in_id and message.kind == MessageKind.CHECK_IN:
        CheckIn.objects.filter(pk=message.check_in_id, status__in=_UNDER_WAY).update(
            status=_ENDS[status], reason=message.reason, ended_at=at
        )
    kind = _work_of(message)
    if kind is not None:
        give_work(message, kind, source_type="message", source_id=message.id, at=at)


def learn_of_number(message: Message, code: str, *, at: datetime) -> None:
    """Note what an error code says of the number itself (SMS-72)."""
    require_atomic()
    learned = {
        Consequence.NUMBER_INVALID: ContactStatus.INVALID,
        Consequence.NOT_MOBILE: ContactStatus.NOT_MOBILE,
        Consequence.NUMBER_IN_DOUBT: ContactStatus.INVALID if _unknown_before(message, code, at=at) else None,
    }.get(consequence(code))
    if learned is None:
        return
    point_id = message.contact_point_id
    mark_contact_point(contact_point_id=point_id, status=learned)
    give_work(message, ItemKind.NUMBER_INVALID, source_type="contact_point", source_id=point_id, at=at)


def _unknown_before(message: Message, code: str, *, at: datetime) -> bool:
    """Say whether another text to this number ended with the same code within a week."""
    others = Message.objects.filter(contact_point_id=message.contact_point_id, reason=f"{CARRIER}{code}")
    return others.exclude(pk=message.pk).filter(updated_at__gte=at - DOUBT_LASTS).exists()


def give_work(message: Message, kind: ItemKind, *, source_type: str, source_id: UUID, at: datetime) -> None:
    """Put something about a message on its organization's worklist, due by the end of the next office day."""
    item = NewItem(
        organization_id=message.organization_id,
        client_id=message.client_id,
        kind=kind,
        due_at=end_of_next_office_day(at, zone=message.organization.timezone),
        source_type=source_type,
        source_id=source_id,
    )
    open_item(item, actor=TEXTING)


def _work_of(message: Message) -> ItemKind | None:
    if message.status == MessageStatus.CANCELLED:
        never_asked = (
            message.kind in (MessageKind.OPT_IN_REQUEST, MessageKind.STAFF) and message.reason not in _SETTLED_OTHERWISE
        )
        return ItemKind.MESSAGE_FAILED if never_asked or message.reason in _TO_PUT_RIGHT else None
    if message.reason == UNCONFIRMED:
        return ItemKind.MESSAGE_UNCONFIRMED
    if message.status == MessageStatus.EXPIRED and message.kind == MessageKind.CHECK_IN:
        return ItemKind.CHECK_IN_EXPIRED
    if message.status == MessageStatus.EXPIRED and message.kind == MessageKind.STAFF:
        return ItemKind.MESSAGE_FAILED
    follows = consequence(message.reason.removeprefix(CARRIER))
    return None if follows in _OTHER_WORK else ItemKind.MESSAGE_FAILED


def _save(message: Message, *, at: datetime) -> None:
    message.lease_until = None
    message.updated_at = at
    message.save(
        update_fields=[
            "status",
            "reason",
            "due_at",
            "attempts",
            "resend_count",
            "lease_until",
            "provider_id",
            "template_version",
            "sent_at",
            "updated_at",
        ]
    )

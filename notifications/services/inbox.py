"""Working through what the carrier told us: one receipt per transaction, texts of people before statuses.

A receipt that cannot be worked through waits and is tried again; a status gives up after eight tries, a text of a
person never does.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import OperationalError, connection, transaction

from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.wall import acting_as
from notifications.carrier_codes import STATUSES, moves_forward
from notifications.models import Attempt, AttemptOutcome, Message, MessageStatus, Outcome, Receipt, ReceiptKind
from notifications.querysets import wait_for_senders

from . import outcomes, replies, settling

CARRIER = Actor.system("texting-inbox")
MOST_ATTEMPTS = 8
LONGEST_WAIT = timedelta(minutes=1)
A_MOMENT = timedelta(seconds=2)

log = logging.getLogger(__name__)


class NotYet(Exception):
    """A sender holds the message at this moment: the receipt comes too early."""


def process_inbox(*, limit: int = 200, keep_on: Callable[[], bool] = lambda: True) -> int:
    """Work through up to `limit` receipts while `keep_on()`; return how many were worked through.

    Safe in any number of copies. STOP is never behind a status, and takes effect in its own transaction (SMS-22).
    """
    done = 0
    for _ in range(limit):
        if not keep_on():
            break
        worked = _process_one()
        if worked is None:
            break
        count, after = worked
        done += count
        after()
    return done


@acting_as(CARRIER)
def _process_one() -> tuple[int, outcomes.After] | None:
    wait_for_senders()
    receipt = Receipt.objects.all().next_waiting()
    if receipt is None:
        return None
    at = clock.now()
    try:
        with transaction.atomic():
            note, after = _work_through(receipt, at=at)
    except NotYet:
        Receipt.objects.filter(pk=receipt.pk).update(due_at=at + A_MOMENT)
        return 0, outcomes.nothing
    except Exception as error:  # a poisoned receipt must not block the others (F20)
        if isinstance(error, OperationalError) and not connection.is_usable():
            raise
        _postpone(receipt, error, at=at)
        return 0, outcomes.nothing
    receipt.processed_at, receipt.payload, receipt.note = at, {}, note
    receipt.save(update_fields=["processed_at", "payload", "note"])
    return 1, after


def _work_through(receipt: Receipt, *, at: datetime) -> tuple[str, outcomes.After]:
    if receipt.kind == ReceiptKind.INBOUND:
        replies.take_in(receipt, at=at)
        return "", outcomes.nothing
    return _take_status(receipt, at=at)


def _take_status(receipt: Receipt, *, at: datetime) -> tuple[str, outcomes.After]:
    """Move a message as a status callback says, only forward; return what was odd about it, and what is left to do."""
    payload = receipt.payload
    attempt = Attempt.objects.filter(pk__in=[receipt.attempt_id]).first()
    status = STATUSES.get(str(payload.get("status", "")))
    if attempt is None or status is None:
        return ("unknown_attempt" if attempt is None else "unknown_status"), outcomes.nothing
    provider_id = str(payload.get("provider_id", ""))
    known = AttemptOutcome.objects.filter(attempt=attempt).exclude(provider_id="").values_list("provider_id", flat=True)
    if known and provider_id not in known:
        return "other_provider_id", outcomes.nothing
    if status == MessageStatus.SENT and attempt.outcomes.filter(outcome=Outcome.REJECTED).exists():
        return "came_after_its_end", outcomes.nothing  # taken back meanwhile (SMS-72)
    message = Message.objects.all().unheld(attempt.message_id)
    if message is None:
        raise NotYet
    if not moves_forward(message.status, status):
        return _oddity(message, status), outcomes.nothing
    if status in (MessageStatus.SENT, MessageStatus.DELIVERED):
        settling.taken(message, status=status, provider_id=provider_id, at=at)
        return "", outcomes.nothing
    message.provider_id = message.provider_id or provider_id or None
    code = str(payload.get("error_code") or status)
    return "", outcomes.rejected(message, code, at=at, status=MessageStatus(status))


def _oddity(message: Message, status: str) -> str:
    """Name a contradiction: the carrier sent what we called off, or called lost."""
    handed_over = status in (MessageStatus.SENT, MessageStatus.DELIVERED)
    contradicts = message.status in (MessageStatus.CANCELLED, MessageStatus.EXPIRED) and handed_over
    return f"{status}_but_{message.status}" if contradicts else ""


def _postpone(receipt: Receipt, error: Exception, *, at: datetime) -> None:
    receipt.attempts += 1
    receipt.note = type(error).__name__[:64]
    receipt.due_at = at + min(timedelta(seconds=2 ** min(receipt.attempts, 10)), LONGEST_WAIT)
    if receipt.attempts >= MOST_ATTEMPTS and receipt.kind == ReceiptKind.STATUS:
        receipt.dead_at = at
    receipt.save(update_fields=["attempts", "note", "due_at", "dead_at"])
    log.warning("receipt %s of kind %s failed with %s", receipt.pk, receipt.kind, receipt.note)

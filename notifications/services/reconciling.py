"""Finding out what became of texts nobody knows about: leases, evidence, ends (reliability 4.6).

Evidence is a callback for any try of the message (the inbox settles those by itself), else the carrier's own list.
Only its absence after the horizon lets a text be sent again, once, and only while its time lasts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from casemgmt.kernel import clock
from casemgmt.kernel.wall import acting_as
from notifications.carrier_codes import STATUSES
from notifications.gateways import ChannelRefused, Gateway, LookupFailed
from notifications.gateways import Receipt as Found
from notifications.models import Attempt, AttemptOutcome, Message, MessageStatus, Outcome, Receipt
from notifications.models.message import MOST_ATTEMPTS, MOST_RESENDS
from notifications.querysets import true_time

from . import breaker, outcomes, settling

EARLIER = timedelta(seconds=60)  # the carrier's clock and ours may differ by this much
ASK_AGAIN = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Lost:
    """One message of unknown whereabouts, as it was when the carrier was asked about it."""

    message_id: UUID
    attempt_id: UUID
    number: str
    hashes: tuple[str, ...]
    since: datetime


def reconcile(*, gateway: Gateway, limit: int = 50, keep_on: Callable[[], bool] = lambda: True) -> int:
    """Reap what was left behind, end what is too late, and settle up to `limit` unknown messages; return how many."""
    settled = reap() + end_overdue()
    for lost in _lost(limit):
        if not keep_on():
            break
        settled += _settle(lost, gateway=gateway)
    return settled


@acting_as(settling.TEXTING)
def reap() -> int:
    """Mark claimed messages as unknown whose lease ran out and whom no living sender holds (F9, F10)."""
    at = clock.now()
    rows = Message.objects.all().leases_over(MessageStatus.SENDING).hold()
    for message in rows:
        settling.lose_sight(message, until=at + outcomes.horizon(), at=at)
    return len(rows)


@acting_as(settling.TEXTING)
def end_overdue(limit: int = 200) -> int:
    """End waiting messages whose time or whose tries are over (reliability 4.1)."""
    at = clock.now()
    rows = Message.objects.all().overdue()[:limit].hold()
    for message in rows:
        if message.not_after < at:
            settling.end(message, MessageStatus.EXPIRED, reason="sms_too_late", at=at)
        else:
            settling.end(message, MessageStatus.FAILED, reason=settling.ATTEMPTS_SPENT, at=at)
    return len(rows)


@acting_as(settling.TEXTING)
def _lost(limit: int) -> list[Lost]:
    """Return unknown messages whose horizon has passed, but for those with a callback still to be read."""
    found = []
    for message in Message.objects.all().leases_over(MessageStatus.UNKNOWN).select_related("contact_point")[:limit]:
        tries = list(Attempt.objects.filter(message=message).order_by("started_at"))
        if message.attempt_id is None or Receipt.objects.waiting_for([each.id for each in tries]).exists():
            continue
        hashes = tuple(dict.fromkeys(each.body_sha256 for each in tries if each.body_sha256))
        since = true_time(tries[0].started_at) - EARLIER
        found.append(Lost(message.id, message.attempt_id, message.contact_point.value, hashes, since))
    return found


def _settle(lost: Lost, *, gateway: Gateway) -> int:
    """Ask the carrier outside any transaction, then settle the message if it is still as it was.

    A carrier that does not answer senders is not asked either (F12).
    """
    try:
        if breaker.is_open(clock.now()):
            raise LookupFailed(breaker.UNREACHABLE)
        known = [each for hashed in lost.hashes for each in gateway.find(lost.number, lost.since, hashed)]
        complete = True
    except (LookupFailed, ChannelRefused):
        known, complete = [], False
    with acting_as(settling.TEXTING):
        message = Message.objects.all().lost(lost.message_id, attempt_id=lost.attempt_id)
        if message is None:
            return 0
        at = clock.now()
        mine = _not_of_others(known, message)
        if mine is not None:
            _found(message, mine, at=at)
        elif complete or at > message.not_after:
            _not_found(message, at=at)
        else:
            settling.lose_sight(message, until=at + min(ASK_AGAIN, outcomes.horizon()), at=at)
            return 0
    return 1


def _not_of_others(known: list[Found], message: Message) -> Found | None:
    """Return the carrier's text that no other message claims: two people on one number may get equal words."""
    ids = [each.provider_id for each in known]
    taken = set(
        Message.objects.filter(provider_id__in=ids).exclude(pk=message.pk).values_list("provider_id", flat=True)
    )
    theirs = AttemptOutcome.objects.filter(provider_id__in=ids).exclude(attempt__message=message)
    taken |= set(theirs.values_list("provider_id", flat=True))
    return next((each for each in known if each.provider_id not in taken), None)


def _found(message: Message, found: Found, *, at: datetime) -> None:
    assert message.attempt_id is not None, "an unknown message has a try"
    settling.note_outcome(message.attempt_id, Outcome.FOUND, provider_id=found.provider_id)
    status = STATUSES.get(found.status, MessageStatus.SENT)
    if status in (MessageStatus.SENT, MessageStatus.DELIVERED):
        settling.taken(message, status=status, provider_id=found.provider_id, at=at)
        return
    message.provider_id = found.provider_id
    outcomes.rejected(message, found.error_code or found.status, at=at, status=MessageStatus(status))


def _not_found(message: Message, *, at: datetime) -> None:
    """No evidence: send once more while the time lasts, else say honestly that nobody knows."""
    assert message.attempt_id is not None, "an unknown message has a try"
    settling.note_outcome(message.attempt_id, Outcome.NOT_FOUND)
    may_resend = message.resend_count < MOST_RESENDS and message.attempts < MOST_ATTEMPTS and at <= message.not_after
    if may_resend:
        message.resend_count += 1
        settling.put_back(message, due_at=at, at=at)
    else:
        settling.end(message, MessageStatus.FAILED, reason=settling.UNCONFIRMED, at=at)

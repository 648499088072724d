"""Reading what phones wrote from the carrier's own list: for webhooks that never reached us (F18, R9).

The list and the webhooks meet at the receipt's unique key, so each text is taken in once, whichever came first.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.wall import acting_as
from notifications.gateways import ChannelRefused, Gateway, Inbound, LookupFailed
from notifications.models import Channel, Receipt, ReceiptKind
from notifications.querysets import true_time

from .breaker import SMS

POLLER = Actor.system("texting-poll")
OVERLAP = timedelta(minutes=30)  # what is read again: the carrier's list may lag behind its webhooks
AT_FIRST = timedelta(days=1)
LONGEST_BODY = 1600  # SMS-50: the carrier's own limit

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Turn:
    """One look at the list: from when on by the carrier's clock, and when it began by both."""

    since: datetime
    began: datetime
    carrier_is_ahead: timedelta


def poll_inbound(*, gateway: Gateway) -> int:
    """Store as receipts what the carrier has for us and no webhook brought; return how many. Safe in many copies.

    Does nothing until SMS_POLL_SECONDS after the last look of anybody. A look that did not succeed leaves the mark
    where it was. Must not be called inside a transaction.
    """
    turn = _take_turn()
    if turn is None:
        return 0
    try:
        found = gateway.find_inbound(turn.since)
    except (LookupFailed, ChannelRefused) as refusal:
        log.warning("the carrier's list of replies could not be read: %s", type(refusal).__name__)
        return 0
    return _store(found, turn)


@acting_as(POLLER)
def _take_turn() -> Turn | None:
    """Begin a look unless somebody began one lately."""
    at = clock.now()
    Channel.objects.bulk_create([Channel(name=SMS)], ignore_conflicts=True)
    long_ago = Q(polled_at__isnull=True) | Q(polled_at__lte=at - timedelta(seconds=settings.SMS_POLL_SECONDS))
    if not Channel.objects.filter(long_ago, name=SMS).update(polled_at=at):
        return None
    heard_until = Channel.objects.values_list("heard_until", flat=True).get(name=SMS)
    since = heard_until - OVERLAP if heard_until else at - AT_FIRST
    return Turn(true_time(since), at, true_time(at) - at)


@acting_as(POLLER)
def _store(found: list[Inbound], turn: Turn) -> int:
    """Store the texts, the oldest first, and note until when we know of everything."""
    receipts = [_receipt(text, turn) for text in reversed(found)]
    known = set(
        Receipt.objects.filter(dedupe_key__in=[each.dedupe_key for each in receipts]).values_list(
            "dedupe_key", flat=True
        )
    )
    missed = [each for each in receipts if each.dedupe_key not in known]
    Receipt.objects.bulk_create(missed, ignore_conflicts=True)
    Channel.objects.filter(name=SMS).update(heard_until=turn.began)
    if missed:
        log.warning("%d texts to us came by the carrier's list and not by a webhook", len(missed))
    return len(missed)


def _receipt(text: Inbound, turn: Turn) -> Receipt:
    """Return what the webhook would have stored, dated when the phone wrote it."""
    payload = {
        "provider_id": text.provider_id,
        "sender": text.sender,
        "body": text.body.replace("\x00", "\ufffd")[:LONGEST_BODY],
    }
    ours = text.received_at - turn.carrier_is_ahead if text.received_at else turn.began
    return Receipt(
        dedupe_key=f"inbound:{text.provider_id}",
        kind=ReceiptKind.INBOUND,
        payload=payload,
        received_at=min(ours, turn.began),
    )

"""The outcome table (reliability 4.5): from what the gate or the carrier said to where the message stands.

Inner: called inside the sending transaction. Each function returns what is left to do after its commit.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction

from casemgmt.kernel import clock
from notifications import gate
from notifications.carrier_codes import Consequence, consequence
from notifications.gateways import ChannelRefused, NotSent, OutcomeUnknown, Receipt, Rejected
from notifications.models import (
    CaptureChannel,
    CheckIn,
    CheckInStatus,
    ConsentEvent,
    Message,
    MessageKind,
    MessageStatus,
    Outcome,
)
from notifications.models.message import MOST_ATTEMPTS, MOST_RESENDS
from notifications.querysets import wait_for_senders

from . import breaker, settling
from .calling_off import OPTED_OUT
from .settling import CARRIER, TEXTING, note_outcome
from .texting_consent import Said, opt_out_number

After = Callable[[], None]

log = logging.getLogger(__name__)

FIRST_WAIT = timedelta(seconds=15)
LONGEST_WAIT = timedelta(minutes=16)  # eight tries span more than half an hour of outage
CHANNEL_PAUSE = timedelta(minutes=5)
AGAIN = {Consequence.AGAIN_SOON: timedelta(minutes=5), Consequence.AGAIN_LATER: timedelta(hours=1)}  # (SMS-72)
TOO_MANY = frozenset({"20429", "http_429"})  # the carrier answers: more slowly, please


def nothing() -> None:
    """Nothing is left to do."""


def unworded(message: Message, *, at: datetime) -> After:
    """The organization lacks what its texts need: fail, and tell a person."""
    note_outcome(_try_of(message), Outcome.REFUSED_BY_GATE, code=settling.UNWORDED)
    settling.end(message, MessageStatus.FAILED, reason=settling.UNWORDED, at=at)
    return nothing


def by_gate(message: Message, facts: gate.GateFacts) -> After | None:
    """Ask the gate; settle its refusal, or return None when the text may go.

    A check-in that was answered while its message was in doubt must not be asked again.
    """
    if message.check_in is not None and _is_settled(message.check_in, by=message.kind):
        settling.end(message, MessageStatus.CANCELLED, reason="answered", at=facts.at)
        return nothing
    answer = gate.judge(facts)
    if isinstance(answer, gate.Allowed):
        return None
    note_outcome(_try_of(message), Outcome.REFUSED_BY_GATE, code=answer.code)
    if isinstance(answer, gate.Deferred):
        settling.put_back(message, due_at=answer.until, at=facts.at, counted=False)
    elif isinstance(answer, gate.Expired):
        settling.end(message, MessageStatus.EXPIRED, reason=answer.code, at=facts.at)
    else:
        settling.end(message, MessageStatus.CANCELLED, reason=answer.code, at=facts.at)
    return nothing


def _is_settled(check_in: CheckIn, *, by: str) -> bool:
    """Say whether a check-in needs no text any more; a reminder of one, when it is anything but unanswered."""
    if by == MessageKind.REMINDER:
        return check_in.status != CheckInStatus.ASKED
    return check_in.status == CheckInStatus.ANSWERED


def of_call(message: Message, call: Callable[[], Receipt], *, at: datetime, counted: bool = True) -> After:
    """Call the carrier and settle what came of it; what the gateway's protocol does not name comes out as raised.

    `counted`: whether a call that nothing came of costs the message one of its tries.
    """
    attempt_id = _try_of(message)
    try:
        receipt = call()
    except NotSent as refusal:
        note_outcome(attempt_id, Outcome.NOT_SENT, code=refusal.reason)
        if refusal.reason in TOO_MANY:
            breaker.answered(message, at=at)
        else:
            breaker.silent(message, at=at, probe=not counted)
        return _try_again(message, at=at, retry_after=refusal.retry_after, counted=counted)
    except Rejected as refusal:
        note_outcome(attempt_id, Outcome.REJECTED, code=refusal.code)
        breaker.answered(message, at=at)
        return rejected(message, refusal.code, at=at) if refusal.permanent else _try_again(message, at=at)
    except ChannelRefused as refusal:
        note_outcome(attempt_id, Outcome.CHANNEL_REFUSED, code=refusal.code)
        return _close_channel(message, refusal.code, at=at)
    except OutcomeUnknown as refusal:
        note_outcome(attempt_id, Outcome.UNKNOWN, code=refusal.reason)
        breaker.silent(message, at=at, probe=not counted)
        settling.lose_sight(message, until=at + horizon(), at=at)
        return nothing
    note_outcome(attempt_id, Outcome.ACCEPTED, provider_id=receipt.provider_id)
    breaker.answered(message, at=at)
    settling.taken(message, status=MessageStatus.SENT, provider_id=receipt.provider_id, at=at)
    return nothing


def rejected(message: Message, code: str, *, at: datetime, status: MessageStatus | None = None) -> After:
    """The carrier will never take or deliver this text: end it and draw the consequences of the code (SMS-72).

    `status` is what a callback said of a text that had been taken; None means that it was refused at once.
    """
    follows = consequence(code)
    if follows is Consequence.CLOSE_CHANNEL and status is None:
        return _close_channel(message, code, at=at)
    if follows in AGAIN and _may_go_again(message, at=at + AGAIN[follows]):
        note_outcome(_try_of(message), Outcome.REJECTED, code=code)
        settling.take_back(message, due_at=at + AGAIN[follows], at=at)
        return nothing
    if follows is Consequence.STOP_TEXTS and status is None:
        settling.end(message, MessageStatus.CANCELLED, reason=OPTED_OUT, at=at)
    else:
        settling.end(message, status or MessageStatus.FAILED, reason=f"{CARRIER}{code}", at=at)
    settling.learn_of_number(message, code, at=at)
    if follows is Consequence.CLOSE_CHANNEL:
        breaker.close(message, reason=f"{CARRIER}{code}", until=at + CHANNEL_PAUSE, at=at)
    elif follows is Consequence.TELL_ADMINISTRATORS:
        log.error("the carrier reports %s: something of ours is set up wrongly", code)
        breaker.tell_administrators(message, at=at)
    if follows not in (Consequence.STOP_TEXTS, Consequence.SUPPRESS):
        return nothing
    number, inferred = message.contact_point.value, follows is Consequence.SUPPRESS
    return lambda: _block(number, inferred=inferred)


def _may_go_again(message: Message, *, at: datetime) -> bool:
    """Say whether a text that the carrier could not deliver may be handed over a second and last time."""
    is_whole = message.resend_count < MOST_RESENDS and message.attempts < MOST_ATTEMPTS
    return is_whole and at <= message.not_after


def postpone(message: Message, *, at: datetime, wait: timedelta) -> None:
    """Nothing was tried: wait a moment."""
    settling.put_back(message, due_at=at + wait, at=at, counted=False)


def horizon() -> timedelta:
    """Return how long evidence may take to arrive before its absence means something (H)."""
    return timedelta(seconds=settings.SMS_UNKNOWN_HORIZON_SECONDS)


def _try_again(message: Message, *, at: datetime, retry_after: float | None = None, counted: bool = True) -> After:
    if counted and message.attempts >= MOST_ATTEMPTS:
        settling.end(message, MessageStatus.FAILED, reason=settling.ATTEMPTS_SPENT, at=at)
        return nothing
    wait = min(FIRST_WAIT * 2 ** (message.attempts - 1), LONGEST_WAIT) * random.uniform(0.8, 1.2)
    asked = timedelta(seconds=min(retry_after or 0, LONGEST_WAIT.total_seconds()))
    settling.put_back(message, due_at=at + max(wait, asked), at=at, counted=counted)
    return nothing


def _close_channel(message: Message, code: str, *, at: datetime) -> After:
    """The carrier refuses our account: no text goes out for a while, and an administrator is told."""
    until = at + CHANNEL_PAUSE
    breaker.close(message, reason=f"{CARRIER}{code}", until=until, at=at)
    settling.put_back(message, due_at=until, at=at, counted=False)
    return nothing


@transaction.atomic
def _block(number: str, *, inferred: bool) -> None:
    """Write the opt-out that the carrier told us of, for everybody who has the number (21610, 30004)."""
    wait_for_senders()
    said = Said(ConsentEvent.PROVIDER_BLOCK, CaptureChannel.CARRIER, inferred=inferred)
    opt_out_number(number=number, said=said, at=clock.now(), actor=TEXTING)


def _try_of(message: Message) -> UUID:
    assert message.attempt_id is not None, "a claimed message has a try"
    return message.attempt_id

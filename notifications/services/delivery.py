"""Handing texts to the carrier: claim, lock, ask the gate again, call, note what came of it (reliability 4.4, 4.5).

The one place in the house that holds a transaction open while it speaks to the world, on purpose: the lock on the
client's texting consent must last until the carrier has answered (at most SMS_TOTAL_TIMEOUT), so that nobody is texted
after an opt-out committed (F11). Every other step is a transaction of its own, and any of them may be the last one
before a crash.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Lock
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.utils import OperationalError
from psycopg.errors import LockNotAvailable, QueryCanceled

from casemgmt.kernel import clock
from casemgmt.kernel.ids import new_id
from casemgmt.kernel.wall import acting_as
from notifications.gateways import Gateway, Outbound, body_sha256
from notifications.models import Attempt, Message, MessageStatus, Pace, TextingConsent

from . import breaker, gate_facts, outcomes
from .carrier import callback_url
from .composing import words_of
from .settling import TEXTING

TURNS = 8  # organizations to look at for a message that no other sender holds
SOON = timedelta(seconds=5)
ALONE = 3  # texts until other threads are asked to help: each of them opens a connection

log = logging.getLogger(__name__)


class TooSlow(Exception):
    """Too long since the locks were proven: this process may have slept while its transaction was ended (F10)."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One message that this process may try to hand over, and the words it would have (None: cannot be worded)."""

    message_id: UUID
    contact_point_id: UUID
    attempt_id: UUID
    body: str | None = field(repr=False)
    is_probe: bool = False  # tries whether the carrier is back: its failure costs the message no try


class NotNow(Exception):
    """A message is due, but no token is left or another call tries whether the carrier is back: leave it."""


def drain(*, gateway: Gateway, limit: int = 50, keep_on: Callable[[], bool] = lambda: True) -> int:
    """Try to hand over up to `limit` due messages while `keep_on()`; return how many were tried.

    A few go one after the other; when more are due, up to SMS_IN_FLIGHT at once, for most of a text's time is spent
    waiting for the carrier. Safe in any number of copies. Must not be called inside a transaction.
    """
    alone = limit if settings.SMS_IN_FLIGHT == 1 else min(limit, ALONE)
    turns = _Turns(alone, keep_on)
    tried = _carry_on(gateway, turns)
    if tried < alone or alone == limit:
        return tried
    turns = _Turns(limit - tried, keep_on)
    with ThreadPoolExecutor(settings.SMS_IN_FLIGHT - 1, thread_name_prefix="sender") as pool:
        others = [pool.submit(_carry_on_beside, gateway, turns) for _ in range(settings.SMS_IN_FLIGHT - 1)]
        tried += _carry_on(gateway, turns)
    return tried + sum(other.result() for other in others)


class _Turns:
    """How many more texts may be tried in this round, by several threads."""

    def __init__(self, left: int, keep_on: Callable[[], bool]) -> None:
        self._left, self._keep_on, self._lock = left, keep_on, Lock()

    def take(self) -> bool:
        """Take one; False when the round is over."""
        with self._lock:
            self._left -= 1
            return self._left >= 0 and self._keep_on()


def _carry_on(gateway: Gateway, turns: _Turns) -> int:
    """Claim and hand over one text after the other, until none may go or the round is over; return how many."""
    tried = 0
    while turns.take():
        try:
            claim = claim_next()
        except NotNow:
            break
        if claim is None:
            break
        tried += 1
        hand_over(claim, gateway=gateway)
    return tried


def _carry_on_beside(gateway: Gateway, turns: _Turns) -> int:
    """The same in a thread, which has a connection of its own."""
    try:
        return _carry_on(gateway, turns)
    finally:
        connection.close()


@acting_as(TEXTING, durable=True)
def claim_next() -> Claim | None:
    """Mark the message whose turn it is as being sent, with a new try and a lease; None when nothing is due.

    Committed before the carrier is called: the try's id stands in the callback's address, and evidence for it may come
    before we know the outcome ourselves. Raises NotNow, and changes nothing, when a message has to wait.
    """
    at = clock.now()
    paused_until = breaker.paused_until()
    if paused_until is not None and paused_until > at:
        return None
    message = _whose_turn()
    if message is None:
        return None
    is_probe = paused_until is not None
    if is_probe and not breaker.take_probe(at):
        raise NotNow
    worded = words_of(message, message.organization)
    message.status = MessageStatus.SENDING
    message.attempts += 1
    message.attempt_id = new_id()
    message.lease_until = at + timedelta(seconds=settings.SMS_LEASE_SECONDS)
    message.template_version = worded[1] if worded else ""
    message.updated_at = at
    message.save(update_fields=["status", "attempts", "attempt_id", "lease_until", "template_version", "updated_at"])
    body = worded[0] if worded else None
    hashed = body_sha256(body) if body else ""
    Attempt.objects.create(id=message.attempt_id, message=message, body_sha256=hashed, started_at=at)
    _take_tokens(message)
    return Claim(message.id, message.contact_point_id, message.attempt_id, body, is_probe)


def _whose_turn() -> Message | None:
    """Return a due message of the organization that was served longest ago, locked; None when nothing may go."""
    for organization_id in Pace.objects.turns(ahead=_ahead(), limit=TURNS):
        message = Message.objects.filter(organization_id=organization_id).next_due()
        if message is not None:
            return message
    return None


def _take_tokens(message: Message) -> None:
    """Take a token of the organization's bucket and one of everybody's; last, so that their locks are short."""
    for organization_id, per_second in (
        (message.organization_id, settings.SMS_ORGANIZATION_PER_SECOND),
        (None, settings.SMS_PER_SECOND),
    ):
        if not Pace.objects.all().take(organization_id, per_second=per_second, ahead=_ahead()):
            raise NotNow


def _ahead() -> timedelta:
    """Return how much of a rate may go out at once after a pause."""
    return timedelta(seconds=1)


def hand_over(claim: Claim, *, gateway: Gateway) -> None:
    """Try to send one claimed message. A mistake of ours leaves it `sending` for reconcile and spares the others."""
    try:
        after = _hand_over_locked(claim, gateway=gateway)
    except TooSlow:
        _give_back(claim)
    except OperationalError as error:
        if not isinstance(error.__cause__, LockNotAvailable | QueryCanceled):
            raise
        _give_back(claim)
    except Exception as error:  # a poisoned message must not stop the others (F20); its lease runs out
        log.error("attempt %s broke with %s", claim.attempt_id, type(error).__name__)
    else:
        after()


@acting_as(TEXTING, durable=True)
def _hand_over_locked(claim: Claim, *, gateway: Gateway) -> outcomes.After:
    """Hold the consent and the message, ask the gate, call the carrier, settle; return what is left to do afterwards.

    The exclusive lock on the consent makes opt-outs wait for us and us for them, and lets one text at a time to one
    number count against the caps. The clock of the deadline starts before the statement that proves our locks: had
    this process slept longer, PostgreSQL would have ended the session and the statement would fail.
    """
    consent = TextingConsent.objects.all().hold_one(claim.contact_point_id)
    proven = time.monotonic()
    message = Message.objects.all().fenced(claim.message_id, attempt_id=claim.attempt_id)
    if message is None:
        return outcomes.nothing  # reaped: somebody else decides about it now
    at = clock.now()
    if claim.body is None:
        return outcomes.unworded(message, at=at)
    facts = gate_facts.gather(message, body=claim.body, consent=consent, at=at)
    refused = outcomes.by_gate(message, facts)
    if refused is not None:
        return refused

    def in_time() -> None:
        if time.monotonic() - proven > settings.SMS_SEND_DEADLINE_SECONDS:
            raise TooSlow

    outbound = Outbound(
        to=message.contact_point.value,
        body=claim.body,
        status_callback=callback_url(claim.attempt_id),
        attempt_id=claim.attempt_id,
    )
    return outcomes.of_call(message, lambda: gateway.send(outbound, in_time), at=at, counted=not claim.is_probe)


@acting_as(TEXTING, durable=True)
def _give_back(claim: Claim) -> None:
    """Let a message wait again that certainly did not leave us, unless reconcile took it over meanwhile."""
    message = Message.objects.all().fenced(claim.message_id, attempt_id=claim.attempt_id)
    if message is not None:
        outcomes.postpone(message, at=clock.now(), wait=SOON)

"""Handing letters to the mail server: claim, judge again, send, settle; each step a transaction of its own.

A process that dies between the server's yes and our note leaves the letter `sending`; its lease ends and it goes again,
under the same Message-ID. A doubled letter is better than a lost urgent one, and twelve tries bound both.
"""

from __future__ import annotations

import logging
import smtplib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parseaddr
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.validators import validate_email
from django.db.models import Exists, OuterRef

from casemgmt.accounts.models import Membership, User
from casemgmt.accounts.services import actor_for
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.wall import acting_as
from casemgmt.notices import words
from casemgmt.notices.models import Mail, MailKind, MailStatus
from casemgmt.notices.timing import MOST_ATTEMPTS, wait_after
from casemgmt.worklist.models import WorkItem

from .preferences import NOTICES

NOT_HERE = "not_here"  # left, switched off, or holds no role any more
NOTHING_WAITS = "nothing_waits"
BAD_ADDRESS = "address_unusable"
REFUSED = "address_refused"
ATTEMPTS_SPENT = "attempts"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Claim:
    """One letter this process may send. `attempts` is the fence; the address is nobody's to see in a log."""

    mail_id: UUID
    attempts: int
    address: str = field(repr=False)
    letter: words.Letter


def send_due(*, limit: int = 100, keep_on: Callable[[], bool] = lambda: True) -> int:
    """Send up to `limit` letters that are due; return how many were tried. Must not be called inside a transaction."""
    tried = 0
    server = get_connection()
    try:
        while tried < limit and keep_on():
            more, claim = claim_next()
            if not more:
                break
            if claim is None:
                continue
            tried += 1
            if not _send(claim, server=server):
                break  # the server is away: each letter waits in its turn, not this round on all of them
    finally:
        _close(server)
    return tried


@acting_as(NOTICES, durable=True)
def claim_next() -> tuple[bool, Claim | None]:
    """Take the letter that waits longest, judging anew who is to get it and about what.

    Returns whether there was one, and the claim: None when it ended here instead.
    """
    mail: Mail | None = Mail.objects.all().next_due()
    if mail is None:
        return False, None
    at = clock.now()
    if mail.attempts >= MOST_ATTEMPTS:
        _end(mail, MailStatus.FAILED, reason=ATTEMPTS_SPENT, at=at)
        return True, None
    actor = actor_for(user_id=mail.user_id, organization_id=mail.organization_id)
    counts = _count(mail, actor) if actor is not None else words.Counts(0, 0)
    if actor is None or not counts.waiting:
        _end(mail, MailStatus.CANCELLED, reason=NOTHING_WAITS if actor else NOT_HERE, at=at)
        return True, None
    address = User.objects.values_list("email", flat=True).get(pk=mail.user_id)
    if not _usable(address):
        _end(mail, MailStatus.FAILED, reason=BAD_ADDRESS, at=at)
        return True, None
    mail.status, mail.attempts = MailStatus.SENDING, mail.attempts + 1
    mail.lease_until = at + timedelta(seconds=settings.NOTICES_LEASE_SECONDS)
    mail.updated_at = at
    mail.save(update_fields=["status", "attempts", "lease_until", "updated_at"])
    write = words.urgent if mail.kind == MailKind.URGENT else words.digest
    return True, Claim(mail.id, mail.attempts, address, write(counts, address=settings.STAFF_BASE_URL))


def _count(mail: Mail, actor: Actor) -> words.Counts:
    """Count what still waits and this person may see: what the letter is about, or all that falls to them."""
    seen = WorkItem.objects.open().visible_to(actor)
    if mail.kind == MailKind.URGENT:
        at_work = Membership.objects.visible_to(actor).filter(organization_id=mail.organization_id)
        others = at_work.filter(user_id=OuterRef("assignee_id")).exclude(user_id=actor.id)
        return words.Counts(seen.filter(~Exists(others), pk__in=mail.item_ids).count(), 0)
    mine = seen.mine(actor)
    return words.Counts(mine.count(), mine.overdue().count())


def _usable(address: str) -> bool:
    """True when this can stand in a header and be an address."""
    try:
        validate_email(address)
    except ValidationError:
        return False
    return address.isprintable()


def _send(claim: Claim, *, server: BaseEmailBackend) -> bool:
    """Hand one letter over and note what came of it; False when the server did not take anything."""
    host = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    message = EmailMessage(
        subject=claim.letter.subject,
        body=claim.letter.text,
        to=[claim.address],
        connection=server,
        headers={
            "Message-ID": f"<{claim.mail_id}@{host}>",  # a doubled letter is one to most readers
            "Auto-Submitted": "auto-generated",  # no out-of-office answers
        },
    )
    try:
        message.send()
    except smtplib.SMTPRecipientsRefused as error:
        _refused(claim, [code for code, _ in error.recipients.values()])
        _close(server)
    except (smtplib.SMTPException, OSError) as error:
        _try_again(claim, error)
        _close(server)
        return False
    except Exception as error:  # a poisoned letter must not stop the others (F20)
        _try_again(claim, error)
    else:
        _sent(claim)
    return True


def _refused(claim: Claim, codes: list[int]) -> None:
    """The server will have no letter for this address: for good from 500 on, else for now."""
    if codes and min(codes) >= 500:
        _settle(claim, MailStatus.FAILED, reason=REFUSED)
    else:
        _settle(claim, MailStatus.WAITING)


def _try_again(claim: Claim, error: Exception) -> None:
    log.warning("letter %s was not taken: %s", claim.mail_id, type(error).__name__)
    _settle(claim, MailStatus.WAITING)


def _sent(claim: Claim) -> None:
    _settle(claim, MailStatus.SENT)


@acting_as(NOTICES, durable=True)
def _settle(claim: Claim, status: MailStatus, *, reason: str = "") -> None:
    """Note what came of a try, unless its lease ended meanwhile and somebody else has the letter."""
    at = clock.now()
    if status == MailStatus.WAITING and claim.attempts >= MOST_ATTEMPTS:
        status, reason = MailStatus.FAILED, ATTEMPTS_SPENT
    ours = Mail.objects.fenced(claim.mail_id, attempts=claim.attempts)
    changes: dict[str, object] = {"status": status, "reason": reason, "lease_until": None, "updated_at": at}
    if status == MailStatus.SENT:
        changes["sent_at"] = at
    elif status == MailStatus.WAITING:
        changes["due_at"] = at + wait_after(claim.attempts)
    ours.update(**changes)
    if status == MailStatus.FAILED:
        log.error("letter %s ended: %s", claim.mail_id, reason)


def _end(mail: Mail, status: MailStatus, *, reason: str, at: datetime) -> None:
    mail.status, mail.reason, mail.lease_until, mail.updated_at = status, reason, None, at
    mail.save(update_fields=["status", "reason", "lease_until", "updated_at"])
    if status == MailStatus.FAILED:
        log.error("letter %s ended: %s", mail.id, reason)


def _close(server: BaseEmailBackend) -> None:
    try:
        server.close()
    except (smtplib.SMTPException, OSError) as error:
        log.warning("the mail server did not say good-bye: %s", type(error).__name__)

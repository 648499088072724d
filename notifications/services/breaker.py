"""The circuit breaker: while the carrier does not answer, nobody calls it but one text now and then (F12).

Its state is a row, so both drivers and every process share it. Inner: called inside the doors of `delivery`.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, Q

from casemgmt.accounts.roles import Role
from casemgmt.kernel.transactions import require_atomic
from casemgmt.worklist.models import ItemKind, Priority, WorkItem
from casemgmt.worklist.services import NewItem, close_items, open_item
from notifications.models import Channel, Message

from .settling import TEXTING

SMS = "sms"
UNREACHABLE = "unreachable"
LONGEST = timedelta(minutes=5)
TELL_AFTER = 3  # probes that were not answered: about a minute and a half of silence (R10)

log = logging.getLogger(__name__)


def is_open(at: datetime) -> bool:
    """Say whether nobody may call now."""
    return Channel.objects.filter(name=SMS, paused_until__gt=at).exists()


def paused_until() -> datetime | None:
    """Return until when nobody may call, as last noted; None: the carrier answers."""
    return Channel.objects.filter(name=SMS).values_list("paused_until", flat=True).first()


def take_probe(at: datetime) -> bool:
    """Let this call be the one that tries whether a carrier is back that was paused until now; False: another one is.

    While it lasts the channel is closed to everybody else; should its process die, another takes over afterwards.
    """
    require_atomic()
    until = at + timedelta(seconds=settings.SMS_LEASE_SECONDS)
    half_open = Channel.objects.filter(name=SMS, paused_until__lte=at)
    return bool(half_open.update(paused_until=until))


def answered(message: Message, *, at: datetime) -> None:
    """The carrier answered, whatever it said of the text: the channel is open."""
    require_atomic()
    troubled = Channel.objects.filter(~Q(failures=0) | Q(paused_until__isnull=False), name=SMS)
    if troubled.update(failures=0, paused_until=None, reason=""):
        log.warning("the carrier answers")
        kinds = (ItemKind.CHANNEL_PAUSED,)
        told = WorkItem.objects.open().filter(kind__in=kinds).values_list("source_id", flat=True)
        for organization_id in sorted(set(told)):
            close_items(source_id=organization_id, kinds=kinds, outcome="settled", at=at, actor=TEXTING)


def silent(message: Message, *, at: datetime, probe: bool) -> None:
    """The carrier did not answer this call. After several in a row the channel closes, for longer after each probe.

    Calls that were under way when it closed say nothing new: else many at once would close it for minutes.
    """
    require_atomic()
    Channel.objects.bulk_create([Channel(name=SMS)], ignore_conflicts=True)
    channel = Channel.objects.filter(name=SMS)
    heard = channel if probe else channel.filter(Q(paused_until__isnull=True) | Q(paused_until__lte=at))
    if not heard.update(failures=F("failures") + 1):
        return
    failures = Channel.objects.values_list("failures", flat=True).get(name=SMS)
    beyond = failures - settings.SMS_BREAKER_FAILURES
    if beyond < 0:
        return
    wait = min(timedelta(seconds=settings.SMS_BREAKER_SECONDS) * 2 ** min(beyond, 10), LONGEST)
    Channel.objects.filter(name=SMS).update(paused_until=at + wait, reason=UNREACHABLE)
    log.error("the carrier does not answer; texts wait for %.0f s", wait.total_seconds())
    if beyond >= TELL_AFTER:
        tell_administrators(message, at=at)


def close(message: Message, *, reason: str, until: datetime, at: datetime) -> None:
    """Let no text out until a moment because the carrier refuses our account, and call an administrator."""
    require_atomic()
    Channel.objects.update_or_create(name=SMS, defaults={"paused_until": until, "reason": reason[:48]})
    log.error("the carrier refuses our account with %s; texts wait", reason)
    tell_administrators(message, at=at)


def tell_administrators(message: Message, *, at: datetime) -> None:
    """Put on the administrators' worklist, once, that texts do not go out as they should."""
    item = NewItem(
        organization_id=message.organization_id,
        client_id=None,
        kind=ItemKind.CHANNEL_PAUSED,
        due_at=at,
        source_type="organization",
        source_id=message.organization_id,
        priority=Priority.NOW,
        role=Role.ADMIN,
    )
    open_item(item, actor=TEXTING)

"""Whether every part still works, and telling operators when one does not (reliability F6, R10).

A part is a driver's tick that finished no round for three of its intervals, or a queue whose oldest row waits too long:
texts, what the carrier told us, facts; or a phone of the operators whose check-in did not arrive. Whoever still runs
tells of whoever does not; when nobody does, `/readyz` says so. A letter names parts, never people.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import F, Min

from casemgmt.kernel import clock
from casemgmt.kernel.wall import acting_as
from casemgmt.outbox.heartbeat import JobHeartbeat
from casemgmt.outbox.models import OutboxEvent, StoppedPart
from notifications.models import CheckIn, CheckInPlan, CheckInStatus, Message, MessageStatus, Receipt

from . import breaker
from .settling import TEXTING

ROUNDS = 3  # so many intervals without a finished round are a standstill
LATE = timedelta(minutes=3)
ARRIVES_WITHIN = timedelta(minutes=15)  # a tracer's text: due, sent, and told of by the carrier
TRACED_WITHIN = timedelta(days=8)  # every tracer has a check-in in a week
GIVEN_UP = timedelta(days=7)  # a driver that is silent for so long was taken away

log = logging.getLogger(__name__)


def watch(*, intervals: Mapping[str, float]) -> int:
    """Note what stands still and what goes on again, and tell operators of each once; return how many letters went.

    `intervals`: seconds between two rounds of each tick. Safe in any number of copies. A letter that could not be sent
    is tried again in the next round.
    """
    with acting_as(TEXTING, durable=True):
        at = clock.now()
        _note(_standing_still(at, intervals), at=at)
        stopped, well = _claim(at)
    return _tell(stopped, "stands still") + _tell(well, "works again", ended=True)


def _standing_still(at: datetime, intervals: Mapping[str, float]) -> set[str]:
    rounds = JobHeartbeat.objects.filter(last_ok_at__gte=at - GIVEN_UP).values_list("name", "last_ok_at")
    still = {name for name, last in rounds if at - last > _patience(name, intervals)}
    due = Message.objects.pending().filter(attempts=0, due_at__lt=at - LATE, not_after__gte=at)
    if not breaker.is_open(at) and due.exists():
        still.add("queue:texts")
    waiting = {"processed_at__isnull": True, "dead_at__isnull": True, "due_at__lt": at - LATE}
    if Receipt.objects.filter(**waiting).exists():
        still.add("queue:receipts")
    facts = OutboxEvent.objects.filter(done_at__isnull=True, dead_at__isnull=True, attempts=0)
    if (oldest := facts.aggregate(oldest=Min("due_at"))["oldest"]) is not None and at - oldest > LATE:
        still.add("queue:facts")
    return still | {f"tracer:{place}" for place, each in enumerate(settings.TRACER_CLIENTS, 1) if _lost(each, at)}


def _lost(client_id: UUID, at: datetime) -> bool:
    """Say whether the last check-in with a phone of the operators did not arrive, or none was due for a week."""
    due = CheckIn.objects.filter(client=client_id, due_at__lt=at - ARRIVES_WITHIN, due_at__gte=at - TRACED_WITHIN)
    last = due.order_by("-due_at", "-id").first()
    if last is None:
        return not CheckInPlan.objects.filter(client=client_id, created_at__gte=at - TRACED_WITHIN).exists()
    arrived = Message.objects.filter(check_in=last, status=MessageStatus.DELIVERED).exists()
    return not arrived and last.status != CheckInStatus.ANSWERED


def _patience(name: str, intervals: Mapping[str, float]) -> timedelta:
    seconds = intervals.get(name.partition(":")[2], 0)
    return timedelta(seconds=max(ROUNDS * seconds, settings.HEARTBEAT_STALE_SECONDS))


def _note(still: set[str], *, at: datetime) -> None:
    StoppedPart.objects.bulk_create([StoppedPart(name=name, since=at) for name in sorted(still)], ignore_conflicts=True)
    StoppedPart.objects.filter(ended_at__isnull=True).exclude(name__in=still).update(ended_at=at)


def _claim(at: datetime) -> tuple[list[StoppedPart], list[StoppedPart]]:
    """Return what nobody was told of yet, marked as told: what stopped, and what works again after that was told."""
    rows = StoppedPart.objects.unheard()
    stopped = [row for row in rows if row.told_at is None and row.ended_at is None]
    well = [row for row in rows if row.told_at is not None and row.ended_at is not None]
    over = [row for row in rows if row.told_at is None and row.ended_at is not None]  # too short to be told of
    StoppedPart.objects.filter(pk__in=[row.pk for row in stopped]).update(told_at=at)
    StoppedPart.objects.filter(pk__in=[row.pk for row in (*well, *over)]).update(end_told_at=F("ended_at"))
    return stopped, well


def _tell(parts: list[StoppedPart], words: str, *, ended: bool = False) -> int:
    """Write one letter about these parts; on failure take the mark back, so that the next round tries again."""
    if not parts:
        return 0
    names = ", ".join(part.name for part in parts)
    log.error("part_stopped: %s", names) if not ended else log.warning("part_recovered: %s", names)
    if not settings.OPERATORS_EMAIL:
        return 0
    since = "\n".join(f"{part.name}: since {part.since:%Y-%m-%d %H:%M:%S} UTC" for part in parts)
    letter = EmailMessage(
        subject=f"casemgmt {words}: {names}"[:150],
        body=f"{since}\n\nWhat to do: docs/howto/runbook.md.\n",
        to=settings.OPERATORS_EMAIL,
    )
    try:
        letter.send()
    except OSError as error:  # every error of SMTP is one
        log.error("operators could not be told: %s", type(error).__name__)
        with transaction.atomic():
            column = "end_told_at" if ended else "told_at"
            StoppedPart.objects.filter(pk__in=[part.pk for part in parts]).update(**{column: None})
        return 0
    return 1

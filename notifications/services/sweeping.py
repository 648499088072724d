"""Proving that every check-in ends: what time has overtaken is closed with a reason, and counted (reliability 4.1).

In a healthy system this finds nothing: whoever ends a message ends its check-in. What it closes is logged by number.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q

from casemgmt.kernel import clock
from casemgmt.kernel.wall import acting_as
from notifications import gate
from notifications.models import CheckIn, CheckInPlan, CheckInStatus, Message, MessageStatus, PlanStatus
from notifications.querysets import CheckInQuerySet

from .plan_status import set_status
from .reminding import patience
from .settling import TEXTING
from .stage_plans import LEFT

BATCH = 200
GRACE = timedelta(hours=1)  # what other ticks may take to settle it themselves
OUTCOMES = {
    MessageStatus.CANCELLED: CheckInStatus.CANCELLED,
    MessageStatus.EXPIRED: CheckInStatus.EXPIRED,
    MessageStatus.FAILED: CheckInStatus.FAILED,
    MessageStatus.UNDELIVERED: CheckInStatus.FAILED,
}

log = logging.getLogger(__name__)


def sweep(*, keep_on: Callable[[], bool] = lambda: True) -> int:
    """End what should have ended, in batches; return how many check-ins and plans that were."""
    count = 0
    for step in (settle_by_message, end_overtaken, end_left_plans):
        while keep_on():
            found = step()
            count += found
            if found < BATCH:
                break
    if count:
        log.warning("the sweep ended %d check-ins or plans that nobody had ended", count)
    return count


def stranded(at: datetime) -> CheckInQuerySet:
    """Return check-ins that are over in time and not in status: none, as long as the ticks run."""
    before = at - GRACE
    reply_over = before - 2 * patience() - gate.DEFER_REMINDER_AT_MOST
    on_its_way = Message.objects.filter(check_in=OuterRef("pk"), status__in=["pending", "sending", "unknown"])
    unsent = Q(status__in=[CheckInStatus.PLANNED, CheckInStatus.SCHEDULED], not_after__lt=before) & ~Exists(on_its_way)
    return CheckIn.objects.filter(unsent | Q(status=CheckInStatus.ASKED, asked_at__lt=reply_over))


@acting_as(TEXTING)
def settle_by_message() -> int:
    """End up to BATCH scheduled check-ins whose every message ended, as their last message did."""
    at = clock.now()
    theirs = Message.objects.filter(check_in=OuterRef("pk"))
    ended = theirs.filter(status__in=OUTCOMES, updated_at__lt=at - GRACE)
    other = theirs.exclude(status__in=OUTCOMES)
    rows = CheckIn.objects.filter(Exists(ended), ~Exists(other), status=CheckInStatus.SCHEDULED).claim(BATCH)
    for row in rows:
        last = row.messages.order_by("-id").first()
        status = OUTCOMES[MessageStatus(last.status)] if last is not None else CheckInStatus.EXPIRED
        _end(row, status, last.reason if last is not None else "sms_too_late", at=at)
    return len(rows)


@acting_as(TEXTING)
def end_overtaken() -> int:
    """End up to BATCH check-ins whose time to be sent, or to be answered, is over."""
    at = clock.now()
    rows = stranded(at).claim(BATCH)
    for row in rows:
        asked = row.status == CheckInStatus.ASKED
        _end(row, CheckInStatus.MISSED if asked else CheckInStatus.EXPIRED, "swept", at=at)
    return len(rows)


@acting_as(TEXTING)
def end_left_plans() -> int:
    """End up to BATCH plans of a stage that their episode has left: begun while it moved on (STG-13)."""
    at = clock.now()
    plans = CheckInPlan.objects.filter(status__in=[PlanStatus.ACTIVE, PlanStatus.PAUSED]).exclude(stage="")
    elsewhere = ~Q(stage=F("episode__stage")) & ~Q(episode__stage="on_hold", stage=F("episode__held_stage"))
    rows = plans.filter(elsewhere).claim(BATCH)
    for plan in rows:
        set_status(plan, PlanStatus.ENDED, reason=LEFT, at=at)
    return len(rows)


def _end(row: CheckIn, status: CheckInStatus, reason: str, *, at: datetime) -> None:
    row.status, row.reason, row.ended_at = status, reason, at
    row.save(update_fields=["status", "reason", "ended_at"])

"""From plans to check-ins, from check-ins to messages, and closing what time has overtaken (reliability 4.3).

Every step may run in any number of copies: the key of an occurrence is unique, and rows are claimed with SKIP LOCKED.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from uuid import UUID

from casemgmt.clients.models import ContactKind, ContactPoint
from casemgmt.kernel import clock
from casemgmt.kernel.wall import acting_as
from casemgmt.worklist.models import ItemKind
from casemgmt.worklist.services import NewItem, open_item
from notifications.models import CheckIn, CheckInPlan, CheckInStatus, Message, MessageKind
from notifications.schedule import HORIZON
from notifications.wording import Key

from .business_days import end_of_next_business_day
from .composing import Draft, row_of
from .extending import write_coming
from .planning import resume_rested
from .reminding import BATCH as REMINDERS
from .reminding import awaited, patience, remind_unanswered
from .settling import TEXTING

STEP = timedelta(days=1)  # a plan is looked at once a day, not at every tick
AHEAD = timedelta(hours=1)  # a message is written this long before it is due: the number is chosen late
PLANS = 2_000  # extended in one transaction
BATCH = 200


def materialize(*, keep_on: Callable[[], bool] = lambda: True) -> int:
    """Write the check-ins of the coming 14 days and the messages due within the hour; close what nobody answered.

    Returns how many rows were written or closed. What is there already is not written again (CHK-02).
    """
    written = close_unanswered() + end_pauses()
    steps = ((remind_unanswered, REMINDERS), (extend_plans, PLANS), (schedule_messages, BATCH))
    for step, batch in steps:
        while keep_on():
            seen, count = step()
            written += count
            if seen < batch:
                break
    return written


@acting_as(TEXTING)
def extend_plans() -> tuple[int, int]:
    """Add the days that came into the horizon to up to PLANS plans; return how many plans were seen and rows added."""
    at = clock.now()
    until = at + HORIZON
    plan_ids = CheckInPlan.objects.all().behind(until - STEP).claim_ids(PLANS)
    written = write_coming(plan_ids, at=at, until=until)
    CheckInPlan.objects.filter(pk__in=plan_ids).update(materialized_until=until)
    return len(plan_ids), written


@acting_as(TEXTING)
def schedule_messages() -> tuple[int, int]:
    """Give up to BATCH check-ins of the coming hour their messages; return how many were seen and settled."""
    at = clock.now()
    check_ins = CheckIn.objects.planned().filter(due_at__lte=at + AHEAD).claim(BATCH)
    points = _numbers(check_in.client_id for check_in in check_ins)
    messages, scheduled, settled = [], [], 0
    for check_in in check_ins:
        point = points.get(check_in.client_id)
        if check_in.not_after < at:
            settled += _end(check_in, CheckInStatus.EXPIRED, "sms_too_late", ItemKind.CHECK_IN_EXPIRED, at=at)
        elif point is not None:
            messages.append(row_of(_draft(check_in, point)))
            scheduled.append(check_in.id)
        elif check_in.due_at <= at:
            settled += _end(check_in, CheckInStatus.CANCELLED, "sms_no_number", ItemKind.NUMBER_INVALID, at=at)
    Message.objects.bulk_create(messages)
    CheckIn.objects.filter(pk__in=scheduled).update(status=CheckInStatus.SCHEDULED)
    return len(check_ins), len(messages) + settled


@acting_as(TEXTING)
def close_unanswered() -> int:
    """Close check-ins that nobody answered in two times the hours for a reply (§10); return how many.

    One that was asked once more stays open for the hours for a reply after its reminder went.
    An answer that comes later, and may still be matched (CHK-04), turns a missed one into an answered one.
    """
    at = clock.now()
    oldest = at - 2 * patience()
    open_too_long = CheckIn.objects.filter(status=CheckInStatus.ASKED, asked_at__lt=oldest)
    return open_too_long.exclude(awaited(at)).update(status=CheckInStatus.MISSED, reason="no_reply", ended_at=at)


@acting_as(TEXTING)
def end_pauses() -> int:
    """Let up to BATCH plans run again whose pause is over (CHK-09); return how many."""
    rested = list(CheckInPlan.objects.rested(clock.now()).values_list("id", flat=True)[:BATCH])
    return resume_rested(rested, actor=TEXTING) if rested else 0


def _numbers(client_ids: Iterable[UUID]) -> dict[UUID, ContactPoint]:
    points = ContactPoint.objects.live().filter(client__in=set(client_ids), kind=ContactKind.PHONE, preferred=True)
    return {point.client_id: point for point in points.select_related("client")}


def _draft(check_in: CheckIn, point: ContactPoint) -> Draft:
    return Draft(
        kind=MessageKind.CHECK_IN,
        key=Key.CHECKIN,
        point=point,
        organization_id=check_in.plan.organization_id,
        due_at=check_in.due_at,
        not_after=check_in.not_after,
        check_in=check_in,
    )


def _end(check_in: CheckIn, status: CheckInStatus, reason: str, kind: ItemKind, *, at: datetime) -> int:
    check_in.status, check_in.reason, check_in.ended_at = status, reason, at
    check_in.save(update_fields=["status", "reason", "ended_at"])
    item = NewItem(
        organization_id=check_in.plan.organization_id,
        client_id=check_in.client_id,
        kind=kind,
        due_at=end_of_next_business_day(check_in.plan.organization_id, at=at),
        source_type="check_in",
        source_id=check_in.id,
    )
    open_item(item, actor=TEXTING)
    return 1

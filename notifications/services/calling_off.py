"""Calling off what was not sent yet: check-ins and their messages, with the reason. Inner: called inside doors.

What a sender holds at this moment is left to it: the gate is asked again before every try, so a message that comes
back from a failed try is refused there.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from casemgmt.accounts.roles import Role
from casemgmt.clients.models import ContactPoint
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.transactions import require_atomic
from casemgmt.worklist.models import ItemKind
from casemgmt.worklist.services import NewItem, open_item
from notifications.models import CheckIn, CheckInPlan, CheckInStatus, Message, MessageKind, MessageStatus, PlanStatus

from .business_days import end_of_next_business_day

OPTED_OUT = "sms_opted_out"
PHONE_SHARED = "phone_shared"

# A check-in called off for one of these is planned again when the reason is gone and its time is still to come.
REVIVABLE = ("plan_paused", "plan_changed", "episode_held", "number_changed", PHONE_SHARED, OPTED_OUT)


def call_off(*, check_ins: Q, messages: Q, reason: str, at: datetime) -> int:
    """Cancel the waiting messages that `messages` selects and the check-ins that `check_ins` selects.

    A check-in whose message is on its way at this moment stays as it is. Returns how many messages were cancelled.
    """
    require_atomic()
    count = (
        Message.objects.pending().filter(messages).update(status=MessageStatus.CANCELLED, reason=reason, updated_at=at)
    )
    alive = Message.objects.filter(check_in=OuterRef("pk")).exclude(status=MessageStatus.CANCELLED)
    under_way = CheckIn.objects.under_way().filter(check_ins)
    under_way.exclude(Exists(alive)).update(status=CheckInStatus.CANCELLED, reason=reason, ended_at=at)
    return count


def call_off_plan(plan: CheckInPlan, *, reason: str, at: datetime) -> None:
    """Call off every check-in of one plan that was not sent yet."""
    call_off(check_ins=Q(plan=plan), messages=Q(check_in__plan=plan), reason=reason, at=at)


def call_off_client(client_id: UUID, *, reason: str, at: datetime) -> None:
    """Call off everything that waits for a client, replies included."""
    call_off(check_ins=Q(client_id=client_id), messages=Q(client_id=client_id), reason=reason, at=at)


def call_off_number(points: Sequence[ContactPoint], *, at: datetime, actor: Actor, reason: str = OPTED_OUT) -> None:
    """Call off everything that waits for a number, and the check-ins that would go to it.

    After an opt-out, whoever manages a running plan is asked to agree another way to check in (SMS-27).
    """
    preferred = [point.client_id for point in points if point.preferred]
    numbers = Q(contact_point__in=[point.id for point in points])
    # the one confirmation that waits stays: a second STOP is not confirmed again (SMS-24)
    texts = numbers & ~Q(kind=MessageKind.STOP_CONFIRM) if reason == OPTED_OUT else numbers
    call_off(check_ins=Q(client_id__in=preferred) | Q(messages__in=_of(texts)), messages=texts, reason=reason, at=at)
    if reason != OPTED_OUT:
        return
    plans = CheckInPlan.objects.filter(client_id__in=preferred, status=PlanStatus.ACTIVE)
    for plan in plans:
        item = NewItem(
            organization_id=plan.organization_id,
            client_id=plan.client_id,
            kind=ItemKind.TEXTING_OPTED_OUT,
            due_at=end_of_next_business_day(plan.organization_id, at=at),
            source_type="check_in_plan",
            source_id=plan.id,
            role=Role.CASE_MANAGER,
        )
        open_item(item, actor=actor)


def _of(numbers: Q) -> object:
    return Message.objects.filter(numbers).values("pk")

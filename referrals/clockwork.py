"""What the clocks of referrals tell as time passes: a warning, a breach, an escalation, an end (§9, F3)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from casemgmt.accounts.roles import CASE_MANAGER_AND_UP, Role
from casemgmt.calendars.rules import Calendar
from casemgmt.calendars.services import calendar_of
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor, ActorKind
from casemgmt.kernel.events import Event
from casemgmt.kernel.events import topic as register_topic
from casemgmt.outbox.emit import emit
from casemgmt.worklist.models import ItemKind, Priority

from .clocks import recount, running_of
from .consequences import ReferralOrder
from .models import Referral, ReferralClock
from .standing import ReferralFacts, Side
from .steps import event_of, write_step
from .telling import Task, put
from .timing import Milestone
from .words import UNANSWERED

# The machine acts for the sender when time is over: nobody decides (STG-11 forbids it nothing here: no stage of care).
TIMEKEEPER = Actor(ActorKind.SYSTEM, roles=CASE_MANAGER_AND_UP, name="referral-clock")
BATCH = 200

TOPICS = {
    Milestone.WARN: register_topic("referral.clock_warned"),
    Milestone.BREACH: register_topic("referral.clock_breached"),
    Milestone.ESCALATE: register_topic("referral.clock_escalated"),
}
COLUMNS = {Milestone.WARN: "warned_at", Milestone.BREACH: "breached_at", Milestone.ESCALATE: "escalated_at"}

# F3: a breach makes a task and tells both sides; the supervisors of both hear of what stays overdue
WORK: dict[Milestone, tuple[Task, ...]] = {
    Milestone.WARN: (Task(ItemKind.REFERRAL_DUE, Side.RECEIVER, 0, Role.INTAKE),),
    Milestone.BREACH: (
        Task(ItemKind.REFERRAL_OVERDUE, Side.RECEIVER, 0, Role.INTAKE, urgent=Priority.NOW),
        Task(ItemKind.REFERRAL_LATE, Side.SENDER, 0, mine=True, urgent=Priority.NOW),
    ),
    Milestone.ESCALATE: (
        Task(ItemKind.REFERRAL_ESCALATED, Side.RECEIVER, 0, Role.SUPERVISOR, urgent=Priority.NOW),
        Task(ItemKind.REFERRAL_STUCK, Side.SENDER, 0, Role.SUPERVISOR, urgent=Priority.NOW),
    ),
}


def tell_time(*, keep_on: Callable[[], bool] = lambda: True) -> int:
    """Tell every milestone that is due, each once; return how many. Safe in any number of copies.

    Several milestones of one clock that came due while nobody looked are told one after the other, in one transaction.
    """
    told = 0
    at = clock.now()
    due = ReferralClock.objects.due(at).values_list("id", "referral_id")[:BATCH]
    for clock_id, referral_id in list(due):
        if not keep_on():
            break
        told += _tell(clock_id, referral_id)
    return told


@transaction.atomic
def _tell(clock_id: int, referral_id: UUID) -> int:
    """Tell what is due of one clock; the referral is locked first, as by everybody who moves it."""
    referral = Referral.objects.filter(pk=referral_id).lock_all().get()
    row = ReferralClock.objects.unstopped().filter(pk=clock_id).lock_running()
    if row is None:  # stopped or paused since it was found
        return 0
    at, calendar = clock.now(), calendar_of(referral.receiver_id)
    told = 0
    while (upcoming := running_of(row).next(calendar)) is not None and upcoming[1] <= at:
        told += 1
        if upcoming[0] is Milestone.EXPIRE:
            row.save(update_fields=list(COLUMNS.values()))
            _expire(referral, at=at)
            return told
        _tell_one(referral, row, upcoming[0], at=at)
    recount(row, calendar)
    row.save(update_fields=[*COLUMNS.values(), "due_at", "next_at"])
    return told


def _tell_one(referral: Referral, row: ReferralClock, milestone: Milestone, *, at: datetime) -> None:
    setattr(row, COLUMNS[milestone], at)
    for task in WORK[milestone]:
        put(referral, task, due_at=row.due_at or at, actor=TIMEKEEPER)
    told = event_of(TOPICS[milestone], referral)
    emit(
        Event(told.topic, told.subject_id, told.client_id, told.organization_id, {**told.payload, "clock": row.kind}),
        actor=TIMEKEEPER,
    )


def _expire(referral: Referral, *, at: datetime) -> None:
    if referral.stage in UNANSWERED:
        facts = ReferralFacts(Side.GROUND)
        write_step(referral, ReferralOrder("expire"), facts=facts, at=at, actor=TIMEKEEPER)


def follow_calendar(event: Event) -> None:
    """Count the running clocks of an organization anew. `soon` route of `business_calendar.changed`."""
    calendar: Calendar = calendar_of(event.subject_id)
    ids = ReferralClock.objects.running_at(event.subject_id).values_list("id", "referral_id")
    for clock_id, referral_id in list(ids):
        with transaction.atomic():
            Referral.objects.filter(pk=referral_id).lock_all().get()
            row = ReferralClock.objects.unstopped().filter(pk=clock_id).lock_running()
            if row is not None:
                recount(row, calendar)
                row.save(update_fields=["due_at", "next_at"])

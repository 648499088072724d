"""Work that referrals make for people on both sides, and what ends it. Inner.

One table says which verb opens which work, for which side, and by when; a verb closes what it settles.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from casemgmt.accounts.roles import Role
from casemgmt.calendars.rules import Calendar, moment_after
from casemgmt.kernel.actor import Actor
from casemgmt.policies.catalog import Policy
from casemgmt.worklist.models import ItemKind, Priority
from casemgmt.worklist.services import NewItem, close_items, open_item

from .models import Referral
from .standing import Side
from .words import Urgency

K = ItemKind


@dataclass(frozen=True, slots=True)
class Task:
    """One piece of work: what, on which side, for which role, and how many days it has.

    `days` names a number of Policy in calendar days, or is a count of the receiver's business days. `mine`: for whoever
    sent the referral.
    """

    kind: ItemKind
    side: Side
    days: str | int
    role: Role = Role.CASE_MANAGER
    mine: bool = False
    urgent: Priority = Priority.TODAY  # of an urgent referral; NORMAL otherwise


def to_receiver(kind: ItemKind, days: str | int) -> Task:
    """Return work for the receiver's intake."""
    return Task(kind, Side.RECEIVER, days, Role.INTAKE)


def to_sender(kind: ItemKind, days: str | int, role: Role = Role.CASE_MANAGER, *, mine: bool = True) -> Task:
    """Return work for the sender's side."""
    return Task(kind, Side.SENDER, days, role, mine)


ANSWERED = to_sender(K.REFERRAL_ANSWERED, 1)
REROUTE = to_sender(K.REFERRAL_REROUTE, 1)  # §9: the case manager refers again within one business day
REASSESS = to_sender(K.REFERRAL_REASSESS, 1, Role.THERAPIST, mine=False)
LINK = to_sender(K.REFERRAL_LINK, 0)  # F3: the receiver has no account
ALONE = to_sender(K.REFERRAL_ALONE, 1, Role.SUPERVISOR, mine=False)  # REF-06
RECEIVED = to_receiver(K.REFERRAL_RECEIVED, 1)
STOPPED = to_receiver(K.REFERRAL_STOPPED, 0)
DRAFTED = to_sender(K.REFERRAL_DRAFTED, "referral_draft_days", mine=False)
SUMMARY = to_sender(K.REFERRAL_SUMMARY, 3)
DISPUTED = {
    Side.SENDER: to_sender(K.REFERRAL_DISPUTED, 1),
    Side.RECEIVER: to_receiver(K.REFERRAL_DISPUTED, 1),
}

OPENS: Mapping[str, tuple[Task, ...]] = {
    "await_consent": (to_sender(K.REFERRAL_CONSENT, "referral_consent_days", mine=False),),
    "make_ready": (to_sender(K.REFERRAL_READY, 1, mine=False),),
    "request_info": (to_sender(K.REFERRAL_QUESTION, 2),),
    "answer_info": (RECEIVED,),
    "accept": (ANSWERED, to_receiver(K.REFERRAL_TO_SCHEDULE, 2)),
    "waitlist": (ANSWERED, to_receiver(K.REFERRAL_RECONFIRM, "referral_reconfirm_days")),
    "start": (ANSWERED, to_receiver(K.REFERRAL_UPDATE, "referral_update_days")),
    "hold": (ANSWERED, to_receiver(K.REFERRAL_UPDATE, "referral_update_days")),
    "decline": (ANSWERED,),
    "complete": (ANSWERED,),
    "expire": (REROUTE,),
    "fail": (ANSWERED, to_sender(K.REFERRAL_OUTREACH, 1)),
}

# What the receiver hears and the sender hears in other words (F3).
TWINS = (K.REFERRAL_OVERDUE, K.REFERRAL_ESCALATED)
FOR_SENDER = {K.REFERRAL_RECEIVED: K.REFERRAL_LINK}

WHILE_UNSENT = (K.REFERRAL_DRAFTED, K.REFERRAL_CONSENT, K.REFERRAL_READY)
WHILE_UNANSWERED = (K.REFERRAL_RECEIVED, K.REFERRAL_LINK, K.REFERRAL_QUESTION)
OVERDUE = (K.REFERRAL_DUE, K.REFERRAL_OVERDUE, K.REFERRAL_LATE, K.REFERRAL_ESCALATED, K.REFERRAL_STUCK)
WHILE_TAKEN = (K.REFERRAL_TO_SCHEDULE, K.REFERRAL_RECONFIRM, K.REFERRAL_UPDATE)
ALL_WORK = (*WHILE_UNSENT, *WHILE_UNANSWERED, *OVERDUE, *WHILE_TAKEN)

CLOSES: Mapping[str, tuple[ItemKind, ...]] = {
    "await_consent": (K.REFERRAL_DRAFTED, K.REFERRAL_READY),
    "make_ready": (K.REFERRAL_DRAFTED, K.REFERRAL_CONSENT),
    "send": WHILE_UNSENT,
    "acknowledge": (K.REFERRAL_LINK,),
    "request_info": (K.REFERRAL_RECEIVED, K.REFERRAL_LINK, *OVERDUE),
    "answer_info": (K.REFERRAL_QUESTION,),
    "accept": (*WHILE_UNANSWERED, *OVERDUE, K.REFERRAL_RECONFIRM),
    "waitlist": (*WHILE_UNANSWERED, *OVERDUE, K.REFERRAL_TO_SCHEDULE),
    "schedule": (K.REFERRAL_TO_SCHEDULE,),
    "start": (K.REFERRAL_TO_SCHEDULE, *OVERDUE),
    "hold": OVERDUE,
    "resume": (K.REFERRAL_UPDATE,),
}


def settle(referral: Referral, verb: str, *, at: datetime, actor: Actor) -> None:
    """Close the work that a verb settles; what ends a referral settles all of it."""
    kinds = CLOSES.get(verb, () if referral.is_open else ALL_WORK)
    if kinds:
        close_items(source_id=referral.id, kinds=kinds, outcome=verb, at=at, actor=actor)


def open_work(referral: Referral, verb: str, *, at: datetime, calendar: Calendar, policy: Policy, actor: Actor) -> None:
    """Open the work that a verb makes."""
    for task in OPENS.get(verb, ()):
        ask(referral, task, at=at, calendar=calendar, policy=policy, actor=actor)


def ask(referral: Referral, task: Task, *, at: datetime, calendar: Calendar, policy: Policy, actor: Actor) -> None:
    """Put one piece of work on the list of its side; it is due in open time of the receiver's calendar."""
    if isinstance(task.days, str):
        due_at = at + timedelta(days=getattr(policy, task.days))
    else:
        due_at = moment_after(calendar, at, calendar.business_day * task.days)
    put(referral, task, due_at=due_at, actor=actor)


def put(referral: Referral, task: Task, *, due_at: datetime, actor: Actor) -> None:
    """Put one piece of work on the list of its side, due at `due_at` (aware UTC).

    A receiver without accounts has no list: the sender is asked to see to it, unless it has work of the same meaning.
    """
    theirs = task.side is Side.RECEIVER
    if theirs and not referral.receiver.joined:
        if task.kind in TWINS:
            return
        kind = FOR_SENDER.get(task.kind, task.kind)
        theirs, task = False, replace(task, kind=kind, role=Role.CASE_MANAGER, mine=True)
    urgent = referral.urgency == Urgency.URGENT
    item = NewItem(
        organization_id=referral.receiver_id if theirs else referral.organization_id,
        client_id=referral.client_id,
        kind=task.kind,
        due_at=due_at,
        source_type="referral",
        source_id=referral.id,
        priority=task.urgent if urgent else Priority.NORMAL,
        role=task.role,
        assignee_id=referral.sent_by if task.mine else None,
    )
    open_item(item, actor=actor)

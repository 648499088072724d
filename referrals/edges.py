"""Who may take which step of a referral from where, and what must be told (rules.md §9, REF-08). Rules only.

A rule applies to one side, and the other is not even offered it.
"""

from __future__ import annotations

from typing import Any

from casemgmt.accounts.roles import CASE_MANAGER_AND_UP, PROPOSERS, RECEIVES_REFERRALS
from casemgmt.kernel.lifecycle import Edge, Rule

from .guards import (
    alive,
    client_said_so,
    covered,
    not_yet_covered,
    rebooked,
    receiver,
    seen_first,
    visit_over,
    visit_to_come,
)
from .standing import ReferralFacts, Side
from .words import ENDED, OPEN, UNANSWERED, UNSENT, ReferralStage


def on_the_senders_side(subject: Any, facts: ReferralFacts) -> bool:
    """True for somebody of the organization that refers."""
    return facts.side is Side.SENDER


def on_the_receivers_side(subject: Any, facts: ReferralFacts) -> bool:
    """True for somebody of the organization that is asked."""
    return facts.side is Side.RECEIVER


def on_nobodys_side(subject: Any, facts: ReferralFacts) -> bool:
    """True for the machine that acts when the ground of a referral moves or its time is over; never for a person."""
    return facts.side is Side.GROUND


def edge(stages: tuple[ReferralStage, ...], *rules: Rule) -> Edge:
    """Return the edge that starts at these stages."""
    return Edge(tuple(stage.value for stage in stages), rules)


def by_sender(code: str, *guards: Any, who: frozenset[str] = CASE_MANAGER_AND_UP, **more: Any) -> Rule:
    """Return a rule for the sender's side."""
    return Rule(code, who, guards, when=on_the_senders_side, **more)


def by_receiver(code: str, *guards: Any, **more: Any) -> Rule:
    """Return a rule for the receiver's side."""
    return Rule(code, RECEIVES_REFERRALS, guards, when=on_the_receivers_side, **more)


def by_machine(code: str, *guards: Any, **more: Any) -> Rule:
    """Return a rule for the machine; it acts in the sender's name."""
    return Rule(code, CASE_MANAGER_AND_UP, guards, when=on_nobodys_side, **more)


S = ReferralStage

AWAIT_CONSENT = (
    edge((S.DRAFT,), by_sender("9-consent_pending", not_yet_covered, who=PROPOSERS)),
    edge((S.READY,), by_machine("REF-02", not_yet_covered)),
)
MAKE_READY = (
    edge((S.DRAFT,), by_sender("9-ready", covered, who=PROPOSERS)),
    edge((S.CONSENT_PENDING,), by_sender("9-ready", covered, who=PROPOSERS), by_machine("9-ready", covered)),
)
SEND = (edge(UNSENT, by_sender("9-sent", covered, receiver, alive)),)
ACKNOWLEDGE = (edge((S.SENT,), by_receiver("9-acknowledged")),)
REQUEST_INFO = (edge((S.SENT, S.ACKNOWLEDGED), by_receiver("9-info_requested", needs=("question",))),)
ANSWER_INFO = (edge((S.INFO_REQUESTED,), by_sender("9-info_requested", covered)),)
ACCEPT = (edge((*UNANSWERED, S.WAITLISTED), by_receiver("9-accepted")),)
WAITLIST = (edge((*UNANSWERED, S.ACCEPTED), by_receiver("9-waitlisted", needs=("estimate",))),)
SCHEDULE = (
    edge(
        (S.ACCEPTED,),
        by_sender("9-scheduled", needs=("appointment_at",), told=(visit_to_come,)),
        by_receiver("9-scheduled", needs=("appointment_at",), told=(visit_to_come,)),
    ),
)
REBOOK = (
    edge(
        (S.SCHEDULED,),
        by_sender("9-scheduled", needs=("appointment_at", "rebook_reason"), told=(visit_to_come,)),
        by_receiver("9-scheduled", needs=("appointment_at", "rebook_reason"), told=(visit_to_come,)),
    ),
)
START = (
    edge(
        (S.ACCEPTED, S.SCHEDULED),
        by_receiver("9-in_progress", needs=("first_visit_at",), told=(visit_over,)),
    ),
)
HOLD = (edge((S.IN_PROGRESS,), by_receiver("9-on_hold", needs=("hold_reason",))),)
RESUME = (edge((S.ON_HOLD,), by_receiver("9-on_hold")),)
COMPLETE = (
    edge((S.ACCEPTED, S.WAITLISTED, S.SCHEDULED), by_receiver("9-completed", needs=("outcome",), told=(seen_first,))),
    edge(
        (S.IN_PROGRESS, S.ON_HOLD),
        by_receiver("9-completed", needs=("outcome",)),
        # REF-08: the one close that is the requester's, with the client's word
        by_sender("REF-08", needs=("outcome", "client_confirmed"), told=(client_said_so,)),
    ),
)
DECLINE = (edge((*UNANSWERED, S.WAITLISTED), by_receiver("9-declined", needs=("decline_reason", "declined_by"))),)
EXPIRE = (edge(UNANSWERED, by_machine("9-expired")),)
FAIL = (
    edge(
        (S.SCHEDULED, S.IN_PROGRESS),
        by_receiver("9-failed", needs=("fail_reason",), told=(rebooked,)),
        by_sender("9-failed", needs=("fail_reason",), told=(rebooked,)),
    ),
)
CANCEL = (
    edge(
        OPEN,
        by_sender("9-cancelled", needs=("cancel_reason",)),
        by_receiver("9-cancelled", needs=("cancel_reason",)),
    ),
)
ENTER_IN_ERROR = (
    edge(
        tuple(stage for stage in (*OPEN, *ENDED) if stage is not S.ENTERED_IN_ERROR),
        by_sender("9-entered_in_error", needs=("error_reason",)),
    ),
)
# The sender's side in a machine's hands: it acts for the sender when the ground of a referral falls away.
STOP = (edge(OPEN, by_machine("REF-02", needs=("stop_reason",))),)

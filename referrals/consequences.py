"""What follows from each verb of a referral, in its own transaction: packet, access, clocks, work for people. Inner.

To let something more follow from a verb, add it to the verb's function here, or to the tables of telling.py (work) and
timing.py (clocks).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import TextChoices

from casemgmt.access.services import limit_grants, revoke_grants
from casemgmt.calendars.rules import Calendar, moment_after
from casemgmt.calendars.services import calendar_of
from casemgmt.consent.models import Consent
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Invalid
from casemgmt.kernel.lifecycle import Change
from casemgmt.policies.catalog import Policy
from casemgmt.policies.services import policy_of

from . import placing, telling
from .clocks import turn
from .declining import meaning_of
from .models import Referral
from .packing import disclose, supply
from .standing import ReferralFacts, Side
from .tandem import goes_on_alone
from .timing import Clock, allowance
from .words import (
    NO_RESPONSE,
    UNSENT,
    CancelReason,
    Consequence,
    DeclineReason,
    ErrorReason,
    FailReason,
    HoldReason,
    Outcome,
    Party,
    RebookReason,
    StopReason,
)

SEEN_AFTER_THE_END = timedelta(days=30)  # REF-04


@dataclass(frozen=True, slots=True)
class ReferralOrder:
    """What somebody wants of a referral: a verb, what its rule needs, why. `version` None makes no claim."""

    verb: str
    given: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A verb that was judged and made in memory: the locked referral, what was wanted, what was known, who.

    `calendar`: the receiver's. `policy`: the sender's, whose referral it is.
    """

    referral: Referral
    order: ReferralOrder
    facts: ReferralFacts
    change: Change
    actor: Actor
    calendar: Calendar
    policy: Policy

    @property
    def at(self) -> datetime:
        """The moment of the step (aware UTC)."""
        return self.change.at

    def chosen(self, choices: type[TextChoices], name: str) -> str:
        """Return the coded answer `name`; raise Invalid when it is none of `choices`."""
        value = self.order.given.get(name)
        if value not in choices.values:
            raise Invalid(fields={f"data.{name}": [f"One of: {', '.join(choices.values)}."]})
        return str(value)

    def ask(self, task: telling.Task) -> None:
        """Put one more piece of work on a list."""
        telling.ask(self.referral, task, at=self.at, calendar=self.calendar, policy=self.policy, actor=self.actor)


def follow(
    referral: Referral, order: ReferralOrder, facts: ReferralFacts, change: Change, *, actor: Actor
) -> tuple[str, ...]:
    """Let everything happen that follows from a step; return the columns it wrote.

    Raises Invalid, Refused, NotPermitted, Conflict (an acceptance for a full program).
    """
    calendar, policy = calendar_of(referral.receiver_id), policy_of(referral.organization_id)
    step = Step(referral, order, facts, change, actor, calendar, policy)
    telling.settle(referral, order.verb, at=step.at, actor=actor)
    written = FOLLOWS.get(order.verb, _nothing_more)(step)
    placing.let_go(referral, source=change.source, at=step.at, actor=actor)
    turn(referral, order.verb, at=step.at, calendar=calendar, policy=policy)
    telling.open_work(referral, order.verb, at=step.at, calendar=calendar, policy=policy, actor=actor)
    return written


def _nothing_more(step: Step) -> tuple[str, ...]:
    return ()


def _sent(step: Step) -> tuple[str, ...]:
    referral = step.referral
    disclose(referral, _covering(step), at=step.at, actor=step.actor)
    opens = allowance(Clock.ACKNOWLEDGE, urgency=referral.urgency, policy=step.policy, calendar=step.calendar)
    due_at = moment_after(step.calendar, step.at, opens.allowed)
    telling.put(referral, telling.RECEIVED, due_at=due_at, actor=step.actor)
    return ("packet", "packet_sha256", "consent", "sent_by")


def _told_more(step: Step) -> tuple[str, ...]:
    supply(step.referral, _covering(step), step.order.given, at=step.at, actor=step.actor)
    return ()


def _covering(step: Step) -> Consent:
    assert step.facts.verdict is not None
    assert step.facts.verdict.consent_id is not None
    return Consent.objects.get(pk=step.facts.verdict.consent_id)


def _accepted(step: Step) -> tuple[str, ...]:
    beyond = str(step.order.given.get("over_capacity_reason", ""))
    placing.keep(step.referral, over_capacity_reason=beyond, actor=step.actor)
    step.referral.contact_name = str(step.order.given.get("contact_name", ""))
    return ("contact_name",)


def _scheduled(step: Step) -> tuple[str, ...]:
    step.referral.appointment_at = step.order.given["appointment_at"]
    return ("appointment_at",)


def _rebooked(step: Step) -> tuple[str, ...]:
    if step.chosen(RebookReason, "rebook_reason") == RebookReason.NO_SHOW:
        step.referral.no_shows += 1
    return (*_scheduled(step), "no_shows")


def _started(step: Step) -> tuple[str, ...]:
    step.referral.first_visit_at = step.order.given["first_visit_at"]
    return ("first_visit_at",)


def _held(step: Step) -> tuple[str, ...]:
    step.chosen(HoldReason, "hold_reason")
    return ()


def _declined(step: Step) -> tuple[str, ...]:
    referral = step.referral
    reason, party = step.chosen(DeclineReason, "decline_reason"), step.chosen(Party, "declined_by")
    if party not in (Party.CLIENT, Party.RECEIVER):
        raise Invalid(fields={"data.declined_by": ["The client or the receiver declines."]})
    end_access(referral, at=step.at, actor=step.actor)
    meaning = meaning_of(referral.organization_id, reason=reason, party=party)
    if meaning.consequence == Consequence.REROUTE:
        step.ask(telling.REROUTE)
    elif meaning.consequence == Consequence.REASSESS:
        step.ask(telling.REASSESS)
    elif meaning.consequence == Consequence.PARK:
        referral.parked_until = step.at + timedelta(days=meaning.park_days)
    _look_after_tandem(step)
    return (*_ended(step, reason, party), "parked_until")


def _expired(step: Step) -> tuple[str, ...]:
    stop_showing(step)
    _look_after_tandem(step)
    return _ended(step, NO_RESPONSE, Party.SYSTEM)


def _look_after_tandem(step: Step) -> None:
    if goes_on_alone(step.referral, at=step.at):
        step.ask(telling.ALONE)


def _failed(step: Step) -> tuple[str, ...]:
    reason = step.chosen(FailReason, "fail_reason")
    limit_grants(source_id=step.referral.id, until=step.at + SEEN_AFTER_THE_END, actor=step.actor)
    by_client = reason in (FailReason.NO_SHOW, FailReason.UNREACHABLE)
    return _ended(step, reason, Party.CLIENT if by_client else _party(step))


def _cancelled(step: Step) -> tuple[str, ...]:
    reason = step.chosen(CancelReason, "cancel_reason")
    if step.facts.side is Side.RECEIVER:
        end_access(step.referral, at=step.at, actor=step.actor)
        step.ask(telling.ANSWERED)
    else:
        _taken_back(step)
    return _ended(step, reason, Party.CLIENT if reason == CancelReason.CLIENT_WITHDREW else _party(step))


def _mistaken(step: Step) -> tuple[str, ...]:
    reason = step.chosen(ErrorReason, "error_reason")
    _taken_back(step)
    return _ended(step, reason, Party.SENDER)


def _stopped(step: Step) -> tuple[str, ...]:
    reason = step.chosen(StopReason, "stop_reason")
    _taken_back(step)
    return _ended(step, reason, Party.SYSTEM)


def _completed(step: Step) -> tuple[str, ...]:
    outcome = step.chosen(Outcome, "outcome")
    limit_grants(source_id=step.referral.id, until=step.at + SEEN_AFTER_THE_END, actor=step.actor)
    step.referral.returned_summary = str(step.order.given.get("summary", ""))
    if step.facts.side is Side.RECEIVER:
        step.ask(telling.SUMMARY)
    return (*_ended(step, outcome, _party(step)), "returned_summary")


FOLLOWS: Mapping[str, Callable[[Step], tuple[str, ...]]] = {
    "send": _sent,
    "answer_info": _told_more,
    "accept": _accepted,
    "schedule": _scheduled,
    "rebook": _rebooked,
    "start": _started,
    "hold": _held,
    "decline": _declined,
    "expire": _expired,
    "fail": _failed,
    "cancel": _cancelled,
    "enter_in_error": _mistaken,
    "complete": _completed,
    "stop": _stopped,
}


def _party(step: Step) -> Party:
    return Party(step.facts.side.value)


def _ended(step: Step, reason: str, party: str) -> tuple[str, ...]:
    step.referral.ended_reason, step.referral.ended_by = reason, party
    return ("ended_reason", "ended_by")


def _taken_back(step: Step) -> None:
    """The sender's side ended it: what was sent is no longer shown, and the receiver gets to know."""
    if step.change.source not in UNSENT and step.referral.sent_at is not None:
        stop_showing(step)


def stop_showing(step: Step) -> None:
    """End the receiver's sight of a packet and tell it to rely on it no longer (REF-02)."""
    hide(step.referral, at=step.at, actor=step.actor)


def hide(referral: Referral, *, at: datetime, actor: Actor) -> None:
    """End the receiver's sight of a packet and tell it so, as of `at` (aware UTC)."""
    end_access(referral, at=at, actor=actor)
    telling.put(referral, telling.STOPPED, due_at=at, actor=actor)


def end_access(referral: Referral, *, at: datetime, actor: Actor) -> None:
    """End the receiver's sight of a packet as of `at` (aware UTC); what was disclosed stays in the ledger."""
    revoke_grants(source_id=referral.id, at=at, actor=actor)

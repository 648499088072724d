"""What follows from each verb of a referral, in its own transaction: packet, access, work for people. Inner.

To let something more follow from a verb, add it to the verb's function here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import TextChoices

from casemgmt.access.services import limit_grants, revoke_grants
from casemgmt.accounts.roles import Role
from casemgmt.consent.models import Consent
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Invalid
from casemgmt.kernel.lifecycle import Change
from casemgmt.worklist.models import ItemKind, Priority
from casemgmt.worklist.services import NewItem, close_items, open_item

from .models import Referral
from .packing import disclose
from .standing import ReferralFacts, Side
from .words import CancelReason, DeclineReason, Outcome, Party, ReferralStage, StopReason, Urgency

ACKNOWLEDGE_WITHIN = {Urgency.URGENT.value: timedelta(hours=4), Urgency.ROUTINE.value: timedelta(days=1)}  # §9
LOOK_WITHIN = timedelta(days=1)  # the sender reads the answer
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
    """A verb that was judged and made in memory: the locked referral, what was wanted, what was known, who."""

    referral: Referral
    order: ReferralOrder
    facts: ReferralFacts
    change: Change
    actor: Actor

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


def follow(step: Step) -> tuple[str, ...]:
    """Let everything happen that follows from a step; return the columns it wrote. Raises Invalid, Refused."""
    return FOLLOWS[step.order.verb](step)


def _sent(step: Step) -> tuple[str, ...]:
    assert step.facts.verdict is not None
    assert step.facts.verdict.consent_id is not None
    referral, consent = step.referral, Consent.objects.get(pk=step.facts.verdict.consent_id)
    disclose(referral, consent, at=step.at, actor=step.actor)
    urgent = referral.urgency == Urgency.URGENT
    tell_receiver(
        referral,
        ItemKind.REFERRAL_RECEIVED,
        due_at=step.at + ACKNOWLEDGE_WITHIN[referral.urgency],
        priority=Priority.TODAY if urgent else Priority.NORMAL,
        actor=step.actor,
    )
    return ("packet", "packet_sha256", "consent", "sent_by")


def _acknowledged(step: Step) -> tuple[str, ...]:
    return ()


def _accepted(step: Step) -> tuple[str, ...]:
    _answered(step, outcome="accepted")
    return ()


def _declined(step: Step) -> tuple[str, ...]:
    reason, party = step.chosen(DeclineReason, "decline_reason"), step.chosen(Party, "declined_by")
    if party not in (Party.CLIENT, Party.RECEIVER):
        raise Invalid(fields={"data.declined_by": ["The client or the receiver declines."]})
    _answered(step, outcome="declined")
    end_access(step.referral, at=step.at, actor=step.actor)
    return _ended(step, reason, party)


def _cancelled(step: Step) -> tuple[str, ...]:
    reason = step.chosen(CancelReason, "cancel_reason")
    if step.facts.side is Side.RECEIVER:
        _answered(step, outcome="cancelled")
        end_access(step.referral, at=step.at, actor=step.actor)
    else:
        _taken_back(step)
    by_client = reason == CancelReason.CLIENT_WITHDREW
    return _ended(step, reason, Party.CLIENT if by_client else Party(step.facts.side.value))


def _stopped(step: Step) -> tuple[str, ...]:
    reason = step.chosen(StopReason, "stop_reason")
    _taken_back(step)
    return _ended(step, reason, Party.SYSTEM)


def _completed(step: Step) -> tuple[str, ...]:
    outcome = step.chosen(Outcome, "outcome")
    _answered(step, outcome="completed")
    limit_grants(source_id=step.referral.id, until=step.at + SEEN_AFTER_THE_END, actor=step.actor)
    return _ended(step, outcome, Party.RECEIVER)


FOLLOWS: Mapping[str, Callable[[Step], tuple[str, ...]]] = {
    "send": _sent,
    "acknowledge": _acknowledged,
    "accept": _accepted,
    "decline": _declined,
    "cancel": _cancelled,
    "complete": _completed,
    "stop": _stopped,
}


def _ended(step: Step, reason: str, party: str) -> tuple[str, ...]:
    step.referral.ended_reason, step.referral.ended_by = reason, party
    return ("ended_reason", "ended_by")


def _answered(step: Step, *, outcome: str) -> None:
    """The receiver has answered: its work is done, and the sender gets to know."""
    referral = step.referral
    close_items(
        source_id=referral.id, kinds=(ItemKind.REFERRAL_RECEIVED,), outcome=outcome, at=step.at, actor=step.actor
    )
    item = NewItem(
        organization_id=referral.organization_id,
        client_id=referral.client_id,
        kind=ItemKind.REFERRAL_ANSWERED,
        due_at=step.at + LOOK_WITHIN,
        source_type="referral",
        source_id=referral.id,
        assignee_id=referral.sent_by,
    )
    open_item(item, actor=step.actor)


def _taken_back(step: Step) -> None:
    """The sender's side ended it: what was sent is no longer shown, and the receiver gets to know."""
    if step.change.source != ReferralStage.DRAFT:
        stop_showing(step.referral, at=step.at, actor=step.actor)


def stop_showing(referral: Referral, *, at: datetime, actor: Actor) -> None:
    """End the receiver's sight of a packet and tell it to rely on it no longer (REF-02)."""
    end_access(referral, at=at, actor=actor)
    close_items(source_id=referral.id, kinds=(ItemKind.REFERRAL_RECEIVED,), outcome="cancelled", at=at, actor=actor)
    tell_receiver(referral, ItemKind.REFERRAL_STOPPED, due_at=at, priority=Priority.TODAY, actor=actor)


def end_access(referral: Referral, *, at: datetime, actor: Actor) -> None:
    """End the receiver's sight of a packet as of `at` (aware UTC); what was disclosed stays in the ledger."""
    revoke_grants(source_id=referral.id, at=at, actor=actor)


def tell_receiver(referral: Referral, kind: ItemKind, *, due_at: datetime, priority: Priority, actor: Actor) -> None:
    """Put the referral on the receiver's worklist."""
    item = NewItem(
        organization_id=referral.receiver_id,
        client_id=referral.client_id,
        kind=kind,
        due_at=due_at,
        source_type="referral",
        source_id=referral.id,
        priority=priority,
        role=Role.INTAKE,
    )
    open_item(item, actor=actor)

"""The state chart of a referral (rules.md §9). Methods touch `self` only.

Each side sets only what is its own (REF-08): a rule applies to one side, and the other is not even offered it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models
from django_fsm import FSMField

from casemgmt.accounts.roles import CASE_MANAGER_AND_UP, RECEIVES_REFERRALS
from casemgmt.kernel.lifecycle import Edge, Rule, verb

from .guards import alive, covered, receiver
from .standing import ReferralFacts, Side
from .words import OPEN, UNANSWERED, ReferralStage


def on_the_senders_side(subject: Any, facts: ReferralFacts) -> bool:
    """True for somebody of the organization that refers."""
    return facts.side is Side.SENDER


def on_the_receivers_side(subject: Any, facts: ReferralFacts) -> bool:
    """True for somebody of the organization that is asked."""
    return facts.side is Side.RECEIVER


def its_ground_fell_away(subject: Any, facts: ReferralFacts) -> bool:
    """True for the machine that ends a referral whose consent, client or episode ended; never for a person."""
    return facts.side is Side.GROUND


def edge(stages: tuple[ReferralStage, ...], *rules: Rule) -> tuple[Edge, ...]:
    """Return the edge that starts at these stages."""
    return (Edge(tuple(stage.value for stage in stages), rules),)


SEND = edge(
    (ReferralStage.DRAFT,), Rule("9-sent", CASE_MANAGER_AND_UP, (covered, receiver, alive), when=on_the_senders_side)
)
ACKNOWLEDGE = edge((ReferralStage.SENT,), Rule("9-acknowledged", RECEIVES_REFERRALS, when=on_the_receivers_side))
ACCEPT = edge(UNANSWERED, Rule("9-accepted", RECEIVES_REFERRALS, when=on_the_receivers_side))
DECLINE = edge(
    UNANSWERED,
    Rule("9-declined", RECEIVES_REFERRALS, needs=("decline_reason", "declined_by"), when=on_the_receivers_side),
)
CANCEL = edge(
    OPEN,
    Rule("9-cancelled", CASE_MANAGER_AND_UP, needs=("cancel_reason",), when=on_the_senders_side),
    Rule("9-cancelled", RECEIVES_REFERRALS, needs=("cancel_reason",), when=on_the_receivers_side),
)
COMPLETE = edge(
    (ReferralStage.ACCEPTED,), Rule("9-completed", RECEIVES_REFERRALS, needs=("outcome",), when=on_the_receivers_side)
)
# The sender's side in a machine's hands: it acts for the sender when the ground of a referral falls away.
STOP = edge(OPEN, Rule("REF-02", CASE_MANAGER_AND_UP, needs=("stop_reason",), when=its_ground_fell_away))


class HandOff(models.Model):
    """The stage of a referral, and what only its verbs may write."""

    stage = FSMField(max_length=12, choices=ReferralStage.choices, default=ReferralStage.DRAFT, protected=True)
    moved_at = models.DateTimeField()  # the last move
    sent_at = models.DateTimeField(null=True, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)  # accepted or declined
    ended_at = models.DateTimeField(null=True, blank=True)

    # what `save` must write after a verb
    moved_fields = ("stage", "moved_at", "sent_at", "acknowledged_at", "answered_at", "ended_at")

    class Meta:
        abstract = True

    @verb("stage", target=ReferralStage.SENT, topic="referral.sent", edges=SEND)
    def send(self, *, at: datetime) -> None:
        """Hand the packet over."""
        self.moved_at = self.sent_at = at

    @verb("stage", target=ReferralStage.ACKNOWLEDGED, topic="referral.acknowledged", edges=ACKNOWLEDGE)
    def acknowledge(self, *, at: datetime) -> None:
        """Say that somebody has opened it."""
        self.moved_at = self.acknowledged_at = at

    @verb("stage", target=ReferralStage.ACCEPTED, topic="referral.accepted", edges=ACCEPT)
    def accept(self, *, at: datetime) -> None:
        """Take the client; who accepts has opened it."""
        self.moved_at = self.answered_at = at
        self.acknowledged_at = self.acknowledged_at or at

    @verb("stage", target=ReferralStage.DECLINED, topic="referral.declined", edges=DECLINE)
    def decline(self, *, at: datetime) -> None:
        """Say no, with a coded reason."""
        self.moved_at = self.answered_at = self.ended_at = at
        self.acknowledged_at = self.acknowledged_at or at

    @verb("stage", target=ReferralStage.CANCELLED, topic="referral.cancelled", edges=CANCEL)
    def cancel(self, *, at: datetime) -> None:
        """Take it back, from either side."""
        self.moved_at = self.ended_at = at

    @verb("stage", target=ReferralStage.COMPLETED, topic="referral.completed", edges=COMPLETE)
    def complete(self, *, at: datetime) -> None:
        """Close the loop."""
        self.moved_at = self.ended_at = at

    @verb("stage", target=ReferralStage.CANCELLED, topic="referral.stopped", edges=STOP)
    def stop(self, *, at: datetime) -> None:
        """End because consent, client or episode ended (REF-02, T17)."""
        self.moved_at = self.ended_at = at

    @property
    def is_open(self) -> bool:
        """True until it ended."""
        return self.stage in OPEN

"""The state chart of a waitlist entry: waiting, offered, placed or removed (F5). Methods touch `self` only."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django_fsm import FSMField

from casemgmt.accounts.roles import CASE_MANAGER_AND_UP
from casemgmt.kernel.lifecycle import Edge, Rule, verb

from .words import OPEN, EntryStage

PLAIN = Rule("F5", CASE_MANAGER_AND_UP)
DECLINE = Rule("F5", CASE_MANAGER_AND_UP, needs=("decline_reason",))
WITHDRAW = Rule("F5", CASE_MANAGER_AND_UP, needs=("withdraw_reason",))
REMOVE = Rule("F5", CASE_MANAGER_AND_UP, needs=("removal_reason",))
FROM_OFFER = (EntryStage.OFFERED.value,)


class Waiting(models.Model):
    """The stage of an entry, and what only its verbs may write."""

    stage = FSMField(max_length=8, choices=EntryStage.choices, default=EntryStage.WAITING, protected=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    # what `save` must write after a verb
    moved_fields = ("stage", "closed_at")

    class Meta:
        abstract = True

    @verb(
        "stage",
        target=EntryStage.OFFERED,
        topic="waitlist.offered",
        edges=(Edge((EntryStage.WAITING.value,), (PLAIN,)),),
    )
    def offer(self, *, at: datetime) -> None:
        """Hold a place for the client until they answer."""

    @verb("stage", target=EntryStage.WAITING, topic="waitlist.declined", edges=(Edge(FROM_OFFER, (DECLINE,)),))
    def decline(self, *, at: datetime) -> None:
        """The client does not take this place and goes on waiting."""

    @verb("stage", target=EntryStage.WAITING, topic="waitlist.expired", edges=(Edge(FROM_OFFER, (PLAIN,)),))
    def expire(self, *, at: datetime) -> None:
        """Nobody answered in time; the client goes on waiting."""

    @verb("stage", target=EntryStage.WAITING, topic="waitlist.withdrawn", edges=(Edge(FROM_OFFER, (WITHDRAW,)),))
    def withdraw(self, *, at: datetime) -> None:
        """The offer was taken back; the client goes on waiting."""

    @verb("stage", target=EntryStage.PLACED, topic="waitlist.placed", edges=(Edge(OPEN, (PLAIN,)),))
    def place(self, *, at: datetime) -> None:
        """The client has an enrollment there."""
        self.closed_at = at

    @verb("stage", target=EntryStage.REMOVED, topic="waitlist.removed", edges=(Edge(OPEN, (REMOVE,)),))
    def remove(self, *, at: datetime) -> None:
        """The client waits no longer."""
        self.closed_at = at

    @property
    def is_open(self) -> bool:
        """True while the client waits or has an offer."""
        return str(self.stage) in OPEN

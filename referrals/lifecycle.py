"""The state chart of a referral (rules.md §9). Methods touch `self` only; who may is in edges.py."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django_fsm import FSMField

from casemgmt.kernel.lifecycle import verb

from . import edges
from .words import OPEN, ReferralStage


class HandOff(models.Model):
    """The stage of a referral, and what only its verbs may write."""

    stage = FSMField(max_length=16, choices=ReferralStage.choices, default=ReferralStage.DRAFT, protected=True)
    moved_at = models.DateTimeField()  # the last move
    sent_at = models.DateTimeField(null=True, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)  # accepted, waitlisted or declined, first
    ended_at = models.DateTimeField(null=True, blank=True)

    # what `save` must write after a verb
    moved_fields = ("stage", "moved_at", "sent_at", "acknowledged_at", "answered_at", "ended_at")

    class Meta:
        abstract = True

    @verb(
        "stage",
        target=ReferralStage.CONSENT_PENDING,
        topic="referral.awaits_consent",
        edges=edges.AWAIT_CONSENT,
    )
    def await_consent(self, *, at: datetime) -> None:
        """Wait for a consent that covers it."""
        self.moved_at = at

    @verb("stage", target=ReferralStage.READY, topic="referral.ready", edges=edges.MAKE_READY)
    def make_ready(self, *, at: datetime) -> None:
        """Say that a consent covers it and somebody may send it."""
        self.moved_at = at

    @verb("stage", target=ReferralStage.SENT, topic="referral.sent", edges=edges.SEND)
    def send(self, *, at: datetime) -> None:
        """Hand the packet over."""
        self.moved_at = self.sent_at = at

    @verb("stage", target=ReferralStage.ACKNOWLEDGED, topic="referral.acknowledged", edges=edges.ACKNOWLEDGE)
    def acknowledge(self, *, at: datetime) -> None:
        """Say that somebody has opened it."""
        self.moved_at = self.acknowledged_at = at

    @verb("stage", target=ReferralStage.INFO_REQUESTED, topic="referral.info_requested", edges=edges.REQUEST_INFO)
    def request_info(self, *, at: datetime) -> None:
        """Ask the sender something; who asks has opened it."""
        self._opened(at)

    @verb("stage", target=ReferralStage.ACKNOWLEDGED, topic="referral.info_given", edges=edges.ANSWER_INFO)
    def answer_info(self, *, at: datetime) -> None:
        """Answer what the receiver asked."""
        self.moved_at = at

    @verb("stage", target=ReferralStage.ACCEPTED, topic="referral.accepted", edges=edges.ACCEPT)
    def accept(self, *, at: datetime) -> None:
        """Take the client."""
        self._answered(at)

    @verb("stage", target=ReferralStage.WAITLISTED, topic="referral.waitlisted", edges=edges.WAITLIST)
    def waitlist(self, *, at: datetime) -> None:
        """Take the client as soon as there is a place."""
        self._answered(at)

    @verb("stage", target=ReferralStage.SCHEDULED, topic="referral.scheduled", edges=edges.SCHEDULE)
    def schedule(self, *, at: datetime) -> None:
        """Give the first visit its time."""
        self.moved_at = at

    @verb("stage", target=ReferralStage.SCHEDULED, topic="referral.rebooked", edges=edges.REBOOK)
    def rebook(self, *, at: datetime) -> None:
        """Give the first visit another time."""
        self.moved_at = at

    @verb("stage", target=ReferralStage.IN_PROGRESS, topic="referral.started", edges=edges.START)
    def start(self, *, at: datetime) -> None:
        """Say that the first visit took place."""
        self.moved_at = at

    @verb("stage", target=ReferralStage.ON_HOLD, topic="referral.held", edges=edges.HOLD)
    def hold(self, *, at: datetime) -> None:
        """Let the service rest."""
        self.moved_at = at

    @verb("stage", target=ReferralStage.IN_PROGRESS, topic="referral.resumed", edges=edges.RESUME)
    def resume(self, *, at: datetime) -> None:
        """Let the service go on."""
        self.moved_at = at

    @verb("stage", target=ReferralStage.COMPLETED, topic="referral.completed", edges=edges.COMPLETE)
    def complete(self, *, at: datetime) -> None:
        """Close the loop."""
        self.moved_at = self.ended_at = at

    @verb("stage", target=ReferralStage.DECLINED, topic="referral.declined", edges=edges.DECLINE)
    def decline(self, *, at: datetime) -> None:
        """Say no, with a coded reason."""
        self._answered(at)
        self.ended_at = at

    @verb("stage", target=ReferralStage.EXPIRED, topic="referral.expired", edges=edges.EXPIRE)
    def expire(self, *, at: datetime) -> None:
        """End because nobody answered."""
        self.moved_at = self.ended_at = at

    @verb("stage", target=ReferralStage.FAILED, topic="referral.failed", edges=edges.FAIL)
    def fail(self, *, at: datetime) -> None:
        """Say that it came to nothing after all."""
        self.moved_at = self.ended_at = at

    @verb("stage", target=ReferralStage.CANCELLED, topic="referral.cancelled", edges=edges.CANCEL)
    def cancel(self, *, at: datetime) -> None:
        """Take it back, from either side."""
        self.moved_at = self.ended_at = at

    @verb(
        "stage",
        target=ReferralStage.ENTERED_IN_ERROR,
        topic="referral.entered_in_error",
        edges=edges.ENTER_IN_ERROR,
    )
    def enter_in_error(self, *, at: datetime) -> None:
        """Say that it should never have been made; what left stays in the accounting."""
        self.moved_at = at
        self.ended_at = self.ended_at or at

    @verb("stage", target=ReferralStage.CANCELLED, topic="referral.stopped", edges=edges.STOP)
    def stop(self, *, at: datetime) -> None:
        """End because consent, client or episode ended (REF-02, T17)."""
        self.moved_at = self.ended_at = at

    @property
    def is_open(self) -> bool:
        """True until it ended."""
        return self.stage in OPEN

    def _opened(self, at: datetime) -> None:
        self.moved_at = at
        self.acknowledged_at = self.acknowledged_at or at

    def _answered(self, at: datetime) -> None:
        """Whoever answers has opened it; the first answer counts."""
        self._opened(at)
        self.answered_at = self.answered_at or at

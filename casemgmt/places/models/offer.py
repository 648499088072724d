"""Offers of a place or a bed, and who was passed over for each (F5)."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from casemgmt.clients.models import Client
from casemgmt.kernel.clock import DatabaseNow
from casemgmt.kernel.ids import new_id
from casemgmt.kernel.models import Entity
from casemgmt.places.querysets import OfferQuerySet, OfferSkipQuerySet
from casemgmt.places.words import DeclineReason, OfferOutcome, SkipReason, WithdrawReason
from programs.models import Enrollment, Program

from .bed import Bed
from .entry import WaitlistEntry


class Offer(Entity):
    """A place held for somebody in line until they answer or the time is over. An open one counts as a place taken.

    Offers of one freed place share `opening_id`: it goes from one to the next until somebody takes it.
    """

    entry = models.ForeignKey(WaitlistEntry, on_delete=models.PROTECT, related_name="offers")
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="+")
    bed = models.ForeignKey(Bed, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    opening_id = models.UUIDField(default=new_id)
    outcome = models.CharField(max_length=9, choices=OfferOutcome.choices, default=OfferOutcome.OPEN)
    reason = models.CharField(max_length=20, blank=True)  # coded: why it was declined or withdrawn
    passes_on = models.BooleanField(default=False)  # ended without an answer; its place is held for the next in line
    position = models.PositiveIntegerField()  # in line, when it was made; 1 is first
    rank = models.JSONField()  # points and terms as they were, with the version of the rule (F5)
    offered_at = models.DateTimeField(db_default=DatabaseNow())
    offered_by = models.UUIDField(null=True)  # None: by the machine, as the one before did not take it
    expires_at = models.DateTimeField()
    remind_at = models.DateTimeField()
    reminded_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    enrollment = models.ForeignKey(Enrollment, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = OfferQuerySet.as_manager()

    class Meta:
        constraints = [
            # F5: nobody holds two; the last place of a program is held once, by `program_places_fit`
            models.UniqueConstraint(fields=["entry"], condition=Q(outcome="open"), name="offer_one_open_per_entry"),
            models.UniqueConstraint(  # F5: nor by way of two entries
                fields=["client", "program"], condition=Q(outcome="open"), name="offer_one_open_per_client"
            ),
            # F5: a bed is offered to one at a time, and to nobody until the next in line was looked for
            models.UniqueConstraint(
                fields=["bed"], condition=Q(outcome="open") | Q(passes_on=True), name="offer_one_per_bed"
            ),
            # F5: one place is offered to one at a time
            models.UniqueConstraint(
                fields=["opening_id"], condition=Q(outcome="open") | Q(passes_on=True), name="offer_one_per_opening"
            ),
            # F5: each place is offered to the same one once
            models.UniqueConstraint(fields=["opening_id", "entry"], name="offer_once_per_opening"),
            # an answer is one of these, an ended offer has its moment, an open one has none
            models.CheckConstraint(
                condition=Q(outcome="open", ended_at__isnull=True, passes_on=False)
                | (Q(outcome__in=OfferOutcome.values, ended_at__isnull=False) & ~Q(outcome="open")),
                name="offer_ended_at_fits",
            ),
            # F5: why it was declined or taken back is a code
            models.CheckConstraint(
                condition=Q(outcome="declined", reason__in=DeclineReason.values)
                | Q(outcome="withdrawn", reason__in=WithdrawReason.values)
                | Q(outcome__in=["open", "accepted", "expired"], reason=""),
                name="offer_reason_fits",
            ),
            # F5: who accepted has an enrollment, and nobody else
            models.CheckConstraint(
                condition=Q(outcome="accepted", enrollment__isnull=False)
                | (~Q(outcome="accepted") & Q(enrollment__isnull=True)),
                name="offer_enrollment_fits",
            ),
            # F5: there is time to answer, and the reminder falls into it
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("offered_at"), remind_at__gte=F("offered_at"))
                & Q(remind_at__lt=F("expires_at")),
                name="offer_times_fit",
            ),
        ]
        indexes = [
            # reader: one client's offers, newest first
            models.Index(fields=["client", "-id"], name="offer_by_client"),
            # reader: one entry's offers, newest first
            models.Index(fields=["entry", "-id"], name="offer_by_entry"),
            # reader: one program's offers, newest first
            models.Index(fields=["program", "-id"], name="offer_by_program"),
            # reader: the tick that ends what nobody answered and passes places on; the count of places held
            models.Index(
                fields=["expires_at", "id"], name="offer_holding", condition=Q(outcome="open") | Q(passes_on=True)
            ),
            # reader: the tick that reminds
            models.Index(
                fields=["remind_at", "id"],
                name="offer_to_remind",
                condition=Q(outcome="open", reminded_at__isnull=True),
            ),
        ]

    @property
    def is_open(self) -> bool:
        """True while it waits for an answer."""
        return self.outcome == OfferOutcome.OPEN


class OfferSkip(models.Model):
    """Somebody stood ahead of the one who got an offer, and why the place was not for them. Never changed (F5)."""

    seq = models.BigAutoField(primary_key=True)
    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="skips")
    entry = models.ForeignKey(WaitlistEntry, on_delete=models.PROTECT, related_name="skips")
    position = models.PositiveIntegerField()
    reason = models.CharField(max_length=20, choices=SkipReason.choices)
    needs = ArrayField(models.CharField(max_length=16), default=list)  # those that the place does not meet
    at = models.DateTimeField(db_default=DatabaseNow())

    objects = OfferSkipQuerySet.as_manager()

    class Meta:
        constraints = [
            # F5: one reason per offer and person
            models.UniqueConstraint(fields=["offer", "entry"], name="offer_skip_once"),
            models.CheckConstraint(condition=Q(reason__in=SkipReason.values), name="offer_skip_reason_known"),  # F5
        ]
        indexes = [
            # reader: who was passed over for an offer, in line
            models.Index(fields=["offer", "seq"], name="offer_skip_by_offer"),
            # reader: when and why one entry was passed over, newest first
            models.Index(fields=["entry", "-seq"], name="offer_skip_by_entry"),
        ]

    def __str__(self) -> str:
        return f"offer skip {self.seq}"

"""Referrals and their append-only ledger. What was sent stays as it was sent: a trigger keeps the packet."""

from __future__ import annotations

from functools import reduce
from operator import or_

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from casemgmt.accounts.models import Organization
from casemgmt.clients.models import Client
from casemgmt.consent.models import Consent
from casemgmt.episodes.models import Episode
from casemgmt.kernel.clock import DatabaseNow
from casemgmt.kernel.lifecycle import pairs
from casemgmt.kernel.models import Entity
from programs.models import Program
from programs.rules.kinds import Kind
from referrals.lifecycle import HandOff
from referrals.querysets import ReferralMoveQuerySet, ReferralQuerySet
from referrals.words import ENDED, OPEN, UNSENT, Party, ReferralStage, Urgency


class Referral(HandOff, Entity):
    """One client handed from an organization to a program of another: asked, packed, answered (rules.md §9)."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="referrals")
    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="referrals")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")  # the sender
    receiver = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")  # the program's organization
    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16, choices=Kind.choices)  # the program's, when it was drafted
    urgency = models.CharField(max_length=8, choices=Urgency.choices, default=Urgency.ROUTINE)
    reason = models.TextField()
    categories = ArrayField(models.CharField(max_length=24), default=list, blank=True)  # empty: the service's default
    told = models.JSONField(default=dict, blank=True)  # category -> the sender's words, where no room holds it
    created_by = models.UUIDField(null=True)
    sent_by = models.UUIDField(null=True)
    consent = models.ForeignKey(Consent, on_delete=models.PROTECT, null=True, related_name="referrals")
    packet = models.JSONField(default=dict, blank=True)  # what the receiver sees, notice included (P2-30, P2-31)
    packet_sha256 = models.CharField(max_length=64, blank=True)  # empty: nothing has left
    contact_name = models.CharField(max_length=120, blank=True)  # who of the receiver is to be asked; staff, no client
    appointment_at = models.DateTimeField(null=True, blank=True)  # of the first visit
    first_visit_at = models.DateTimeField(null=True, blank=True)  # when the client came
    no_shows = models.PositiveSmallIntegerField(default=0)  # first visits that the client missed and that were rebooked
    parked_until = models.DateTimeField(null=True, blank=True)  # the program is not asked again before (F3)
    returned_summary = models.TextField(blank=True)  # what the receiver tells when it closes the loop
    ended_reason = models.CharField(max_length=24, blank=True)
    ended_by = models.CharField(max_length=8, blank=True, choices=Party.choices)  # whose decision it was

    objects = ReferralQuerySet.as_manager()

    class Meta:
        constraints = [
            # REF-05: one open referral of a client to a program
            models.UniqueConstraint(
                fields=["client", "program"], condition=Q(stage__in=OPEN), name="referral_open_once"
            ),
            models.CheckConstraint(  # §9: a stage is one of ours
                condition=Q(stage__in=ReferralStage.values), name="referral_stage_known"
            ),
            models.CheckConstraint(condition=Q(urgency__in=Urgency.values), name="referral_urgency_known"),  # REF-03
            # a referral is between two organizations; inside one, staff simply plan the enrollment (REF-01)
            models.CheckConstraint(condition=~Q(organization=F("receiver")), name="referral_between_two"),
            # P2-20: a packet, its hash, its consent and its moment come together
            models.CheckConstraint(
                condition=Q(packet_sha256="", sent_at__isnull=True, consent__isnull=True)
                | (~Q(packet_sha256="") & Q(sent_at__isnull=False, consent__isnull=False)),
                name="referral_packet_whole",
            ),
            # §9: nobody answers what was not sent
            models.CheckConstraint(
                condition=Q(stage__in=[*UNSENT, ReferralStage.CANCELLED, ReferralStage.ENTERED_IN_ERROR])
                | Q(sent_at__isnull=False),
                name="referral_answered_was_sent",
            ),
            # §9: what is scheduled has its time, what is in progress its first visit
            models.CheckConstraint(
                condition=(~Q(stage=ReferralStage.SCHEDULED) | Q(appointment_at__isnull=False))
                & (~Q(stage__in=[ReferralStage.IN_PROGRESS, ReferralStage.ON_HOLD]) | Q(first_visit_at__isnull=False)),
                name="referral_visit_told",
            ),
            # an end has its moment, its reason and its author
            models.CheckConstraint(
                condition=(Q(stage__in=ENDED, ended_at__isnull=False) & ~Q(ended_reason="") & ~Q(ended_by=""))
                | (~Q(stage__in=ENDED) & Q(ended_at__isnull=True, ended_reason="", ended_by="")),
                name="referral_end_fits",
            ),
        ]
        indexes = [
            # reader: the sender's box, urgent and newest first
            models.Index(fields=["organization", "-urgency", "-moved_at", "-id"], name="referral_sent_box"),
            # reader: the sender's box, one stage
            models.Index(fields=["organization", "stage", "-urgency", "-moved_at", "-id"], name="referral_sent_stage"),
            # reader: the receiver's inbox, urgent and newest first
            models.Index(fields=["receiver", "-urgency", "-moved_at", "-id"], name="referral_inbox"),
            # reader: the receiver's inbox, one stage
            models.Index(fields=["receiver", "stage", "-urgency", "-moved_at", "-id"], name="referral_inbox_stage"),
            # reader: one client's referrals; the pathway's facts; what a death closes
            models.Index(fields=["client", "-urgency", "-moved_at", "-id"], name="referral_by_client"),
            # reader: drafting again, and suggesting somebody else: what became of those before (F3)
            models.Index(fields=["client", "program", "-id"], name="referral_before"),
        ]


class ReferralMove(models.Model):
    """One row of the ledger of referrals. Never changed (F2)."""

    seq = models.BigAutoField(primary_key=True)
    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="moves")
    verb = models.CharField(max_length=40)
    rule = models.CharField(max_length=24)
    from_stage = models.CharField(max_length=16, blank=True)  # empty: it was drafted
    to_stage = models.CharField(max_length=16)
    at = models.DateTimeField(db_default=DatabaseNow())  # when it was recorded
    effective_at = models.DateTimeField()  # the same: a referral cannot be moved in the past
    actor_kind = models.CharField(max_length=16)
    actor_id = models.UUIDField(null=True)
    actor_organization_id = models.UUIDField(null=True)  # on which side the actor stood
    reason = models.TextField(blank=True)
    given = models.JSONField(default=dict)  # what the rule needed to be told
    facts = models.JSONField(default=dict)  # what the guards saw
    request_id = models.CharField(max_length=64, blank=True)

    objects = ReferralMoveQuerySet.as_manager()

    class Meta:
        constraints = [
            # §9: only what lifecycle.py allows, whoever writes it; follows it by makemigrations
            models.CheckConstraint(
                condition=reduce(
                    or_,
                    [Q(from_stage="", to_stage=ReferralStage.DRAFT)]
                    + [Q(from_stage=source, to_stage=target) for source, target in pairs(Referral)],
                ),
                name="referral_move_allowed",
            ),
            # F2: nothing holds from a moment later than it was recorded
            models.CheckConstraint(condition=Q(effective_at__lte=F("at")), name="referral_move_not_ahead"),
        ]
        indexes = [
            # reader: the ledger of one referral; the trigger that compares it with the stage
            models.Index(fields=["referral", "-seq"], name="referral_move_by_subject"),
        ]

    def __str__(self) -> str:
        return f"referral move {self.seq}"

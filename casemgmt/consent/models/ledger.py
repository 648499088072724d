"""What was given and what left: deliveries of the notice, and the accounting of disclosures. Both only grow."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from casemgmt.accounts.models import Organization
from casemgmt.clients.models import Client
from casemgmt.consent.querysets import DisclosureQuerySet, NoticeDeliveryQuerySet
from casemgmt.consent.words import Artifact, Basis, DisclosureMethod, NoticeMethod, Purpose, RedisclosureBasis
from casemgmt.kernel.clock import DatabaseNow
from casemgmt.kernel.ids import new_id

from .consent import Consent


class NoticeDelivery(models.Model):
    """One delivery of the notice of §2.22 to a client (P2-26). Never changed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="notice_deliveries")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    notice_version = models.CharField(max_length=32)
    method = models.CharField(max_length=12, choices=NoticeMethod.choices)
    delivered_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=DatabaseNow())
    actor_kind = models.CharField(max_length=16)
    actor_id = models.UUIDField(null=True)

    objects = NoticeDeliveryQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(  # P2-26: a method is one of ours
                condition=Q(method__in=NoticeMethod.values), name="notice_method_known"
            ),
            # P2-26: nothing is delivered later than it was recorded
            models.CheckConstraint(
                condition=Q(delivered_at__lte=models.F("recorded_at")), name="notice_delivered_before_recorded"
            ),
        ]
        indexes = [
            # reader: one client's notices, newest first; the pathway's guard G2
            models.Index(fields=["client", "organization", "-id"], name="notice_by_client"),
        ]

    def __str__(self) -> str:
        return f"notice delivery {self.pk}"


class Disclosure(models.Model):
    """One disclosure as it must be accounted for (P2-55): to whom, what, what for, on what basis. Never changed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    at = models.DateTimeField(db_default=DatabaseNow())
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="disclosures")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")  # the discloser
    recipient_organization_id = models.UUIDField(null=True)
    recipient_name = models.CharField(max_length=200)
    recipient_address = models.CharField(max_length=400, blank=True)  # empty: not known
    purpose = models.CharField(max_length=24, choices=Purpose.choices)
    categories = ArrayField(models.CharField(max_length=24))
    description = models.TextField()
    basis = models.CharField(max_length=24, choices=Basis.choices)
    consent = models.ForeignKey(Consent, on_delete=models.PROTECT, null=True, related_name="disclosures")
    notice_statement = models.PositiveSmallIntegerField(null=True)  # 1 or 2 of §2.32(a)
    notice_version = models.CharField(max_length=32, blank=True)
    method = models.CharField(max_length=12, choices=DisclosureMethod.choices)
    actor_kind = models.CharField(max_length=16)
    actor_id = models.UUIDField(null=True)
    packet_sha256 = models.CharField(max_length=64)
    referral_id = models.UUIDField(null=True)
    artifact = models.CharField(max_length=20, choices=Artifact.choices, default=Artifact.REFERRAL_PACKET)
    redisclosure_basis = models.CharField(  # P2-21
        max_length=12, choices=RedisclosureBasis.choices, default=RedisclosureBasis.CONSENT_ONLY
    )

    objects = DisclosureQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(  # P2-55: a basis is one of ours
                condition=Q(basis__in=Basis.values), name="disclosure_basis_known"
            ),
            # P2-30: what leaves by consent names the consent and carries a notice (a NULL would satisfy `IN` alone)
            models.CheckConstraint(
                condition=~Q(basis=Basis.CONSENT)
                | Q(consent__isnull=False, notice_statement__isnull=False, notice_statement__in=[1, 2]),
                name="disclosure_by_consent_whole",
            ),
            models.CheckConstraint(  # P2-30: what leaves is of a kind that `artifacts.py` knows
                condition=Q(artifact__in=Artifact.values), name="disclosure_artifact_known"
            ),
            # P2-60: an emergency needs no consent and relies on none
            models.CheckConstraint(
                condition=~Q(basis=Basis.EMERGENCY) | Q(consent__isnull=True), name="disclosure_in_emergency_alone"
            ),
            # P2-40: an empty disclosure is a mistake
            models.CheckConstraint(condition=Q(categories__len__gt=0), name="disclosure_of_something"),
        ]
        indexes = [
            # reader: the accounting of one client's disclosures, newest first (P2-56)
            models.Index(fields=["client", "organization", "-id"], name="disclosure_by_client"),
            # reader: the packets whose readers lose them when their consent ends (P2-19)
            models.Index(fields=["consent"], name="disclosure_by_consent", condition=Q(consent__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"disclosure {self.pk}"

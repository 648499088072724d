"""Consents, what became of them, and what left under them. A signed consent and every ledger row stay as they are."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from casemgmt.accounts.models import Organization
from casemgmt.clients.models import Client
from casemgmt.kernel.clock import DatabaseNow
from casemgmt.kernel.ids import new_id
from casemgmt.kernel.models import Entity

from .querysets import ConsentQuerySet, DisclosureQuerySet, NoticeDeliveryQuerySet
from .words import (
    Basis,
    ConsentStatus,
    ConsentType,
    DisclosureMethod,
    NoticeMethod,
    Purpose,
    RevocationChannel,
    SignatureMethod,
    SignerRelationship,
)


class Consent(Entity):
    """What a client agreed to in writing, element by element of §2.31(a). Once signed, a trigger keeps its words."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="consents")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")  # who may disclose
    type = models.CharField(max_length=16, choices=ConsentType.choices)
    status = models.CharField(max_length=8, choices=ConsentStatus.choices, default=ConsentStatus.DRAFT)
    client_name = models.CharField(max_length=200, blank=True)  # as on the form; never logged
    discloser = models.CharField(max_length=400, blank=True)  # as on the form: a name or a class
    recipient_ids = ArrayField(models.UUIDField(), default=list, blank=True)  # organizations named
    recipient_classes = ArrayField(models.CharField(max_length=24), default=list, blank=True)
    info_categories = ArrayField(models.CharField(max_length=24), default=list, blank=True)
    info_description = models.TextField(blank=True)
    purposes = ArrayField(models.CharField(max_length=24), default=list, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)  # None: no expiry (P2-16)
    revocation_instructions = models.TextField(blank=True)
    redisclosure_statement_included = models.BooleanField(default=False)
    refusal_consequences_included = models.BooleanField(default=False)
    hipaa_redisclosure_statement_included = models.BooleanField(default=False)
    signer_name = models.CharField(max_length=200, blank=True)  # never logged
    signer_relationship = models.CharField(max_length=24, blank=True, choices=SignerRelationship.choices)
    signed_at = models.DateTimeField(null=True, blank=True)  # None: not signed
    signature_method = models.CharField(max_length=12, blank=True, choices=SignatureMethod.choices)
    revoked_at = models.DateTimeField(null=True, blank=True)  # taken back in full
    revoked_for = ArrayField(models.UUIDField(), default=list, blank=True)  # taken back for these recipients (P2-19)
    recorded_by = models.UUIDField(null=True)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(  # a status is one of ours
                condition=Q(status__in=ConsentStatus.values), name="consent_status_known"
            ),
            models.CheckConstraint(  # P2-17: a type is one of ours
                condition=Q(type__in=ConsentType.values), name="consent_type_known"
            ),
            # P2-16a: nothing unsigned is in force
            models.CheckConstraint(
                condition=Q(status=ConsentStatus.DRAFT) | (Q(signed_at__isnull=False) & ~Q(signer_name="")),
                name="consent_in_force_is_signed",
            ),
            # P2-19: revoked has its moment
            models.CheckConstraint(
                condition=Q(status=ConsentStatus.REVOKED, revoked_at__isnull=False)
                | (~Q(status=ConsentStatus.REVOKED) & Q(revoked_at__isnull=True)),
                name="consent_revoked_at_fits",
            ),
            # P2-16: only a TPO consent, or one that lets nothing leave, may last for ever
            models.CheckConstraint(
                condition=Q(status=ConsentStatus.DRAFT)
                | Q(type__in=[ConsentType.TPO, ConsentType.TREATMENT])
                | Q(expires_at__isnull=False),
                name="consent_expiry_told",
            ),
        ]
        indexes = [
            # reader: one client's consents, newest first; permits() before every disclosure
            models.Index(fields=["client", "organization", "-id"], name="consent_by_client"),
        ]


class ConsentRevocation(models.Model):
    """One taking-back, in full or for one recipient: who wrote it down, how it came (P2-19). Never changed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    consent = models.ForeignKey(Consent, on_delete=models.PROTECT, related_name="revocations")
    recipient_id = models.UUIDField(null=True)  # None: for every recipient
    channel = models.CharField(max_length=12, choices=RevocationChannel.choices)
    reason = models.TextField(blank=True)
    at = models.DateTimeField(db_default=DatabaseNow())
    actor_kind = models.CharField(max_length=16)
    actor_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(  # P2-19: a channel is one of ours
                condition=Q(channel__in=RevocationChannel.values), name="consent_revocation_channel_known"
            ),
            # a recipient is taken back once, and so is everybody
            models.UniqueConstraint(
                fields=["consent", "recipient_id"], nulls_distinct=False, name="consent_revoked_once"
            ),
        ]

    def __str__(self) -> str:
        return f"consent revocation {self.pk}"


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
            # P2-40: an empty disclosure is a mistake
            models.CheckConstraint(condition=Q(categories__len__gt=0), name="disclosure_of_something"),
        ]
        indexes = [
            # reader: the accounting of one client's disclosures, newest first (P2-56)
            models.Index(fields=["client", "organization", "-id"], name="disclosure_by_client"),
        ]

    def __str__(self) -> str:
        return f"disclosure {self.pk}"

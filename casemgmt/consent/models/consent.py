"""Consents and what became of them. A signed consent keeps its words; its steps and takings-back only grow."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from casemgmt.accounts.models import Organization
from casemgmt.clients.models import Client
from casemgmt.consent.querysets import ConsentQuerySet, ConsentStepQuerySet
from casemgmt.consent.words import (
    ConsentStatus,
    ConsentType,
    CopyChannel,
    ExpiryEvent,
    RevocationChannel,
    SignatureMethod,
    SignerRelationship,
    Step,
)
from casemgmt.kernel.clock import DatabaseNow
from casemgmt.kernel.ids import new_id
from casemgmt.kernel.models import Entity


class Consent(Entity):
    """What a client agreed to in writing, element by element of §2.31(a). Once signed, a trigger keeps its words."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="consents")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")  # who may disclose
    type = models.CharField(max_length=16, choices=ConsentType.choices)
    status = models.CharField(max_length=10, choices=ConsentStatus.choices, default=ConsentStatus.DRAFT)
    client_name = models.CharField(max_length=200, blank=True)  # as on the form; never logged
    discloser = models.CharField(max_length=400, blank=True)  # as on the form: a name or a class
    recipient_ids = ArrayField(models.UUIDField(), default=list, blank=True)  # organizations named
    recipient_classes = ArrayField(models.CharField(max_length=24), default=list, blank=True)
    through_intermediary = models.BooleanField(default=False)  # P2-13a: recipients are its participants
    intermediary_name = models.CharField(max_length=200, blank=True)
    info_categories = ArrayField(models.CharField(max_length=24), default=list, blank=True)
    info_description = models.TextField(blank=True)
    purposes = ArrayField(models.CharField(max_length=24), default=list, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)  # None: no expiry, or an event that is still to come
    expires_event = models.CharField(max_length=16, blank=True, choices=ExpiryEvent.choices)  # P2-16; it sets the time
    expires_program_id = models.UUIDField(null=True, blank=True)  # the program whose end is meant; above this room
    revocation_instructions = models.TextField(blank=True)
    redisclosure_statement_included = models.BooleanField(default=False)
    refusal_consequences_included = models.BooleanField(default=False)
    hipaa_redisclosure_statement_included = models.BooleanField(default=False)
    fundraising_optout_statement_included = models.BooleanField(default=False)
    revocable_from = models.DateTimeField(null=True, blank=True)  # P2-23: of a criminal justice consent
    template_version = models.CharField(max_length=32, blank=True)  # of the form that was filled in
    signer_name = models.CharField(max_length=200, blank=True)  # never logged
    signer_relationship = models.CharField(max_length=24, blank=True, choices=SignerRelationship.choices)
    signed_at = models.DateTimeField(null=True, blank=True)  # None: not signed
    signature_method = models.CharField(max_length=12, blank=True, choices=SignatureMethod.choices)
    signature_artifact_hash = models.CharField(
        max_length=64, blank=True
    )  # SHA-256 of the paper's scan, if there is one
    document_hash = models.CharField(max_length=64, blank=True, editable=False)  # SHA-256 of the elements as signed
    supersedes = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="successors")
    superseded_at = models.DateTimeField(null=True, blank=True)
    disputed_at = models.DateTimeField(null=True, blank=True)  # P2-18: nothing leaves under it until that is settled
    suspended_at = models.DateTimeField(null=True, blank=True)  # P2-19a: nor until staff confirm what the client wrote
    warned_at = models.DateTimeField(null=True, blank=True)  # somebody was told that it ends soon
    expiry_told_at = models.DateTimeField(null=True, blank=True)  # what relied on it was told that it ended
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
                | Q(expires_at__isnull=False)
                | ~Q(expires_event=""),
                name="consent_expiry_told",
            ),
            models.CheckConstraint(  # P2-16: an event is one of ours
                condition=Q(expires_event__in=["", *ExpiryEvent.values]), name="consent_expiry_event_known"
            ),
            # P2-16: "the end of the program" says of which
            models.CheckConstraint(
                condition=Q(status=ConsentStatus.DRAFT)
                | ~Q(expires_event=ExpiryEvent.END_OF_PROGRAM)
                | Q(expires_program_id__isnull=False),
                name="consent_expiry_program_told",
            ),
            # a consent that another took the place of has its moment
            models.CheckConstraint(
                condition=Q(status=ConsentStatus.SUPERSEDED, superseded_at__isnull=False)
                | (~Q(status=ConsentStatus.SUPERSEDED) & Q(superseded_at__isnull=True)),
                name="consent_superseded_at_fits",
            ),
            # one consent takes the place of another, not several
            models.UniqueConstraint(
                fields=["supersedes"], condition=~Q(status=ConsentStatus.DRAFT), name="consent_superseded_once"
            ),
            # P2-13a: whoever it goes through is named
            models.CheckConstraint(
                condition=Q(status=ConsentStatus.DRAFT) | Q(through_intermediary=False) | ~Q(intermediary_name=""),
                name="consent_intermediary_named",
            ),
            # P2-23: what a court waits for says from when it may be taken back
            models.CheckConstraint(
                condition=Q(status=ConsentStatus.DRAFT)
                | ~Q(type=ConsentType.CRIMINAL_JUSTICE)
                | Q(revocable_from__isnull=False),
                name="consent_for_justice_revocable",
            ),
        ]
        indexes = [
            # reader: one client's consents, newest first; permits() before every disclosure
            models.Index(fields=["client", "organization", "-id"], name="consent_by_client"),
            # reader: the sweep of what ended and what ends soon (P2-18)
            models.Index(
                fields=["expires_at"],
                name="consent_to_expire",
                condition=Q(status=ConsentStatus.ACTIVE, expires_at__isnull=False, expiry_told_at__isnull=True),
            ),
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


class ConsentStep(models.Model):
    """Something else that happened to a consent: a copy, a witness, a dispute, a request, its end. Never changed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    consent = models.ForeignKey(Consent, on_delete=models.PROTECT, related_name="steps")
    what = models.CharField(max_length=24, choices=Step.choices)
    channel = models.CharField(max_length=12, blank=True, choices=CopyChannel.choices)
    reason = models.TextField(blank=True)
    at = models.DateTimeField(db_default=DatabaseNow())
    actor_kind = models.CharField(max_length=16)
    actor_id = models.UUIDField(null=True)

    objects = ConsentStepQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(  # a step is one of ours
                condition=Q(what__in=Step.values), name="consent_step_known"
            ),
            # P2-25, P2-19a: a copy, and a wish to revoke, came some way
            models.CheckConstraint(
                condition=~Q(what__in=[Step.COPY_GIVEN, Step.REVOCATION_ASKED]) | ~Q(channel=""),
                name="consent_step_has_channel",
            ),
            # P2-18: a doubt, and its end, say why
            models.CheckConstraint(
                condition=~Q(what__in=[Step.DISPUTED, Step.DISPUTE_SETTLED, Step.REVOCATION_NOT_MEANT]) | ~Q(reason=""),
                name="consent_step_has_reason",
            ),
            # table 1.9: one witnesses once
            models.UniqueConstraint(
                fields=["consent", "actor_id"], condition=Q(what=Step.WITNESSED), name="consent_witnessed_once"
            ),
            # P2-18: what relied on it hears of the end once
            models.UniqueConstraint(fields=["consent"], condition=Q(what=Step.EXPIRED), name="consent_expired_once"),
        ]
        indexes = [
            # reader: what happened to one consent, newest first
            models.Index(fields=["consent", "-id"], name="consent_step_by_consent"),
        ]

    def __str__(self) -> str:
        return f"consent step {self.pk}"

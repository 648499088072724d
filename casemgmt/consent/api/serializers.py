"""Shapes of consents, notices and disclosures."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from casemgmt.api.serializers import StrictSerializer
from casemgmt.api.views import PageIn
from casemgmt.consent import words
from casemgmt.consent.models import Consent, Disclosure, NoticeDelivery


class ConsentFormIn(StrictSerializer):
    """The elements of a written consent (42 CFR 2.31). A draft may lack any; one in force lacks none."""

    client_name = serializers.CharField(max_length=200, required=False, allow_blank=True)
    discloser = serializers.CharField(max_length=400, required=False, allow_blank=True)
    recipient_ids = serializers.ListField(
        child=serializers.UUIDField(), max_length=50, required=False, help_text="Organizations named as recipients."
    )
    recipient_classes = serializers.ListField(
        child=serializers.ChoiceField(choices=words.RecipientClass.choices), max_length=20, required=False
    )
    through_intermediary = serializers.BooleanField(
        required=False, help_text="The recipients are participants of an intermediary (42 CFR 2.11, 2.24)."
    )
    intermediary_name = serializers.CharField(max_length=200, required=False, allow_blank=True)
    info_categories = serializers.ListField(
        child=serializers.ChoiceField(choices=words.Category.choices), max_length=40, required=False
    )
    info_description = serializers.CharField(max_length=4000, required=False, allow_blank=True)
    purposes = serializers.ListField(
        child=serializers.ChoiceField(choices=words.Purpose.choices), max_length=20, required=False
    )
    expires_at = serializers.DateTimeField(required=False, allow_null=True)
    expires_event = serializers.ChoiceField(
        choices=words.ExpiryEvent.choices, required=False, allow_blank=True, help_text="In place of `expires_at`."
    )
    expires_program_id = serializers.UUIDField(
        required=False, allow_null=True, help_text="With `end_of_program`: of which."
    )
    revocation_instructions = serializers.CharField(max_length=4000, required=False, allow_blank=True)
    redisclosure_statement_included = serializers.BooleanField(required=False)
    refusal_consequences_included = serializers.BooleanField(required=False)
    hipaa_redisclosure_statement_included = serializers.BooleanField(required=False)
    fundraising_optout_statement_included = serializers.BooleanField(required=False)
    revocable_from = serializers.DateTimeField(
        required=False, allow_null=True, help_text="Of a criminal justice consent: when it may be taken back."
    )
    template_version = serializers.CharField(max_length=32, required=False, allow_blank=True)
    signer_name = serializers.CharField(max_length=200, required=False, allow_blank=True)
    signer_relationship = serializers.ChoiceField(choices=words.SignerRelationship.choices, required=False)
    signed_at = serializers.DateTimeField(required=False, allow_null=True)
    signature_method = serializers.ChoiceField(choices=words.SignatureMethod.choices, required=False)
    signature_artifact_hash = serializers.RegexField(
        r"^([0-9a-f]{64})?$", required=False, allow_blank=True, help_text="SHA-256 of the signed paper's scan."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Return lists as tuples without repeats, in the order given."""
        return {
            name: tuple(dict.fromkeys(value)) if isinstance(value, list) else value for name, value in attrs.items()
        }


class ConsentIn(ConsentFormIn):
    """A new consent. With `activate` (the default) it must be whole."""

    client = serializers.UUIDField()
    type = serializers.ChoiceField(choices=words.ConsentType.choices)
    activate = serializers.BooleanField(required=False, default=True)
    supersedes = serializers.UUIDField(
        required=False, help_text="The consent in force that this one replaces once it is in force itself."
    )


class ConsentsIn(PageIn):
    """Whose consents."""

    client = serializers.UUIDField()


class ConsentOut(serializers.ModelSerializer[Consent]):
    """One consent. Expiry is not a status: compare `expires_at` with the clock."""

    class Meta:
        model = Consent
        fields = (
            "id",
            "client_id",
            "organization_id",
            "type",
            "status",
            "client_name",
            "discloser",
            "recipient_ids",
            "recipient_classes",
            "through_intermediary",
            "intermediary_name",
            "info_categories",
            "info_description",
            "purposes",
            "expires_at",
            "expires_event",
            "expires_program_id",
            "revocation_instructions",
            "redisclosure_statement_included",
            "refusal_consequences_included",
            "hipaa_redisclosure_statement_included",
            "fundraising_optout_statement_included",
            "revocable_from",
            "template_version",
            "signer_name",
            "signer_relationship",
            "signed_at",
            "signature_method",
            "signature_artifact_hash",
            "document_hash",
            "supersedes_id",
            "superseded_at",
            "disputed_at",
            "suspended_at",
            "revoked_at",
            "revoked_for",
            "version",
        )


class ActivationIn(StrictSerializer):
    """Putting a draft in force."""

    version = serializers.IntegerField(min_value=1, max_value=2_147_483_647, required=False)


class RevocationIn(StrictSerializer):
    """Taking a consent back, for everybody or for one recipient."""

    channel = serializers.ChoiceField(choices=words.RevocationChannel.choices)
    reason = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")
    recipient = serializers.UUIDField(required=False, help_text="Only for this organization; without it, for all.")
    version = serializers.IntegerField(min_value=1, max_value=2_147_483_647, required=False)


class NoticeIn(StrictSerializer):
    """A delivery of the Part 2 notice. Without `delivered_at`: now."""

    client = serializers.UUIDField()
    notice_version = serializers.CharField(max_length=32)
    method = serializers.ChoiceField(choices=words.NoticeMethod.choices)
    delivered_at = serializers.DateTimeField(required=False)


class NoticeOut(serializers.ModelSerializer[NoticeDelivery]):
    """A delivery of the notice."""

    class Meta:
        model = NoticeDelivery
        fields = ("id", "client_id", "organization_id", "notice_version", "method", "delivered_at", "recorded_at")


class DisclosureOut(serializers.ModelSerializer[Disclosure]):
    """One row of the accounting of disclosures."""

    class Meta:
        model = Disclosure
        fields = (
            "id",
            "at",
            "client_id",
            "organization_id",
            "recipient_organization_id",
            "recipient_name",
            "recipient_address",
            "purpose",
            "categories",
            "description",
            "basis",
            "consent_id",
            "notice_statement",
            "notice_version",
            "method",
            "actor_id",
            "packet_sha256",
            "referral_id",
            "artifact",
            "redisclosure_basis",
        )

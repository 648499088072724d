"""Shapes of emergencies, spoken disclosures and accountings."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from casemgmt.api.serializers import StrictSerializer
from casemgmt.api.views import PageIn
from casemgmt.consent.words import Artifact, Category, DisclosureMethod, Purpose, RecipientClass
from casemgmt.disclosures.models import AccountingRequest, EmergencyDisclosure, OralDisclosure
from casemgmt.disclosures.words import EmergencyOutcome, RecipientKind, Requester, StatementHow

VERSION: dict[str, Any] = {"min_value": 1, "max_value": 2_147_483_647, "required": False}


class OfClientIn(PageIn):
    """Whose."""

    client = serializers.UUIDField()


class EmergenciesIn(PageIn):
    """Of one client, or of the organization; those whose record is finished or not, judged or not."""

    client = serializers.UUIDField(required=False)
    closed = serializers.BooleanField(required=False, allow_null=True, default=None)
    reviewed = serializers.BooleanField(required=False, allow_null=True, default=None)


class FactsIn(StrictSerializer):
    """The facts of 42 CFR 2.51(c), as far as they are known."""

    personnel_name = serializers.CharField(max_length=200, required=False)
    facility = serializers.CharField(max_length=200, required=False)
    discloser_name = serializers.CharField(max_length=200, required=False)
    disclosed_at = serializers.DateTimeField(required=False)
    nature = serializers.CharField(max_length=4000, required=False)
    redisclosure_request_at = serializers.DateTimeField(
        required=False, help_text="When the provider was asked not to pass on what the client wanted kept back."
    )


class EmergencyIn(FactsIn):
    """Telling medical personnel now. Facts may follow."""

    recipient_kind = serializers.ChoiceField(choices=RecipientKind.choices)
    categories = serializers.ListField(
        child=serializers.ChoiceField(choices=Category.choices), min_length=1, max_length=20
    )
    told = serializers.DictField(
        child=serializers.CharField(max_length=2000), required=False, help_text="Your words, by category."
    )
    method = serializers.ChoiceField(choices=DisclosureMethod.choices, default=DisclosureMethod.ORAL)


class EmergencyOut(serializers.ModelSerializer[EmergencyDisclosure]):
    """One emergency disclosure; what was told is read apart."""

    class Meta:
        model = EmergencyDisclosure
        fields = (
            "id",
            "client_id",
            "organization_id",
            "disclosure_id",
            "recipient_kind",
            "personnel_name",
            "facility",
            "discloser_name",
            "disclosed_at",
            "nature",
            "categories",
            "restriction_overridden",
            "redisclosure_request_at",
            "opened_by",
            "created_at",
            "facts_due_at",
            "closed_at",
            "closed_by",
            "reviewed_at",
            "reviewed_by",
            "outcome",
            "remark",
            "version",
        )


class ContentOut(serializers.Serializer[Any]):
    """What was told, with the notice and labels that go along."""

    packet = serializers.DictField()
    packet_sha256 = serializers.CharField()


class ToldOut(serializers.Serializer[Any]):
    """A new emergency disclosure with what to tell."""

    emergency = EmergencyOut(source="*")
    content = ContentOut()


class SeenVersionIn(StrictSerializer):
    """Which version was seen."""

    version = serializers.IntegerField(**VERSION)


class EmergencyReviewIn(SeenVersionIn):
    """How a privacy officer judges it."""

    outcome = serializers.ChoiceField(choices=EmergencyOutcome.choices)
    remark = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")


class ScriptOut(serializers.Serializer[Any]):
    """What may be said to family, police and everybody else who is not medical personnel."""

    say = serializers.ListField(child=serializers.CharField())
    besides = serializers.ListField(child=serializers.CharField())


class OralIn(StrictSerializer):
    """What was said, to whom, what for. Without `statement`: the statement is still owed."""

    recipient = serializers.UUIDField()
    recipient_class = serializers.ChoiceField(choices=RecipientClass.choices)
    recipient_name = serializers.CharField(max_length=200, help_text="The person spoken to, and where.")
    categories = serializers.ListField(
        child=serializers.ChoiceField(choices=Category.choices), min_length=1, max_length=20
    )
    purpose = serializers.ChoiceField(choices=Purpose.choices)
    description = serializers.CharField(max_length=4000)
    statement = serializers.ChoiceField(choices=StatementHow.choices, required=False)


class OralOut(serializers.ModelSerializer[OralDisclosure]):
    """One spoken disclosure; `incomplete` until the statement was given."""

    status = serializers.ChoiceField(choices=["incomplete", "complete"], read_only=True)

    class Meta:
        model = OralDisclosure
        fields = (
            "id",
            "client_id",
            "organization_id",
            "disclosure_id",
            "status",
            "spoken_by",
            "created_at",
            "statement_how",
            "statement_at",
            "version",
        )


class OralStatementIn(SeenVersionIn):
    """How the recipient got the statement. Without `given_at`: now."""

    how = serializers.ChoiceField(choices=StatementHow.choices)
    given_at = serializers.DateTimeField(required=False)


class OralStatementOut(serializers.Serializer[Any]):
    """What the recipient of a spoken disclosure is read or sent (42 CFR 2.32)."""

    notice = serializers.DictField()
    consent_scope = serializers.CharField()
    labels = serializers.ListField(child=serializers.CharField())
    meta = serializers.DictField()


class AccountingRequestIn(StrictSerializer):
    """Who asks, of which period. Without a period: all that the law reaches."""

    requester = serializers.ChoiceField(choices=Requester.choices)
    requester_name = serializers.CharField(max_length=200)
    received_at = serializers.DateTimeField(required=False)
    period_from = serializers.DateTimeField(required=False)
    period_to = serializers.DateTimeField(required=False)


class AccountingRequestOut(serializers.ModelSerializer[AccountingRequest]):
    """A request, until when it is owed, and how it was answered."""

    class Meta:
        model = AccountingRequest
        fields = (
            "id",
            "client_id",
            "organization_id",
            "requester",
            "requester_name",
            "received_at",
            "period_from",
            "period_to",
            "free",
            "due_at",
            "extended_at",
            "extension_reason",
            "delivered_at",
            "delivered_by",
            "delivery_method",
            "disclosure_id",
            "version",
        )


class ExtensionIn(SeenVersionIn):
    """Why more time is needed."""

    reason = serializers.CharField(max_length=2000)


class DeliveryIn(SeenVersionIn):
    """How the client got the accounting, and in which form."""

    method = serializers.ChoiceField(choices=DisclosureMethod.choices)
    artifact = serializers.ChoiceField(
        choices=[
            (Artifact.ACCOUNTING_JSON.value, Artifact.ACCOUNTING_JSON.label),
            (Artifact.ACCOUNTING_PDF.value, Artifact.ACCOUNTING_PDF.label),
        ],
        default=Artifact.ACCOUNTING_PDF,
    )


class AccountedOut(serializers.Serializer[Any]):
    """One disclosure, as 45 CFR 164.528(b)(2) asks."""

    at = serializers.DateTimeField()
    recipient = serializers.CharField()
    address = serializers.CharField()
    description = serializers.CharField()
    categories = serializers.ListField(child=serializers.CharField())
    purpose = serializers.CharField()
    basis = serializers.CharField()
    method = serializers.CharField()
    nature = serializers.CharField(required=False, help_text="Of an emergency.")


class ReportOut(serializers.Serializer[Any]):
    """The accounting of disclosures."""

    request = serializers.UUIDField()
    organization = serializers.CharField()
    client = serializers.CharField()
    asked_by = serializers.CharField()
    received_at = serializers.DateTimeField()
    consent_from = serializers.DateTimeField()
    others_from = serializers.DateTimeField()
    until = serializers.DateTimeField()
    timezone = serializers.CharField(help_text="Of the organization; every time is told in it, with its offset.")
    basis = serializers.CharField()
    notice = serializers.DictField()
    labels = serializers.ListField(child=serializers.CharField())
    meta = serializers.DictField()
    disclosures = AccountedOut(many=True)

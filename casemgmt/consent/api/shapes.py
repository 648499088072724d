"""Shapes of what happens to consents, and of restrictions."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from casemgmt.api.serializers import StrictSerializer
from casemgmt.api.views import PageIn
from casemgmt.consent import words
from casemgmt.consent.models import ConsentStep, Disclosure, RestrictionRequest

VERSION: dict[str, Any] = {"min_value": 1, "max_value": 2_147_483_647, "required": False}


class CopyIn(StrictSerializer):
    """A copy for the client. Without `given_at`: now."""

    channel = serializers.ChoiceField(choices=words.CopyChannel.choices)
    given_at = serializers.DateTimeField(required=False)


class ReasonIn(StrictSerializer):
    """Why, in words."""

    reason = serializers.CharField(max_length=2000)
    version = serializers.IntegerField(**VERSION)


class RevocationRequestIn(StrictSerializer):
    """A wish to revoke that the client wrote, and how it came."""

    channel = serializers.ChoiceField(choices=words.CopyChannel.choices)
    version = serializers.IntegerField(**VERSION)


class ConsentStepOut(serializers.ModelSerializer[ConsentStep]):
    """Something that happened to a consent."""

    class Meta:
        model = ConsentStep
        fields = ("id", "consent_id", "what", "channel", "reason", "at", "actor_kind", "actor_id")


class RecipientOut(serializers.ModelSerializer[Disclosure]):
    """One disclosure under a consent: to whom, when, of what kind, how."""

    class Meta:
        model = Disclosure
        fields = ("id", "at", "recipient_organization_id", "recipient_name", "categories", "artifact", "method")


class WitnessOut(serializers.Serializer[Any]):
    """A signature was witnessed. Says nothing of the consent."""

    consent_id = serializers.UUIDField()
    at = serializers.DateTimeField()


class RestrictionRequestIn(StrictSerializer):
    """What the client asks not to be disclosed. Without a recipient or classes: to nobody."""

    kind = serializers.ChoiceField(choices=words.RestrictionKind.choices, default=words.RestrictionKind.ORDINARY)
    scope = serializers.CharField(max_length=4000, help_text="In the client's words.")
    categories = serializers.ListField(
        child=serializers.ChoiceField(choices=words.Category.choices), min_length=1, max_length=40
    )
    recipient = serializers.UUIDField(required=False, help_text="Only to this organization.")
    recipient_classes = serializers.ListField(
        child=serializers.ChoiceField(choices=words.RecipientClass.choices), max_length=20, required=False
    )
    purposes = serializers.ListField(
        child=serializers.ChoiceField(choices=words.Purpose.choices), max_length=20, required=False
    )


class RestrictionRequestsIn(PageIn):
    """Whose requests."""

    client = serializers.UUIDField()


class RestrictionRequestOut(serializers.ModelSerializer[RestrictionRequest]):
    """A request and what became of it."""

    class Meta:
        model = RestrictionRequest
        fields = (
            "id",
            "client_id",
            "organization_id",
            "kind",
            "scope",
            "categories",
            "recipient_id",
            "recipient_classes",
            "purposes",
            "requested_at",
            "requested_by",
            "decision",
            "decided_at",
            "reason",
            "effective_from",
            "terminated_at",
            "termination_basis",
            "termination_note",
            "version",
        )


class AgreementIn(StrictSerializer):
    """Agreeing to a restriction. Without `effective_from`: now."""

    effective_from = serializers.DateTimeField(required=False)
    version = serializers.IntegerField(**VERSION)


class TerminationIn(StrictSerializer):
    """Ending an agreed restriction, and what allows that."""

    basis = serializers.ChoiceField(choices=words.TerminationBasis.choices)
    note = serializers.CharField(max_length=2000)
    version = serializers.IntegerField(**VERSION)

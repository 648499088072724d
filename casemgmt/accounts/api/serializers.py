"""Shapes of logging in and of who one is."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from casemgmt.accounts.models import ApiToken, Factor, Membership, Organization
from casemgmt.accounts.roles import Role
from casemgmt.api.serializers import StrictSerializer
from casemgmt.api.views import PageIn

SECOND_FACTOR = ["passed", "needed", "to_enroll", "not_needed"]


class LoginIn(StrictSerializer):
    """Credentials. `organization` is needed by those who work for several."""

    email = serializers.CharField(max_length=254)
    password = serializers.CharField(max_length=128, trim_whitespace=False)
    organization = serializers.UUIDField(required=False)
    code = serializers.CharField(
        max_length=32, required=False, help_text="Of the app, or a recovery code; it may also be shown afterwards."
    )


class TokenIn(LoginIn):
    """Credentials for a token, and what to call it."""

    label = serializers.CharField(max_length=60, required=False, allow_blank=True, default="")  # type: ignore[assignment]


class TokenOut(serializers.Serializer[Any]):
    """A token, shown this once."""

    id = serializers.UUIDField()
    token = serializers.CharField()
    expires_at = serializers.DateTimeField()
    second_factor = serializers.ChoiceField(choices=SECOND_FACTOR)


class MeOut(serializers.Serializer[Any]):
    """Who the caller is, and for whom."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    organization_id = serializers.UUIDField()
    organization_name = serializers.CharField()
    roles = serializers.ListField(child=serializers.CharField())
    second_factor = serializers.ChoiceField(choices=SECOND_FACTOR)
    csrf_token = serializers.CharField(required=False)


class OrganizationsIn(PageIn):
    """Filters of the list of organizations."""

    joined = serializers.BooleanField(required=False, allow_null=True, default=None)


class OrganizationOut(serializers.ModelSerializer[Organization]):
    """One organization. `joined` is false for those that only stand in the directory."""

    class Meta:
        model = Organization
        fields = ("id", "name", "description", "joined", "timezone", "phone", "email", "part2_status", "hsds_id")


class MembershipsIn(PageIn):
    """Whom one looks for."""

    organization = serializers.UUIDField(required=False)
    role = serializers.ChoiceField(choices=Role.choices, required=False)


class MembershipOut(serializers.ModelSerializer[Membership]):
    """Somebody's role in an organization."""

    name = serializers.CharField(source="user.name")

    class Meta:
        model = Membership
        fields = ("id", "user_id", "name", "organization_id", "role")


class SignInOut(serializers.ModelSerializer[ApiToken]):
    """One device or program that is signed in. No secrets."""

    current = serializers.BooleanField(help_text="True for the one that asks.")

    class Meta:
        model = ApiToken
        fields = (
            "id",
            "carrier",
            "organization_id",
            "label",
            "address",
            "agent",
            "created_at",
            "last_used_at",
            "expires_at",
            "current",
        )


class CodeIn(StrictSerializer):
    """A code of the app, or a recovery code where one may stand in."""

    code = serializers.CharField(max_length=32)


class FactorOut(serializers.ModelSerializer[Factor]):
    """A second factor, without its secret."""

    class Meta:
        model = Factor
        fields = ("id", "kind", "label", "confirmed_at", "last_used_at")


class SecondFactorOut(serializers.Serializer[Any]):
    """What the caller has enrolled, and what this sign-in still waits for."""

    state = serializers.ChoiceField(choices=SECOND_FACTOR)
    factors = FactorOut(many=True)
    recovery_codes_left = serializers.IntegerField()


class AppOut(serializers.Serializer[Any]):
    """What an app needs; shown this once."""

    secret = serializers.CharField()
    address = serializers.CharField(help_text="`otpauth://…`, to be shown as a QR code.")


class RecoveryCodesOut(serializers.Serializer[Any]):
    """Recovery codes, shown this once; empty when those given before stay good."""

    recovery_codes = serializers.ListField(child=serializers.CharField())


class KeyOptionsOut(serializers.Serializer[Any]):
    """What a browser's `PublicKeyCredential.parse…OptionsFromJSON()` takes."""

    options = serializers.DictField()


class KeyAnswerIn(StrictSerializer):
    """What a security key signed."""

    credential = serializers.DictField(help_text="As `PublicKeyCredential.toJSON()` gives it.")


class NewKeyIn(KeyAnswerIn):
    """What a new security key signed, and what to call it."""

    label = serializers.CharField(max_length=60, required=False, allow_blank=True, default="")  # type: ignore[assignment]

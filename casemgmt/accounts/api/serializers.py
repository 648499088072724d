"""Shapes of logging in and of who one is."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from casemgmt.accounts.models import Membership, Organization
from casemgmt.accounts.roles import Role
from casemgmt.api.serializers import StrictSerializer
from casemgmt.api.views import PageIn


class LoginIn(StrictSerializer):
    """Credentials. `organization` is needed by those who work for several."""

    email = serializers.CharField(max_length=254)
    password = serializers.CharField(max_length=128, trim_whitespace=False)
    organization = serializers.UUIDField(required=False)


class TokenIn(LoginIn):
    """Credentials for a token, and what to call it."""

    label = serializers.CharField(max_length=60, required=False, allow_blank=True, default="")  # type: ignore[assignment]


class TokenOut(serializers.Serializer[Any]):
    """A token, shown this once."""

    id = serializers.UUIDField()
    token = serializers.CharField()
    expires_at = serializers.DateTimeField()


class MeOut(serializers.Serializer[Any]):
    """Who the caller is, and for whom."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    organization_id = serializers.UUIDField()
    organization_name = serializers.CharField()
    roles = serializers.ListField(child=serializers.CharField())
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

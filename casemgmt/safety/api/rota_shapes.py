"""Shapes of the rota. No client data."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from casemgmt.api.serializers import StrictSerializer
from casemgmt.api.views import PageIn
from casemgmt.safety.models import OnCallShift
from casemgmt.safety.words import OnCallRole


class ShiftsIn(PageIn):
    """Filters of the rota. Without `cancelled` only shifts that stand are listed."""

    ends_after = serializers.DateTimeField(required=False)
    starts_before = serializers.DateTimeField(required=False)
    role = serializers.ChoiceField(choices=OnCallRole.choices, required=False)
    cancelled = serializers.BooleanField(required=False, default=False)


class ShiftIn(StrictSerializer):
    """Who answers for a role from when until when. The backup of a therapist is asked second."""

    user = serializers.UUIDField()
    role = serializers.ChoiceField(choices=OnCallRole.choices)
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    backup = serializers.BooleanField(required=False, default=False)


class ShiftOut(serializers.ModelSerializer[OnCallShift]):
    """One shift."""

    role = serializers.ChoiceField(choices=OnCallRole.choices)

    class Meta:
        model = OnCallShift
        fields = (
            "id",
            "organization_id",
            "user_id",
            "role",
            "backup",
            "starts_at",
            "ends_at",
            "cancelled_at",
            "version",
        )


class OnCallIn(StrictSerializer):
    """When. Without `at`: now."""

    at = serializers.DateTimeField(required=False)


class OnCallOut(serializers.Serializer[Any]):
    """Who is on call at a moment; null where nobody is, and then all supervisors are asked."""

    at = serializers.DateTimeField()
    therapist_id = serializers.UUIDField(allow_null=True)
    backup_id = serializers.UUIDField(allow_null=True)
    supervisor_id = serializers.UUIDField(allow_null=True)

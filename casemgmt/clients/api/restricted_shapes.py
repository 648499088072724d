"""Shapes of restrictions, of opened glass, and of who looked at a client."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from casemgmt.access.models import BreakGlass, Emergency, RestrictedBecause, Restriction, ReviewOutcome
from casemgmt.api.serializers import StrictSerializer
from casemgmt.api.views import PageIn
from casemgmt.audit.models import AuditEvent
from casemgmt.clients.break_glass import LEAST_WORDS


class RestrictionIn(StrictSerializer):
    """Why only the team may see the client."""

    reason = serializers.ChoiceField(choices=RestrictedBecause.choices)


class RestrictionOut(serializers.ModelSerializer[Restriction]):
    """A restriction."""

    class Meta:
        model = Restriction
        fields = ("id", "client_id", "reason", "started_by", "created_at", "ended_at", "ended_by", "version")


class RestrictionsIn(PageIn):
    """Which restrictions one looks for."""

    lifted = serializers.BooleanField(default=False, help_text="True: also those that were lifted.")


class BreakGlassIn(StrictSerializer):
    """Whom one must see and why. By id, or by the whole name and the day of birth."""

    client = serializers.UUIDField(required=False, allow_null=True, default=None)
    given_name = serializers.CharField(max_length=100, required=False, allow_blank=True, default="")
    family_name = serializers.CharField(max_length=100, required=False, allow_blank=True, default="")
    birth_date = serializers.DateField(required=False, allow_null=True, default=None)
    reason = serializers.ChoiceField(choices=Emergency.choices)
    explanation = serializers.CharField(
        min_length=LEAST_WORDS, max_length=2000, help_text="In your own words; read by who judges it."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Raise ValidationError unless it says whom."""
        by_name = ("given_name", "family_name", "birth_date")
        if attrs["client"] is None:
            missing = [name for name in by_name if not attrs[name]]
            if missing:
                raise serializers.ValidationError({name: ["Needed where no `client` is given."] for name in missing})
        return attrs


class BreakGlassOut(serializers.ModelSerializer[BreakGlass]):
    """An opened glass. While `expires_at` has not come, its client can be read, not changed."""

    user_name = serializers.CharField(allow_null=True)

    class Meta:
        model = BreakGlass
        fields = (
            "id",
            "client_id",
            "user_id",
            "user_name",
            "reason",
            "explanation",
            "created_at",
            "expires_at",
            "review_due_at",
            "reviewed_at",
            "reviewed_by",
            "outcome",
            "remark",
            "version",
        )


class BreakGlassesIn(PageIn):
    """Which one looks for."""

    reviewed = serializers.BooleanField(required=False, allow_null=True, default=None)


class JudgmentIn(StrictSerializer):
    """How it is judged."""

    outcome = serializers.ChoiceField(choices=ReviewOutcome.choices)
    remark = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")


class AccessOut(serializers.ModelSerializer[AuditEvent]):
    """Somebody of the organization who saw or changed something of the client, or was refused."""

    user_name = serializers.CharField(allow_null=True, help_text="Null for machines.")

    class Meta:
        model = AuditEvent
        fields = (
            "id",
            "at",
            "actor_kind",
            "actor_id",
            "user_name",
            "actor_name",
            "roles",
            "action",
            "outcome",
            "reason_code",
            "break_glass_id",
        )

"""Shapes of an organization's numbers."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from casemgmt.api.serializers import StrictSerializer
from casemgmt.api.views import PageIn
from casemgmt.policies.catalog import NUMBERS
from casemgmt.policies.models import PolicySetting


class NumberIn(StrictSerializer):
    """A number to set, and why."""

    name = serializers.CharField(max_length=40)
    value = serializers.IntegerField(min_value=-2_147_483_648, max_value=2_147_483_647)
    reason = serializers.CharField(max_length=500, help_text="Why; kept in the history, without personal data.")


class NumberOut(serializers.Serializer[Any]):
    """A number as it stands at your organization."""

    name = serializers.CharField(source="number.name")
    value = serializers.IntegerField()
    default = serializers.IntegerField(source="number.default")
    low = serializers.IntegerField(source="number.low", help_text="The smallest value that may be set.")
    high = serializers.IntegerField(source="number.high", help_text="The largest value that may be set.")
    unit = serializers.CharField(source="number.unit")
    rule = serializers.CharField(source="number.rule", help_text="The rule it belongs to.")
    law = serializers.BooleanField(source="number.law", help_text="True: a law or a payer sets the bound.")
    set_at = serializers.DateTimeField(allow_null=True, help_text="Null: never set, the default holds.")
    set_by_id = serializers.UUIDField(allow_null=True)


class SettingsIn(PageIn):
    """Whose history: of one number, or of all."""

    name = serializers.ChoiceField(choices=[(name, name) for name in NUMBERS], required=False)


class SettingOut(serializers.ModelSerializer[PolicySetting]):
    """One change of a number."""

    class Meta:
        model = PolicySetting
        fields = ("seq", "name", "value", "reason", "set_by_id", "at")

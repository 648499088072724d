"""Shapes of beds and of who sleeps in them."""

from __future__ import annotations

from rest_framework import serializers

from casemgmt.api.serializers import StrictSerializer
from casemgmt.api.views import PageIn
from casemgmt.places.models import Bed, BedUse
from casemgmt.places.words import (
    TOLD_HOLDS,
    BedPolicy,
    BedStatus,
    BedUseKind,
    HoldReason,
    OutOfServiceReason,
)

BED_NOW = ("free", "taken", "held", "out_of_service")


class BedIn(StrictSerializer):
    """A bed of a residence."""

    room = serializers.CharField(max_length=40)
    name = serializers.CharField(max_length=40)
    policy = serializers.ChoiceField(choices=BedPolicy.choices, required=False, default=BedPolicy.ANYBODY.value)
    step_free = serializers.BooleanField(
        required=False, allow_null=True, default=None, help_text="Null: nobody looked, which is not no."
    )


class BedChangesIn(StrictSerializer):
    """What shall change of a bed. Out of service needs `out_reason`; back in service an empty one."""

    room = serializers.CharField(max_length=40, required=False)
    name = serializers.CharField(max_length=40, required=False)
    policy = serializers.ChoiceField(choices=BedPolicy.choices, required=False)
    step_free = serializers.BooleanField(required=False, allow_null=True)
    status = serializers.ChoiceField(choices=BedStatus.choices, required=False)
    out_reason = serializers.ChoiceField(choices=OutOfServiceReason.choices, required=False, allow_blank=True)


class BedUseOut(serializers.ModelSerializer[BedUse]):
    """A stay in a bed, or a hold of it. `client_name` is empty when it is held for nobody."""

    kind = serializers.ChoiceField(choices=BedUseKind.choices)
    reason = serializers.ChoiceField(choices=HoldReason.choices, allow_blank=True)
    client_name = serializers.SerializerMethodField()

    class Meta:
        model = BedUse
        fields = (
            "id",
            "bed_id",
            "kind",
            "client_id",
            "client_name",
            "enrollment_id",
            "reason",
            "starts_at",
            "ends_at",
            "version",
        )

    def get_client_name(self, use: BedUse) -> str:
        """Return the client's name; empty when the bed is held for nobody."""
        return f"{use.client.given_name} {use.client.family_name}" if use.client is not None else ""


class BedOut(serializers.ModelSerializer[Bed]):
    """A bed and how it is now. `use` is null where it is free, or where you may not see whose it is."""

    policy = serializers.ChoiceField(choices=BedPolicy.choices)
    status = serializers.ChoiceField(choices=BedStatus.choices)
    out_reason = serializers.ChoiceField(choices=OutOfServiceReason.choices, allow_blank=True)
    now = serializers.ChoiceField(choices=[(each, each) for each in BED_NOW])
    use = BedUseOut(allow_null=True)

    class Meta:
        model = Bed
        fields = (
            "id",
            "program_id",
            "room",
            "name",
            "policy",
            "step_free",
            "status",
            "out_reason",
            "now",
            "use",
            "version",
        )


class StayIn(StrictSerializer):
    """Who gets a bed, and from when, if not from now."""

    enrollment = serializers.UUIDField(help_text="An open enrollment in the bed's house.")
    starts_at = serializers.DateTimeField(required=False, allow_null=True, default=None)


class HoldIn(StrictSerializer):
    """Why a bed is kept free, for whom, until when."""

    reason = serializers.ChoiceField(choices=[(each.value, each.label) for each in TOLD_HOLDS])
    until = serializers.DateTimeField(required=False, allow_null=True, default=None)
    client = serializers.UUIDField(required=False, allow_null=True, default=None)


class BedMoveIn(StrictSerializer):
    """To which bed of the same house."""

    bed = serializers.UUIDField()
    version = serializers.IntegerField(min_value=1, max_value=2_147_483_647, required=False)


class BedUsesIn(PageIn):
    """Filters of the list of stays and holds."""

    bed = serializers.UUIDField(required=False)
    client = serializers.UUIDField(required=False)
    enrollment = serializers.UUIDField(required=False)
    kind = serializers.ChoiceField(choices=BedUseKind.choices, required=False)

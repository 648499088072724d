"""Shapes of enrollments."""

from __future__ import annotations

from rest_framework import serializers

from casemgmt.api.serializers import StrictSerializer
from casemgmt.api.transitions import OrderIn
from casemgmt.api.views import PageIn
from programs.lifecycle import EnrollmentStage
from programs.models import Enrollment
from programs.rules.kinds import Kind

HASH = r"^[0-9a-f]{64}$"
END_REASONS = ("completed", "client_left", "moved_on", "program_ended", "planned_in_error", "other")


class EnrollmentsIn(PageIn):
    """Filters of the list of enrollments."""

    client = serializers.UUIDField(required=False)
    episode = serializers.UUIDField(required=False)
    program = serializers.UUIDField(required=False)


class EnrollmentIn(StrictSerializer):
    """A planned enrollment. The provider may be named later, but before it begins."""

    episode = serializers.UUIDField()
    program = serializers.UUIDField()
    provider = serializers.UUIDField(required=False, allow_null=True, default=None)
    reason = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")
    over_capacity_reason = serializers.CharField(
        max_length=500,
        required=False,
        allow_blank=True,
        default="",
        help_text="Why a full program takes the client all the same: a supervisor of its organization says so (G6).",
    )


class EnrollmentChangesIn(StrictSerializer):
    """What shall change of an enrollment; its stage only moves by its transitions."""

    provider = serializers.UUIDField(allow_null=True)


class EnrollmentDataIn(StrictSerializer):
    """What the rules need to be told; `GET …/transitions/` says which of these a verb needs."""

    end_reason = serializers.ChoiceField(choices=END_REASONS, required=False)


class EnrollmentOrderIn(OrderIn):
    """One move of an enrollment."""

    data = EnrollmentDataIn(required=False, default=dict)  # type: ignore[assignment]


class EnrollmentOut(serializers.ModelSerializer[Enrollment]):
    """One client's part in one program."""

    kind = serializers.ChoiceField(choices=Kind.choices, source="program.kind")
    organization_id = serializers.UUIDField(source="program.organization_id")
    stage = serializers.ChoiceField(choices=EnrollmentStage.choices)
    over_capacity = serializers.BooleanField(help_text="Counted apart: a supervisor took the client all the same (G6).")

    class Meta:
        model = Enrollment
        fields = (
            "id",
            "client_id",
            "episode_id",
            "program_id",
            "organization_id",
            "kind",
            "provider_id",
            "stage",
            "started_at",
            "ended_at",
            "over_capacity",
            "version",
        )

"""Shapes of programs and enrollments."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from casemgmt.api.serializers import StrictSerializer
from casemgmt.api.transitions import OrderIn
from casemgmt.api.views import PageIn
from casemgmt.episodes.levels import CODES
from programs.lifecycle import EnrollmentStage
from programs.models import Enrollment, Program, Site
from programs.rules.kinds import Kind, Modality, ProgramStatus
from programs.rules.residences import NarrLevel

MOST_PLACES = 100_000
HASH = r"^[0-9a-f]{64}$"
END_REASONS = ("completed", "client_left", "moved_on", "program_ended", "planned_in_error", "other")


class ProgramLevelIn(StrictSerializer):
    """A level of care: its code, and the edition of the criteria that the code belongs to."""

    edition = serializers.ChoiceField(choices=sorted(CODES))
    code = serializers.CharField(max_length=4)


class ProgramFieldsIn(StrictSerializer):
    """What may be told of a program. Null means unknown."""

    description = serializers.CharField(max_length=10_000, required=False, allow_blank=True)
    status = serializers.ChoiceField(choices=ProgramStatus.choices, required=False)
    published = serializers.BooleanField(required=False)
    level_of_care = ProgramLevelIn(required=False, allow_null=True)
    narr_level = serializers.ChoiceField(choices=NarrLevel.choices, required=False, allow_blank=True)
    narr_certified = serializers.BooleanField(required=False, allow_null=True)
    certifying_affiliate = serializers.CharField(max_length=200, required=False, allow_blank=True)
    certificate_expires = serializers.DateField(required=False, allow_null=True)
    accepts_moud = serializers.BooleanField(required=False, allow_null=True)
    house_rules_hash = serializers.RegexField(
        HASH, required=False, allow_blank=True, help_text="SHA-256 of the house rules in force, in lower case."
    )
    modalities = serializers.ListField(
        child=serializers.ChoiceField(choices=Modality.choices), required=False, max_length=len(Modality)
    )
    timezone = serializers.CharField(max_length=64, required=False, help_text="IANA name")
    languages = serializers.ListField(child=serializers.CharField(max_length=35), required=False, max_length=50)
    eligibility = serializers.CharField(max_length=10_000, required=False, allow_blank=True)
    city = serializers.CharField(max_length=100, required=False, allow_blank=True)
    capacity_total = serializers.IntegerField(min_value=0, max_value=MOST_PLACES, required=False, allow_null=True)
    assured_date = serializers.DateField(required=False, allow_null=True)


class ProgramIn(ProgramFieldsIn):
    """A new program of one's own organization."""

    kind = serializers.ChoiceField(choices=Kind.choices)
    name = serializers.CharField(max_length=200)


class ProgramChangesIn(ProgramFieldsIn):
    """What shall change of a program. Its kind is for life."""

    name = serializers.CharField(max_length=200, required=False)


class ProgramsIn(PageIn):
    """Filters of the directory."""

    kind = serializers.ChoiceField(choices=Kind.choices, required=False)
    organization = serializers.UUIDField(required=False)
    modality = serializers.ChoiceField(choices=Modality.choices, required=False)
    narr_level = serializers.ChoiceField(choices=NarrLevel.choices, required=False)
    published = serializers.BooleanField(required=False, allow_null=True, default=None)


class ProgramLevelOut(serializers.Serializer[Any]):
    """A level of care."""

    edition = serializers.IntegerField()
    code = serializers.CharField()


class SiteOut(serializers.ModelSerializer[Site]):
    """A place. City and state; the street is not published."""

    class Meta:
        model = Site
        fields = ("id", "name", "city", "state")


class ProgramOut(serializers.ModelSerializer[Program]):
    """One program of the directory. `places_open` null means that nobody knows."""

    organization_name = serializers.CharField(source="organization.name")
    level_of_care = serializers.SerializerMethodField()
    narr_type = serializers.CharField()
    places_open = serializers.IntegerField(allow_null=True)
    sites = serializers.SerializerMethodField()

    class Meta:
        model = Program
        fields = (
            "id",
            "organization_id",
            "organization_name",
            "kind",
            "name",
            "description",
            "status",
            "published",
            "level_of_care",
            "narr_level",
            "narr_type",
            "narr_certified",
            "certifying_affiliate",
            "certificate_expires",
            "accepts_moud",
            "house_rules_hash",
            "modalities",
            "timezone",
            "languages",
            "eligibility",
            "city",
            "sites",
            "capacity_total",
            "places_open",
            "places_over",
            "hsds_id",
            "assured_date",
            "version",
        )

    @extend_schema_field(ProgramLevelOut(allow_null=True))
    def get_level_of_care(self, program: Program) -> dict[str, Any] | None:
        """Return edition and code together, None without a level."""
        if program.level_of_care_edition is None:
            return None
        return {"edition": program.level_of_care_edition, "code": program.level_of_care_code}

    @extend_schema_field(SiteOut(many=True))
    def get_sites(self, program: Program) -> list[dict[str, Any]]:
        """Return where a program is found; of a residence only the city, for its name may be its address (CLN-10)."""
        sites = [dict(SiteOut(site).data) for site in program.sites.all()]
        if program.kind == Kind.SOBER_LIVING:
            return [{**site, "name": ""} for site in sites]
        return sites


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

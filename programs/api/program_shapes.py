"""Shapes of programs: what may be told of one, and what is shown."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from casemgmt.api.serializers import StrictSerializer
from casemgmt.api.views import PageIn
from casemgmt.episodes.levels import CODES
from programs.models import CapacityReport, Program, Schedule
from programs.rules.hours import MOST_INTERVAL, Frequency, Hours, is_open, next_opening
from programs.rules.kinds import Kind, Modality, ProgramStatus
from programs.rules.listing import (
    OLDEST,
    CapacityState,
    CertificateState,
    ListingState,
    Payer,
    Population,
    Standards,
    capacity_state,
    certificate_state,
    listing_state,
)
from programs.rules.residences import NarrLevel
from programs.services.running import standards_for

from .serializers import HASH
from .site_shapes import ProgramSiteOut

MOST_PLACES = 100_000
LONG = 10_000


def long_text() -> Any:
    """Return the field of a text of any sensible length, perhaps empty."""
    return serializers.CharField(max_length=LONG, required=False, allow_blank=True)


class ProgramLevelIn(StrictSerializer):
    """A level of care: its code, and the edition of the criteria that the code belongs to."""

    edition = serializers.ChoiceField(choices=sorted(CODES))
    code = serializers.CharField(max_length=4)


class ScheduleIn(StrictSerializer):
    """One line of hours, on the wall clock of its site. Closing no later than opening: on the next day."""

    freq = serializers.ChoiceField(choices=Frequency.choices)
    byday = serializers.ListField(
        child=serializers.CharField(max_length=4),
        min_length=1,
        max_length=35,
        help_text="MO to SU; monthly also 2TU (second Tuesday) or -1FR (last Friday).",
    )
    opens_at = serializers.TimeField()
    closes_at = serializers.TimeField()
    interval = serializers.IntegerField(min_value=1, max_value=MOST_INTERVAL, required=False)
    valid_from = serializers.DateField(required=False, allow_null=True)
    valid_to = serializers.DateField(required=False, allow_null=True)
    description = serializers.CharField(max_length=500, required=False, allow_blank=True)
    site = serializers.UUIDField(required=False, allow_null=True)


class ProgramFieldsIn(StrictSerializer):
    """What may be told of a program. Null means unknown."""

    description = long_text()
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
    eligibility = long_text()
    minimum_age = serializers.IntegerField(min_value=0, max_value=OLDEST, required=False, allow_null=True)
    maximum_age = serializers.IntegerField(min_value=0, max_value=OLDEST, required=False, allow_null=True)
    populations = serializers.ListField(
        child=serializers.ChoiceField(choices=Population.choices), required=False, max_length=len(Population)
    )
    fees = long_text()
    payers = serializers.ListField(
        child=serializers.ChoiceField(choices=Payer.choices), required=False, max_length=len(Payer)
    )
    interpretation = long_text()
    application_process = long_text()
    phone = serializers.CharField(max_length=20, required=False, allow_blank=True, help_text="E.164")
    alert = serializers.CharField(max_length=1000, required=False, allow_blank=True)
    waitlist_only = serializers.BooleanField(required=False, help_text="Takes people, but from its waitlist.")
    city = serializers.CharField(max_length=100, required=False, allow_blank=True)
    state = serializers.CharField(max_length=100, required=False, allow_blank=True)
    capacity_total = serializers.IntegerField(min_value=0, max_value=MOST_PLACES, required=False, allow_null=True)
    assured_date = serializers.DateField(required=False, allow_null=True, help_text="When the listing was checked.")
    assurer_email = serializers.EmailField(required=False, allow_blank=True, help_text="Who checked it.")
    sites = serializers.ListField(child=serializers.UUIDField(), required=False, max_length=50)
    schedules = ScheduleIn(many=True, required=False, max_length=50)  # type: ignore[call-arg]  # of the list


class ProgramIn(ProgramFieldsIn):
    """A new program of one's own organization."""

    kind = serializers.ChoiceField(choices=Kind.choices)
    name = serializers.CharField(max_length=200)


class ProgramChangesIn(ProgramFieldsIn):
    """What shall change of a program. Its kind is for life; sites and schedules are told as a whole."""

    name = serializers.CharField(max_length=200, required=False)


class ProgramsIn(PageIn):
    """Filters of the directory."""

    kind = serializers.ChoiceField(choices=Kind.choices, required=False)
    organization = serializers.UUIDField(required=False)
    modality = serializers.ChoiceField(choices=Modality.choices, required=False)
    narr_level = serializers.ChoiceField(choices=NarrLevel.choices, required=False)
    published = serializers.BooleanField(required=False, allow_null=True, default=None)


class CapacityIn(StrictSerializer):
    """How many places there are now. Without a number: as many as before."""

    capacity_total = serializers.IntegerField(min_value=0, max_value=MOST_PLACES, required=False)


class CapacityReportOut(serializers.ModelSerializer[CapacityReport]):
    """Somebody confirmed (equal numbers) or changed the number of places. Null: unknown."""

    class Meta:
        model = CapacityReport
        fields = ("seq", "program_id", "old_total", "new_total", "at", "actor_kind", "actor_id")


class ProgramLevelOut(serializers.Serializer[Any]):
    """A level of care."""

    edition = serializers.IntegerField()
    code = serializers.CharField()


class ScheduleOut(serializers.ModelSerializer[Schedule]):
    """One line of hours, on the wall clock of its site, or of the program without one."""

    class Meta:
        model = Schedule
        fields = (
            "freq",
            "interval",
            "byday",
            "opens_at",
            "closes_at",
            "valid_from",
            "valid_to",
            "description",
            "site_id",
        )


class ProgramOut(serializers.ModelSerializer[Program]):
    """One program of the directory. `places_open` null: nobody knows, or nobody has confirmed it lately."""

    organization_name = serializers.CharField(source="organization.name")
    level_of_care = serializers.SerializerMethodField()
    narr_type = serializers.CharField()
    certificate = serializers.SerializerMethodField(help_text="What the NARR certificate says today.")
    listing = serializers.SerializerMethodField(help_text="How long ago the listing was checked.")
    capacity = serializers.SerializerMethodField(help_text="Whether the number of places can be relied on.")
    places_open = serializers.SerializerMethodField()
    sites = serializers.SerializerMethodField()
    schedules = ScheduleOut(many=True)
    open_now = serializers.SerializerMethodField(help_text="Null: no hours are told.")
    next_opening = serializers.SerializerMethodField(help_text="Null: none within a year, or no hours are told.")

    class Meta:
        model = Program
        fields = (
            *("id", "organization_id", "organization_name", "kind", "name", "description", "status", "published"),
            *("level_of_care", "narr_level", "narr_type", "narr_certified", "certifying_affiliate"),
            *("certificate_expires", "certificate", "accepts_moud", "house_rules_hash", "modalities", "timezone"),
            *("languages", "eligibility", "minimum_age", "maximum_age", "populations", "fees", "payers"),
            *("interpretation", "application_process", "phone", "alert", "waitlist_only", "city", "state", "sites"),
            *("schedules", "open_now", "next_opening", "capacity_total", "capacity", "capacity_confirmed_at"),
            *("capacity_confirmed_by_id", "places_open", "places_over", "hsds_id", "assured_date", "assurer_email"),
            *("listing", "version"),
        )

    def standards(self) -> Standards:
        """Return now and what the reader calls old; asked once for all rows."""
        context: dict[str, Any] = self.context  # type: ignore[assignment]  # one dict for all rows
        standards: Standards = context.setdefault("standards", None) or standards_for(context["actor"])
        context["standards"] = standards
        return standards

    @extend_schema_field(ProgramLevelOut(allow_null=True))
    def get_level_of_care(self, program: Program) -> dict[str, Any] | None:
        """Return edition and code together, None without a level."""
        if program.level_of_care_edition is None:
            return None
        return {"edition": program.level_of_care_edition, "code": program.level_of_care_code}

    @extend_schema_field(serializers.ChoiceField(choices=CertificateState.choices))
    def get_certificate(self, program: Program) -> str:
        """Return whether the certificate holds today: one that expired says so (CLN-10)."""
        today = self.standards().today(program.timezone)
        return certificate_state(program.narr_certified, program.certificate_expires, today).value

    @extend_schema_field(serializers.ChoiceField(choices=ListingState.choices))
    def get_listing(self, program: Program) -> str:
        """Return how old the listing is (rules.md §7)."""
        return listing_state(program.assured_date, self.standards(), timezone=program.timezone).value

    @extend_schema_field(serializers.ChoiceField(choices=CapacityState.choices))
    def get_capacity(self, program: Program) -> str:
        """Return whether somebody confirmed the places lately (F5)."""
        return capacity_state(program.capacity_total, program.capacity_confirmed_at, self.standards()).value

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_places_open(self, program: Program) -> int | None:
        """Return the free places; what nobody confirmed lately is unknown, not free (F5)."""
        return program.places_open if self.get_capacity(program) == CapacityState.CONFIRMED else None

    @extend_schema_field(ProgramSiteOut(many=True))
    def get_sites(self, program: Program) -> list[dict[str, Any]]:
        """Return where a program is found."""
        return [dict(ProgramSiteOut(site).data) for site in program.sites.all()]

    def get_open_now(self, program: Program) -> bool | None:
        """Return whether it is open at this moment."""
        lines = list(_hours(program))
        return is_open(lines, self.standards().at) if lines else None

    def get_next_opening(self, program: Program) -> datetime | None:
        """Return when it opens next, in UTC."""
        return next_opening(_hours(program), self.standards().at)


def _hours(program: Program) -> Iterator[Hours]:
    return (line.hours(timezone=program.timezone) for line in program.schedules.all())

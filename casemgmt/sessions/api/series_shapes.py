"""Shapes of series."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from casemgmt.api.serializers import StrictSerializer
from casemgmt.api.views import PageIn
from casemgmt.sessions.models import Series, SeriesMember
from casemgmt.sessions.words import LONGEST_MINUTES, Discipline, Format, Mode, PlaceType

from .serializers import MOST, TOLD_BY

RULE_HELP = "RFC 5545, e.g. FREQ=WEEKLY;BYDAY=MO,WE. Days, weeks or months; the last day stands in ends_on."


class SeriesListIn(PageIn):
    """Of which series one asks."""

    staff = serializers.UUIDField(required=False)
    program = serializers.UUIDField(required=False)


class SeriesIn(StrictSerializer):
    """A series that begins."""

    rrule = serializers.CharField(max_length=200, help_text=RULE_HELP)
    starts_on = serializers.DateField()
    ends_on = serializers.DateField(required=False, allow_null=True, default=None)
    local_time = serializers.TimeField(help_text="On the wall clock of the program, else of the organization.")
    minutes = serializers.IntegerField(min_value=1, max_value=LONGEST_MINUTES)
    clients = serializers.ListField(child=serializers.UUIDField(), max_length=MOST, required=False, default=list)
    format = serializers.ChoiceField(choices=Format.choices, required=False, default=Format.GROUP.value)
    mode = serializers.ChoiceField(choices=Mode.choices, required=False, default=Mode.IN_PERSON.value)
    place_type = serializers.ChoiceField(choices=PlaceType.choices, required=False, default="", allow_blank=True)
    title = serializers.CharField(
        max_length=120, required=False, default="", allow_blank=True, help_text="Of a group; never a person's name."
    )
    program = serializers.UUIDField(required=False, allow_null=True, default=None)
    staff = serializers.UUIDField(required=False, help_text="Who holds it; else you.")
    discipline = serializers.ChoiceField(
        choices=Discipline.choices, required=False, help_text="Needed only when several fit who holds it."
    )


class SeriesChangesIn(StrictSerializer):
    """What shall change of every session that is still to come."""

    rrule = serializers.CharField(max_length=200, required=False, help_text=RULE_HELP)
    ends_on = serializers.DateField(required=False, allow_null=True)
    local_time = serializers.TimeField(required=False)
    minutes = serializers.IntegerField(min_value=1, max_value=LONGEST_MINUTES, required=False)
    mode = serializers.ChoiceField(choices=Mode.choices, required=False)
    place_type = serializers.ChoiceField(choices=PlaceType.choices, required=False, allow_blank=True)
    title = serializers.CharField(max_length=120, required=False, allow_blank=True)
    staff = serializers.UUIDField(required=False)


class ContinuationIn(SeriesChangesIn):
    """What shall change from a local day on."""

    from_date = serializers.DateField()
    version = serializers.IntegerField(min_value=1, max_value=2_147_483_647, required=False)


class SeriesEndIn(StrictSerializer):
    """The last local day of a series."""

    last_day = serializers.DateField()
    reason = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)
    version = serializers.IntegerField(min_value=1, max_value=2_147_483_647, required=False)


class JoiningIn(StrictSerializer):
    """Who is expected at a series, and from when until when."""

    client = serializers.UUIDField()
    from_date = serializers.DateField(required=False, help_text="A local day; else today.")
    until_date = serializers.DateField(required=False, help_text="The last local day; else as long as it goes on.")


class LeavingIn(StrictSerializer):
    """Who is expected no longer."""

    client = serializers.UUIDField()
    last_day = serializers.DateField(required=False, help_text="The last local day; else today.")
    cancelled_by = serializers.ChoiceField(choices=TOLD_BY)


class SeriesOut(serializers.ModelSerializer[Series]):
    """A series. Who is expected at it stands among its members."""

    staff_name = serializers.CharField(source="staff.name", help_text="Of who holds it.")

    class Meta:
        model = Series
        fields = (
            "id",
            "organization_id",
            "program_id",
            "staff_id",
            "staff_name",
            "continues_id",
            "discipline",
            "format",
            "mode",
            "place_type",
            "title",
            "rrule",
            "starts_on",
            "ends_on",
            "local_time",
            "minutes",
            "timezone",
            "version",
        )


class SeriesMemberOut(serializers.ModelSerializer[SeriesMember]):
    """A client expected at a series."""

    class Meta:
        model = SeriesMember
        fields = ("id", "series_id", "client_id", "from_date", "until_date")


def new_fields(given: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a NewSeries from a validated SeriesIn."""
    names = {"clients": "client_ids", "staff": "staff_id", "program": "program_id"}
    found = {names.get(name, name): value for name, value in given.items()}
    return found | {"client_ids": tuple(given["clients"]), "format": Format(given["format"])}

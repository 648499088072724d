"""Shapes of a business calendar."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from casemgmt.api.serializers import StrictSerializer
from casemgmt.calendars.models import BusinessWeek, Closure
from casemgmt.calendars.rules import DAYS

CLOCK = r"^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$"


class SpanIn(StrictSerializer):
    """Open from … until …, by the organization's wall clock."""

    opens = serializers.RegexField(CLOCK, help_text="As in 09:00.")
    closes = serializers.RegexField(CLOCK, help_text="As in 17:00; 24:00 is midnight.")


def _day() -> serializers.ListField:
    return serializers.ListField(child=SpanIn(), max_length=6, required=False)


class HoursIn(StrictSerializer):
    """Open hours by day; a day left out is closed."""

    mon, tue, wed, thu, fri, sat, sun = _day(), _day(), _day(), _day(), _day(), _day(), _day()


class WeekIn(StrictSerializer):
    """The open hours of a week, from now on."""

    hours = HoursIn()
    federal_holidays = serializers.BooleanField(default=True, help_text="Closed on the federal holidays of the U.S.")
    reason = serializers.CharField(max_length=500)


class ClosureIn(StrictSerializer):
    """A day that is closed, or open after all."""

    day = serializers.DateField()
    closed = serializers.BooleanField(default=True)
    reason = serializers.CharField(max_length=200, help_text="The holiday's name, say; no personal data.")


class SpanOut(serializers.Serializer[Any]):
    """Open from … until …."""

    opens = serializers.CharField()
    closes = serializers.CharField()


class HoursOut(serializers.Serializer[Any]):
    """Open hours by day."""

    mon, tue, wed, thu = SpanOut(many=True), SpanOut(many=True), SpanOut(many=True), SpanOut(many=True)
    fri, sat, sun = SpanOut(many=True), SpanOut(many=True), SpanOut(many=True)


class CalendarOut(serializers.Serializer[Any]):
    """When your organization works."""

    timezone = serializers.CharField(help_text="IANA name; the organization's.")
    hours = HoursOut()
    federal_holidays = serializers.BooleanField()
    open_now = serializers.BooleanField()
    next_opening = serializers.DateTimeField(allow_null=True, help_text="Now when open; null: none in three years.")
    business_day_minutes = serializers.IntegerField(help_text="What one business day of a deadline stands for.")


class WeekOut(serializers.ModelSerializer[BusinessWeek]):
    """One change of the week."""

    hours = serializers.SerializerMethodField()

    class Meta:
        model = BusinessWeek
        fields = ("seq", "hours", "federal_holidays", "reason", "set_by_id", "at")

    def get_hours(self, row: BusinessWeek) -> dict[str, list[dict[str, str]]]:
        """Return the hours by day."""
        return hours_of(row.week)


class ClosureOut(serializers.ModelSerializer[Closure]):
    """One day closed, or opened after all."""

    class Meta:
        model = Closure
        fields = ("seq", "day", "closed", "reason", "set_by_id", "at")


def hours_of(week: Any) -> dict[str, list[dict[str, str]]]:
    """Return a week as it is shown."""
    return {
        day: [{"opens": _clock(opens), "closes": _clock(closes)} for opens, closes in spans]
        for day, spans in zip(DAYS, week, strict=True)
    }


def minutes_of(told: str) -> int:
    """Return the minutes since midnight of HH:MM."""
    hours, minutes = told.split(":")
    return int(hours) * 60 + int(minutes)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"

"""App registration of `calendars`."""

from django.apps import AppConfig


class CalendarsConfig(AppConfig):
    """Business calendars of organizations."""

    name = "casemgmt.calendars"
    label = "calendars"

"""App registration of `casemgmt.safety`."""

from django.apps import AppConfig


class SafetyConfig(AppConfig):
    """Tells Django where the room is."""

    name = "casemgmt.safety"
    label = "safety"

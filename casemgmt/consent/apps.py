"""App registration of `casemgmt.consent`."""

from django.apps import AppConfig


class ConsentConfig(AppConfig):
    """Tells Django where the room is."""

    name = "casemgmt.consent"
    label = "consent"

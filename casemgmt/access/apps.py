"""App registration of `casemgmt.access`."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    """Tells Django where the room is."""

    name = "casemgmt.access"
    label = "access"

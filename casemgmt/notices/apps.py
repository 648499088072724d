"""App registration of `casemgmt.notices`."""

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    """Tells Django where the room is."""

    name = "casemgmt.notices"
    label = "notices"

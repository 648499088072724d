"""App registration of `casemgmt.api`."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """Tells Django where the room is."""

    name = "casemgmt.api"
    label = "api"

"""App registration of `casemgmt.measures`."""

from django.apps import AppConfig


class MeasuresConfig(AppConfig):
    """Tells Django where the room is."""

    name = "casemgmt.measures"
    label = "measures"

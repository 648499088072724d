"""App registration of `casemgmt.chart`."""

from django.apps import AppConfig


class ChartConfig(AppConfig):
    """Tells Django where the room is."""

    name = "casemgmt.chart"
    label = "chart"

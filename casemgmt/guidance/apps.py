"""App registration of `casemgmt.guidance`."""

from django.apps import AppConfig


class GuidanceConfig(AppConfig):
    """Tells Django where the room is."""

    name = "casemgmt.guidance"
    label = "guidance"

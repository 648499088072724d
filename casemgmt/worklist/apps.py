"""App registration of `casemgmt.worklist`."""

from django.apps import AppConfig


class WorklistConfig(AppConfig):
    """Tells Django where the room is."""

    name = "casemgmt.worklist"
    label = "worklist"

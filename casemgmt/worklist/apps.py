"""App registration of `casemgmt.worklist`."""

from django.apps import AppConfig


class WorklistConfig(AppConfig):
    name = "casemgmt.worklist"
    label = "worklist"

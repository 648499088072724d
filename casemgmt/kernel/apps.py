"""App registration of `casemgmt.kernel`."""

from django.apps import AppConfig


class KernelConfig(AppConfig):
    """Tells Django where the room is."""

    name = "casemgmt.kernel"
    label = "kernel"

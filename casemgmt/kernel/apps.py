"""App registration of `casemgmt.kernel`."""

from django.apps import AppConfig


class KernelConfig(AppConfig):
    name = "casemgmt.kernel"
    label = "kernel"

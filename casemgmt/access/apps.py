"""App registration of `casemgmt.access`."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "casemgmt.access"
    label = "access"

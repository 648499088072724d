"""App registration of `casemgmt.api`."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "casemgmt.api"
    label = "api"

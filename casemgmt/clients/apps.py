"""App registration of `casemgmt.clients`."""

from django.apps import AppConfig


class ClientsConfig(AppConfig):
    name = "casemgmt.clients"
    label = "clients"

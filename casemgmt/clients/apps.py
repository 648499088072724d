"""App registration of `casemgmt.clients`."""

from django.apps import AppConfig


class ClientsConfig(AppConfig):
    """Tells Django where the room is."""

    name = "casemgmt.clients"
    label = "clients"

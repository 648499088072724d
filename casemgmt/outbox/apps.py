"""App registration of `casemgmt.outbox`."""

from django.apps import AppConfig


class OutboxConfig(AppConfig):
    """Tells Django where the room is."""

    name = "casemgmt.outbox"
    label = "outbox"

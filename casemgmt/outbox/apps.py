"""App registration of `casemgmt.outbox`."""

from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "casemgmt.outbox"
    label = "outbox"

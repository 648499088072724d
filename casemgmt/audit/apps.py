"""App registration of `casemgmt.audit`."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Tells Django where the room is."""

    name = "casemgmt.audit"
    label = "audit"

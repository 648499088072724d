"""App registration of `casemgmt.policies`."""

from django.apps import AppConfig


class PoliciesConfig(AppConfig):
    """Tells Django where the room is."""

    name = "casemgmt.policies"
    label = "policies"

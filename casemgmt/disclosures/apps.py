"""App registration of `casemgmt.disclosures`."""

from django.apps import AppConfig


class DisclosuresConfig(AppConfig):
    """Tells Django where the room is."""

    name = "casemgmt.disclosures"
    label = "disclosures"

"""App registration of `places`."""

from django.apps import AppConfig


class PlacesConfig(AppConfig):
    """Waitlists, offers and beds."""

    name = "casemgmt.places"
    label = "places"

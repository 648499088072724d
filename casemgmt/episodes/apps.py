"""App registration of `casemgmt.episodes`."""

from django.apps import AppConfig


class EpisodesConfig(AppConfig):
    """Tells Django where the room is."""

    name = "casemgmt.episodes"
    label = "episodes"

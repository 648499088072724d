"""App registration of `casemgmt.episodes`."""

from django.apps import AppConfig


class EpisodesConfig(AppConfig):
    name = "casemgmt.episodes"
    label = "episodes"

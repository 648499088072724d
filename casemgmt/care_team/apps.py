"""App registration of `casemgmt.care_team`."""

from django.apps import AppConfig


class CareTeamConfig(AppConfig):
    """Tells Django where the room is."""

    name = "casemgmt.care_team"
    label = "care_team"

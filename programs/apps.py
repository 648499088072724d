"""App registration of `programs`."""

from django.apps import AppConfig


class ProgramsConfig(AppConfig):
    """The directory and enrollments."""

    name = "programs"
    label = "programs"

"""App registration of `programs`."""

from django.apps import AppConfig


class ProgramsConfig(AppConfig):
    """The directory, enrollments and sessions."""

    name = "programs"
    label = "programs"

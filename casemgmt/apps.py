"""The project as an app of its own: it registers the start-up proofs."""

from django.apps import AppConfig


class ProjectConfig(AppConfig):
    """Loads `checks.py`, so that every command proves the wiring before it runs."""

    name = "casemgmt"
    label = "casemgmt"

    def ready(self) -> None:
        """Register the checks."""
        from . import checks  # noqa: F401

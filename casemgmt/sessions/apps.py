"""App registration of `sessions`."""

from django.apps import AppConfig


class SessionsConfig(AppConfig):
    """Sessions, their series, and who came."""

    name = "casemgmt.sessions"
    label = "sessions"

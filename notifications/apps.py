"""App registration of `notifications`."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """The room of check-ins and texts."""

    name = "notifications"
    label = "notifications"

"""App registration of `casemgmt.accounts`."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Tells Django where the room is."""

    name = "casemgmt.accounts"
    label = "accounts"

"""App registration of `casemgmt.accounts`."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "casemgmt.accounts"
    label = "accounts"

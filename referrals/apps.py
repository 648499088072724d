"""App registration of `referrals`."""

from django.apps import AppConfig


class ReferralsConfig(AppConfig):
    """Registers the room."""

    name = "referrals"
    label = "referrals"

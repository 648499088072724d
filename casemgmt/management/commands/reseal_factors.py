"""`manage.py reseal_factors`: after SECRET_KEY was replaced, and before the old one leaves SECRET_KEY_FALLBACKS."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from casemgmt.accounts.factors import reseal_factors


class Command(BaseCommand):
    """Says how many were sealed anew."""

    help = "Seal the secrets of one-time codes with the newest SECRET_KEY."

    def handle(self, *args: Any, **options: Any) -> None:
        """Seal them."""
        self.stdout.write(f"{reseal_factors()} sealed")

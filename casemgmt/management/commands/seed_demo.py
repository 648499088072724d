"""`manage.py seed_demo --clients N`: a small network with logins, and N made-up clients. Never in production."""

from __future__ import annotations

import secrets
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from casemgmt.accounts.models import Organization
from casemgmt.devtools.seed import seed_clients, seed_network


class Command(BaseCommand):
    """Seeds organizations, staff, programs and clients; running it again adds only what is missing."""

    help = "Make a small network with logins, programs and made-up clients."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare how many clients, and the password everybody gets."""
        parser.add_argument("--clients", type=int, default=0, help="how many made-up clients North has afterwards")
        parser.add_argument("--password", default="", help="everybody's password; a random one if not given")

    def handle(self, *args: Any, **options: Any) -> None:
        """Seed and print the logins."""
        if settings.SMS_GATEWAY == "twilio" and "api.twilio.com" in settings.SMS_GATEWAY_BASE_URL:
            raise CommandError("This instance texts real people; made-up ones have no place in it.")
        password = options["password"] or secrets.token_hex(8)
        for login in seed_network(password=password):
            self.stdout.write(f"{login.organization:6} {login.role:16} {login.email:28} {password}")
        north = Organization.objects.get(name="North", hsds_id=None)
        made = seed_clients(options["clients"], organization=north)
        self.stdout.write(f"{made} clients added")

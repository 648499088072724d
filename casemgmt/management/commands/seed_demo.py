"""`manage.py seed_demo --clients N`: a network with logins and N made-up clients. Never in production."""

from __future__ import annotations

import secrets
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from casemgmt.devtools.population import NotOurs, populate
from casemgmt.devtools.seed import seed_network


class Command(BaseCommand):
    """Seeds organizations, staff, programs and clients; running it again adds only what is missing."""

    help = "Make a network with logins, programs and made-up clients."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare how many clients, from which seed, and the password everybody gets."""
        parser.add_argument("--clients", type=int, default=0, help="how many made-up clients there are afterwards")
        parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same people")
        parser.add_argument("--password", default="", help="the password of who may log in; a random one if not given")

    def handle(self, *args: Any, **options: Any) -> None:
        """Seed and print the logins."""
        if settings.SMS_GATEWAY == "twilio" and "api.twilio.com" in settings.SMS_GATEWAY_BASE_URL:
            raise CommandError("This instance texts real people; made-up ones have no place in it.")
        began = time.monotonic()
        made = self._populate(options["clients"], seed=options["seed"]) if options["clients"] else 0
        took = time.monotonic() - began
        password = options["password"] or secrets.token_hex(8)
        for login in seed_network(password=password):
            self.stdout.write(f"{login.organization:6} {login.role:16} {login.email:28} {password}")
        self.stdout.write(f"{made} clients added" + (f", {made / took:.0f} a second" if made else ""))

    def _populate(self, clients: int, *, seed: int) -> int:
        try:
            return populate(clients, seed=seed, tell=self.stdout.write)
        except NotOurs as error:
            sentence = "This database holds what this seed did not make. Begin with an empty one."
            raise CommandError(sentence) from error

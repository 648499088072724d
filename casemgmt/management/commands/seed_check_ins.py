"""`manage.py seed_check_ins COUNT`: made-up clients who agreed to texts and are checked in with next. For drills."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from casemgmt.accounts.models import Organization
from casemgmt.clients.models import Client
from casemgmt.devtools.chaos.people import seed_check_ins
from casemgmt.devtools.seed import SEEDER, SOURCE
from casemgmt.kernel.wall import acting_as


class Command(BaseCommand):
    """Fills an empty instance and prints when the first check-in is due."""

    help = (
        "Add made-up clients, each with one check-in by text at the next whole minutes; prints when the first is due."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare how many."""
        parser.add_argument("count", type=int)

    def handle(self, *args: Any, **options: Any) -> None:
        """Seed, unless this instance reaches phones or has such clients already."""
        if not settings.SMS_GATEWAY_BASE_URL.startswith("http://127.0.0.1:"):
            raise CommandError("Only an instance whose carrier is a stand-in on this machine is filled with texts.")
        with acting_as(SEEDER):
            if Client.objects.filter(source_system=SOURCE).exists():
                raise CommandError("This instance has made-up clients already; begin with an empty one.")
            north = Organization.objects.create(
                name="North",
                timezone="America/Chicago",
                phone="+13165550190",
                email="hello@north.example",
                sms_alias="CareLine",
            )
        self.stdout.write(seed_check_ins(options["count"], organization=north).isoformat())

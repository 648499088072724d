"""`manage.py invite`: the first person of an organization, who then invites the others."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from casemgmt.accounts.models import Organization
from casemgmt.accounts.roles import Role
from casemgmt.accounts.staffing import Newcomer, invite
from casemgmt.kernel.actor import Actor

ACTOR = Actor.system("invite-command")


class Command(BaseCommand):
    """Prints the secret of the link once; nobody can read it again."""

    help = "Invite somebody to work for an organization."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare what may be said."""
        parser.add_argument("email")
        parser.add_argument("--name", required=True)
        parser.add_argument("--organization", type=UUID, required=True, help="its id")
        parser.add_argument("--role", action="append", required=True, choices=Role.values)

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the invitation."""
        organization = Organization.objects.filter(id=options["organization"], joined=True).first()
        if organization is None:
            raise CommandError("There is no such organization.")
        newcomer = Newcomer(options["email"], options["name"], options["role"])
        made, secret = invite(newcomer=newcomer, organization_id=organization.id, actor=ACTOR)
        self.stdout.write(secret)
        self.stderr.write(f"invitation {made.id}, until {made.expires_at:%Y-%m-%d %H:%M} UTC")

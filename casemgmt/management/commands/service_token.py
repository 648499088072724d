"""`manage.py service_token`: make a token for a program of an organization, with its account where there is none."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from casemgmt.accounts.models import Organization, ServiceAccount
from casemgmt.accounts.scopes import SCOPES
from casemgmt.accounts.service_accounts import LONGEST_DAYS, Terms, create_service_account, issue_service_token
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import DomainError

ACTOR = Actor.system("service-token-command")


class Command(BaseCommand):
    """Prints the secret once; nobody can read it again."""

    help = "Make a scoped token for a service account."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare what may be said."""
        parser.add_argument("name", help="of the service account")
        parser.add_argument("--organization", type=UUID, required=True, help="its id")
        parser.add_argument("--scope", action="append", required=True, choices=sorted(SCOPES))
        parser.add_argument("--days", type=int, default=LONGEST_DAYS)
        parser.add_argument("--address", action="append", default=[], help="a network it may come from")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        """Make the account if need be, and the token."""
        organization = Organization.objects.filter(id=options["organization"], joined=True).first()
        if organization is None:
            raise CommandError("There is no such organization.")
        try:
            account = ServiceAccount.objects.filter(organization=organization, name=options["name"]).first()
            account = account or create_service_account(
                name=options["name"], organization_id=organization.id, actor=ACTOR
            )
            terms = Terms(options["scope"], options["days"], options["address"])
            token, secret = issue_service_token(account_id=account.id, terms=terms, actor=ACTOR)
        except DomainError as error:
            raise CommandError(f"{error.detail} {error.extra or ''}".strip()) from error
        self.stdout.write(secret)
        self.stderr.write(f"token {token.id} of service account {account.id}, until {token.expires_at:%Y-%m-%d}")

"""`manage.py tracer NUMBER`: a phone of the operators that is checked in with, to see that texts arrive (R10)."""

from __future__ import annotations

from dataclasses import replace
from datetime import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from casemgmt.accounts.models import Organization
from casemgmt.clients.models import ContactKind, ContactPoint
from casemgmt.clients.phones import to_e164
from casemgmt.clients.services import NewClient, record_client
from casemgmt.clients.states import US_STATES
from casemgmt.episodes.opening import open_episode
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import DomainError
from casemgmt.kernel.wall import acting_as
from casemgmt.kernel.wall_time import zone_named
from notifications.disclosures import CURRENT
from notifications.models import CaptureChannel, ConsentEvent
from notifications.services.planning import NewPlan, create_plan
from notifications.services.texting_consent import Said, record_texting_consent

NAME = "Tracer"
ACTOR = Actor.system("tracer-command")
WEEKDAYS = {"odd": (1, 3, 5), "even": (2, 4, 6)}  # three a week, as for everybody (SMS-05); two phones are six


class Command(BaseCommand):
    """Makes a made-up client of an organization without staff and prints its id, for TRACER_CLIENTS."""

    help = "Check in with a phone of your own three times a week; /readyz and a letter say when nothing arrives."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare what may be said."""
        parser.add_argument("number", help="a phone of yours that no client has, such as +13165550100")
        parser.add_argument("--timezone", required=True, help="where it is, such as America/Chicago")
        parser.add_argument("--state", required=True, type=str.upper, choices=US_STATES, help="its quiet hours hold")
        parser.add_argument("--at", type=time.fromisoformat, default=time(10), help="local time, 10:00")
        parser.add_argument("--days", choices=WEEKDAYS, default="odd", help="odd: Monday, Wednesday, Friday")
        parser.add_argument("--alias", required=True, help="the name in the texts")
        parser.add_argument("--phone", required=True, help="the number in the texts")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make everything in one transaction, or say why not."""
        number = to_e164(options["number"])
        if number is None:
            raise CommandError("That is not a phone number.")
        if zone_named(options["timezone"]) is None:
            raise CommandError("That is no time zone.")
        try:
            with acting_as(ACTOR, durable=True):
                client_id = _make(number, options)
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(str(client_id))
        self.stderr.write("Answer the text to that phone with YES, and add the id to TRACER_CLIENTS.")


def _make(number: str, options: dict[str, Any]) -> object:
    if ContactPoint.objects.live().filter(kind=ContactKind.PHONE, value=number).exists():
        raise CommandError("Somebody has this number already. Use a phone that no client has.")
    known = {"phone": options["phone"], "sms_alias": options["alias"], "timezone": options["timezone"]}
    home, _ = Organization.objects.get_or_create(name=NAME, joined=True, defaults=known)
    actor = replace(ACTOR, organization_id=home.id)
    zone = options["timezone"]
    new = NewClient(NAME, NAME, phone=number, timezone=zone, residence_state=options["state"])
    client = record_client(new=new, actor=actor)
    episode = open_episode(client_id=client.id, source="self", reason="tracer", actor=actor)
    said = Said(ConsentEvent.OPT_IN, CaptureChannel.VERBAL, disclosure_version=CURRENT)
    record_texting_consent(contact_point_id=client.contact_points.get().id, said=said, actor=actor)
    plan = NewPlan(episode_id=episode.id, times=(options["at"],), weekdays=WEEKDAYS[options["days"]])
    create_plan(new=plan, actor=actor)
    return client.id

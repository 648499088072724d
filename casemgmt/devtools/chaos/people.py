"""Made-up clients who agreed to texts, each with a plan for one check-in at the coming whole minutes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from casemgmt.accounts.models import Organization
from casemgmt.clients.models import Client, ContactKind, ContactPoint
from casemgmt.devtools.seed import SEEDER, SOURCE, seed_clients
from casemgmt.episodes.models import Episode
from casemgmt.episodes.stages import Stage
from casemgmt.kernel import clock
from casemgmt.kernel.wall import acting_as
from notifications.disclosures import CURRENT
from notifications.models import (
    CaptureChannel,
    CheckInPlan,
    ConsentEvent,
    TextingConsent,
    TextingConsentEvent,
    TextingState,
)
from notifications.services.disclosing import words_shown

HOME = ZoneInfo("America/Chicago")
BATCH = 1_000
MINUTES = 2  # they are due at one of so many whole minutes
AHEAD = timedelta(minutes=6)  # the drill sets the clock forward so that this is when everything runs


def number_of(place: int) -> str:
    """Return the phone number of the client at that place; it rings nowhere."""
    return f"+1316{2_000_000 + place}"


def seed_check_ins(count: int, *, organization: Organization) -> datetime:
    """Add `count` clients who agreed to texts, and return when the first of their check-ins is due.

    For an empty instance. Check-ins and messages are not written here: that is the work of the ticks.
    """
    seed_clients(count, organization=organization)
    with acting_as(SEEDER):
        clients = list(
            Client.objects.filter(organization=organization, source_system=SOURCE).values_list("id", "source_id")
        )
    for batch in batched(clients, BATCH):  # a transaction each: none stands idle while thousands are thought up
        with acting_as(SEEDER):
            _agree({client_id: int(source_id) for client_id, source_id in batch}, organization)
    with acting_as(SEEDER):
        due = clock.now().replace(second=0, microsecond=0) + AHEAD
    for batch in batched(clients, BATCH):
        with acting_as(SEEDER):
            places = {client_id: int(source_id) for client_id, source_id in batch}
            _plan(_episodes(organization).filter(client__in=places), places, due)
    return due


def batched(rows: Sequence[tuple[UUID, str]], size: int) -> Iterator[Sequence[tuple[UUID, str]]]:
    """Yield these rows in parts of at most `size`."""
    for first in range(0, len(rows), size):
        yield rows[first : first + size]


def _episodes(organization: Organization) -> QuerySet[Episode]:
    return Episode.objects.filter(organization=organization, client__source_system=SOURCE)


def _agree(places: Mapping[UUID, int], organization: Organization) -> None:
    """Let everybody agree on paper and confirm from the phone."""
    at = clock.now()
    phones = [
        ContactPoint(client_id=client_id, kind=ContactKind.PHONE, value=number_of(place), preferred=True)
        for client_id, place in places.items()
    ]
    ContactPoint.objects.bulk_create(phones, batch_size=2_000)
    state = TextingState.OPTED_IN
    consents = [
        TextingConsent(client_id=phone.client_id, contact_point=phone, state=state, changed_at=at) for phone in phones
    ]
    TextingConsent.objects.bulk_create(consents, batch_size=2_000)
    shown = words_shown(CURRENT, alias=organization.sms_alias) or ""
    told = {
        "event": ConsentEvent.OPT_IN,
        "state_after": TextingState.PENDING,
        "channel": CaptureChannel.PAPER,
        "disclosure_version": CURRENT,
        "disclosure_text": shown,
        "alias": organization.sms_alias,
    }
    said = {"event": ConsentEvent.CONFIRM, "state_after": state, "channel": CaptureChannel.INBOUND_SMS}
    ledger = [
        TextingConsentEvent(consent=consent, at=at, actor_kind="system", **event)
        for event in (told, said)
        for consent in consents
    ]
    TextingConsentEvent.objects.bulk_create(ledger, batch_size=2_000)


def _plan(episodes: QuerySet[Episode], places: Mapping[UUID, int], due: datetime) -> None:
    """Plan one check-in for everybody, at a whole minute from `due` on."""
    local = due.astimezone(HOME)
    plans = []
    for episode in episodes.exclude(stage=Stage.ON_HOLD).iterator():
        at = local + timedelta(minutes=places[episode.client_id] % MINUTES)
        plans.append(
            CheckInPlan(
                client_id=episode.client_id,
                episode=episode,
                organization_id=episode.organization_id,
                times=[at.time()],
                weekdays=[at.isoweekday()],
                starts_on=at.date(),
                ends_on=at.date(),
            )
        )
    CheckInPlan.objects.bulk_create(plans, batch_size=2_000)

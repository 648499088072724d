"""Consent to text: what is said about a number is written to the ledger, and takes effect in the same transaction.

The order of locks is consent before message, everywhere: a sender holds the consent while it speaks to the carrier, so
an opt-out commits before the call began or after it ended, never in between (F11).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from casemgmt.accounts.models import Organization
from casemgmt.accounts.roles import CASE_MANAGER_AND_UP, PROPOSERS
from casemgmt.clients.models import ContactKind, ContactPoint, ContactStatus
from casemgmt.clients.services import require_role
from casemgmt.episodes.models import Episode
from casemgmt.episodes.stages import Stage
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Conflict, Invalid, Refused
from casemgmt.kernel.events import Event
from casemgmt.kernel.events import topic as register_topic
from casemgmt.kernel.transactions import require_atomic
from casemgmt.outbox.emit import emit
from notifications.disclosures import FREQUENCY_CAP, MESSAGE_TYPES
from notifications.models import (
    CaptureChannel,
    ConsentEvent,
    MessageKind,
    TextingConsent,
    TextingConsentEvent,
    TextingState,
)
from notifications.models.texting_consent import STATE_AFTER
from notifications.querysets import wait_for_senders
from notifications.wording import Key

from .calling_off import PHONE_SHARED, call_off_number
from .composing import REQUEST_LIFE, Draft, put_on_its_way
from .disclosing import NAMELESS, words_shown
from .occurrences import replan_client

OPTED_IN = register_topic("texting.opted_in")
STOPPED = register_topic("texting.stopped")
ASKED = register_topic("texting.asked")

BY_STAFF = (ConsentEvent.OPT_IN, ConsentEvent.OPT_OUT, ConsentEvent.ADMIN_SUPPRESS, ConsentEvent.SHARED_PHONE)
BY_THE_NUMBER_ITSELF = (CaptureChannel.INBOUND_SMS, CaptureChannel.CARRIER)


@dataclass(frozen=True, slots=True)
class Said:
    """What was said, how we learned it, and the proof: the version shown, where the paper is, the inbound receipt."""

    event: ConsentEvent
    channel: CaptureChannel
    disclosure_version: str = ""
    evidence: str = ""
    inferred: bool = False
    receipt_id: int | None = None
    provider_message_sid: str = ""


@transaction.atomic
def record_texting_consent(*, contact_point_id: UUID, said: Said, actor: Actor) -> TextingConsentEvent:
    """Write down what a client told staff about texts to one number (SMS-01, SMS-21).

    A yes is asked for once more from the phone itself before anything else is sent (SMS-04). A no counts for every
    client who has the number. A phone that others use too is texted again when the client has confirmed once more.
    Raises NotVisible, NotPermitted, Invalid (`not_a_phone`, `disclosure_unknown`), Refused (`sms_number_invalid`,
    `sms_needs_start`, `sms_alias_missing`, `episode_not_open`), Conflict (`sms_already_opted_in`, `sms_not_opted_in`).
    """
    point = ContactPoint.objects.visible_to(actor).live().select_related("client").fetch(contact_point_id)
    yes = said.event == ConsentEvent.OPT_IN
    require_role(actor, CASE_MANAGER_AND_UP if yes else PROPOSERS)
    if point.kind != ContactKind.PHONE or said.event not in BY_STAFF:
        raise Invalid("Texts go to phone numbers.", code="not_a_phone")
    wait_for_senders()
    at = clock.now()
    if yes:
        return _opt_in(point, said=said, at=at, actor=actor)
    if said.event == ConsentEvent.SHARED_PHONE:
        return _share(point, said=said, at=at, actor=actor)
    events = opt_out_number(number=point.value, said=said, at=at, actor=actor)
    return next(each for each in events if each.consent.contact_point_id == point.id)


def _opt_in(point: ContactPoint, *, said: Said, at: datetime, actor: Actor) -> TextingConsentEvent:
    organization = Organization.objects.get(pk=actor.organization_id or point.client.organization_id)
    (consent,) = _held([point], at=at)
    _require_free_to_agree(point, consent, organization)
    event = write_event(consent, said=said, at=at, actor=actor, organization=organization)
    _ask_for_yes(point, organization.id, at=at)
    return event


def _ask_for_yes(point: ContactPoint, organization_id: UUID, *, at: datetime) -> None:
    draft = Draft(
        kind=MessageKind.OPT_IN_REQUEST,
        key=Key.OPTIN_REQUEST,
        point=point,
        organization_id=organization_id,
        due_at=at,
        not_after=at + REQUEST_LIFE,
    )
    put_on_its_way(draft)


def _share(point: ContactPoint, *, said: Said, at: datetime, actor: Actor) -> TextingConsentEvent:
    (consent,) = _held([point], at=at)
    if consent.state != TextingState.OPTED_IN:
        raise Conflict("Nothing is texted to this phone.", code="sms_not_opted_in")
    return _confirm_anew(consent, said=said, at=at, actor=actor)


def _confirm_anew(consent: TextingConsent, *, said: Said, at: datetime, actor: Actor) -> TextingConsentEvent:
    """Text a phone that others use only when its client has said YES once more (SMS-04)."""
    point = consent.contact_point
    event = write_event(consent, said=said, at=at, actor=actor)
    call_off_number([point], at=at, actor=actor, reason=PHONE_SHARED)
    _ask_for_yes(point, point.client.organization_id, at=at)
    return event


def note_shared_number(*, client_id: UUID, at: datetime, actor: Actor) -> None:
    """Let everybody else confirm anew whose number a client has now as well (SMS-04). Inner."""
    require_atomic()
    mine = ContactPoint.objects.live().filter(client_id=client_id, kind=ContactKind.PHONE).values("value")
    others = ContactPoint.objects.live().filter(kind=ContactKind.PHONE, value__in=mine).exclude(client_id=client_id)
    for consent in TextingConsent.objects.all().hold_all([point.id for point in others]):
        if consent.state == TextingState.OPTED_IN:
            said = Said(ConsentEvent.SHARED_PHONE, CaptureChannel.SYSTEM)
            _confirm_anew(consent, said=said, at=at, actor=actor)


def _require_free_to_agree(point: ContactPoint, consent: TextingConsent, organization: Organization) -> None:
    if point.status in (ContactStatus.INVALID, ContactStatus.NOT_MOBILE):
        raise Refused("This number cannot take texts.", code="sms_number_invalid")
    spells = Episode.objects.open().filter(client_id=point.client_id, organization=organization)
    if not spells.exclude(stage=Stage.ON_HOLD).exists():
        raise Refused("Texts are part of care: open an episode first.", code="episode_not_open")
    if not organization.sms_alias:
        raise Refused(NAMELESS, code="sms_alias_missing")
    if consent.state == TextingState.OPTED_IN:
        raise Conflict("The client agreed and confirmed already.", code="sms_already_opted_in")
    last = consent.events.order_by("-seq").first()
    if consent.state == TextingState.OPTED_OUT and last is not None and last.channel in BY_THE_NUMBER_ITSELF:
        sentence = "The client stopped the texts from this number. Only START from it begins them again."
        raise Refused(sentence, code="sms_needs_start")


def opt_out_number(*, number: str, said: Said, at: datetime, actor: Actor) -> list[TextingConsentEvent]:
    """Stop all texts to a number, for every client who has it, and call off what waits (SMS-22, SMS-25).

    Inner; the caller's transaction must be ready to wait for senders. Returns the rows written, none for a stranger's
    number.
    """
    require_atomic()
    points = list(points_of(number))
    events = [write_event(consent, said=said, at=at, actor=actor) for consent in _held(points, at=at)]
    call_off_number(points, at=at, actor=actor)
    return events


def opt_in_again(
    consents: Sequence[TextingConsent], *, said: Said, said_at: datetime, at: datetime, actor: Actor
) -> list[TextingConsent]:
    """Resume the texts to a number that said START (SMS-23) and return the consents that came alive.

    `consents` are the locked ones of the number. Only those who once agreed come back, and a STOP that came in later
    stays the last word (F19). Inner.
    """
    require_atomic()
    assert said.receipt_id is not None, "only a text from the number resumes"
    ids = [consent.contact_point_id for consent in consents]
    ledger = TextingConsentEvent.objects.all()
    if ledger.opted_out_since(contact_point_ids=ids, receipt_id=said.receipt_id, at=said_at):
        return []
    resumed = []
    for consent in consents:
        agreed = ledger.filter(consent=consent, event=ConsentEvent.OPT_IN).exists()
        if consent.state == TextingState.OPTED_OUT and agreed:
            write_event(consent, said=said, at=at, actor=actor)
            resumed.append(consent)
    return resumed


def note_changed_number(*, client_id: UUID, at: datetime, actor: Actor) -> None:
    """End the consent for numbers that are not the client's preferred one any more: a new one starts anew (SMS-03)."""
    require_atomic()
    former = list(ContactPoint.objects.filter(client_id=client_id, kind=ContactKind.PHONE, preferred=False))
    if not former:
        return
    for consent in TextingConsent.objects.all().hold_all([point.id for point in former]):
        if consent.state in (TextingState.OPTED_IN, TextingState.PENDING):
            said = Said(ConsentEvent.NUMBER_CHANGE, CaptureChannel.SYSTEM)
            write_event(consent, said=said, at=at, actor=actor)
    call_off_number(former, at=at, actor=actor, reason="number_changed")


def points_of(number: str) -> QuerySet[ContactPoint]:
    """Return the live contact points that hold a number, of whichever client, in the order of their ids."""
    return ContactPoint.objects.live().filter(kind=ContactKind.PHONE, value=number).order_by("id")


def _held(points: Sequence[ContactPoint], *, at: datetime) -> list[TextingConsent]:
    """Return the locked consent of every point; numbers nobody ever spoke about get a row that says so."""
    rows = [
        TextingConsent(client_id=point.client_id, contact_point=point, state=TextingState.NONE, changed_at=at)
        for point in points
    ]
    TextingConsent.objects.bulk_create(rows, ignore_conflicts=True)
    return TextingConsent.objects.all().hold_all([point.id for point in points])


def write_event(
    consent: TextingConsent, *, said: Said, at: datetime, actor: Actor, organization: Organization | None = None
) -> TextingConsentEvent:
    """Write one row of the ledger for a locked consent, move the consent with it, and tell. Inner.

    `organization` is the one on whose behalf the client was asked; the client's own unless named. Raises Invalid
    `disclosure_unknown`.
    """
    require_atomic()
    behalf = organization or consent.client.organization
    event = TextingConsentEvent.objects.create(
        consent=consent,
        event=said.event,
        state_after=STATE_AFTER[said.event],
        at=at,
        channel=said.channel,
        alias=behalf.sms_alias,
        evidence=said.evidence,
        inferred=said.inferred,
        actor_kind=actor.kind.value,
        actor_id=actor.id,
        receipt_id=said.receipt_id,
        provider_message_sid=said.provider_message_sid,
        **_shown(said, alias=behalf.sms_alias),
    )
    if consent.state != event.state_after:
        consent.state = event.state_after
        consent.changed_at = at
    consent.save_changes("state", "changed_at", at=at)
    if consent.state == TextingState.OPTED_IN:
        replan_client(consent.client_id, at=at)
    fact = {TextingState.OPTED_IN: OPTED_IN, TextingState.PENDING: ASKED}.get(TextingState(consent.state), STOPPED)
    payload = {"event": str(said.event), "channel": str(said.channel), "state": str(consent.state)}
    emit(Event(fact, consent.id, consent.client_id, behalf.id, payload), actor=actor)
    return event


def _shown(said: Said, *, alias: str) -> dict[str, str]:
    """Return what the client was shown, as the ledger keeps it: nothing unless they agreed to it just now."""
    if said.event != ConsentEvent.OPT_IN:
        return {}
    text = words_shown(said.disclosure_version, alias=alias)
    if text is None:
        raise Invalid("Name the version of the text the client was shown.", code="disclosure_unknown")
    return {
        "disclosure_version": said.disclosure_version,
        "disclosure_text": text,
        "message_types": MESSAGE_TYPES,
        "frequency_cap": FREQUENCY_CAP,
    }

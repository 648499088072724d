"""Recording, activating and revoking consents; recording that the notice was given. Doors (table 1.9)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from casemgmt.accounts.models import HipaaStatus, Organization
from casemgmt.accounts.roles import CASE_MANAGER_AND_UP, Role
from casemgmt.clients.models import Client
from casemgmt.clients.services import require_role
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Conflict, Invalid, NotPermitted, Refused
from casemgmt.kernel.events import Event
from casemgmt.kernel.events import topic as register_topic
from casemgmt.outbox.emit import emit

from .elements import Form, Missing, Surroundings, deficiencies
from .models import Consent, ConsentRevocation, NoticeDelivery
from .words import ConsentStatus, ConsentType, NoticeMethod, RevocationChannel

RECORDED = register_topic("consent.recorded")
CHANGED = register_topic("consent.changed")
ACTIVATED = register_topic("consent.activated")
REVOKED = register_topic("consent.revoked")
SUPERSEDED = register_topic("consent.superseded")  # by one that covers as much
NARROWED = register_topic("consent.narrowed")  # by one that covers less: what relied on it looks again
EXPIRED = register_topic("consent.expired")
EXPIRING = register_topic("consent.expiring")
NOTICE_DELIVERED = register_topic("consent.notice_delivered")

CAPTURES = CASE_MANAGER_AND_UP | {Role.PRIVACY_OFFICER.value}  # table 1.9: capture and revoke consent


class ConsentDeficient(Refused):
    """The form lacks elements of §2.31. The code is the first one's; `missing` lists all (P2-10 to P2-17)."""

    sentence = "The consent cannot be activated: it lacks something that the law requires."

    def __init__(self, missing: Sequence[Missing]) -> None:
        super().__init__(code=missing[0].code, missing=[asdict(each) for each in missing])


@dataclass(frozen=True, slots=True)
class Revocation:
    """A consent taken back: how the client said so, why (if told), and for whom (None: for every recipient)."""

    channel: RevocationChannel
    reason: str = ""
    recipient_id: UUID | None = None


@transaction.atomic
def record_consent(
    *, client_id: UUID, form: Form, activate: bool, actor: Actor, supersedes: UUID | None = None
) -> Consent:
    """Record a consent between a client and the actor's organization, as a draft or, if it is whole, in force.

    `supersedes`: the consent in force that this one replaces, from the moment this one is in force. Raises NotVisible,
    NotPermitted, Invalid, ConsentDeficient (then nothing is recorded), Conflict `consent_not_active`.
    """
    client = Client.objects.visible_to(actor).fetch(client_id)
    organization_id = organization_of(actor)
    _require_known(form)
    consent = Consent(client=client, organization_id=organization_id, recorded_by=actor.id, **asdict(form))
    consent.supersedes_id = supersedes
    replaced = _lock_replaced(consent, actor=actor)
    at = clock.now()
    if activate:
        _put_in_force(consent, at=at)
        _replace(replaced, at=at)
    consent.save(force_insert=True)
    emit(event_of(RECORDED, consent), actor=actor)
    if activate:
        _tell_in_force(consent, replaced, actor=actor)
    return consent


@transaction.atomic
def change_consent(*, consent_id: UUID, changes: Mapping[str, Any], version: int | None, actor: Actor) -> Consent:
    """Edit a draft; `changes` names fields of Form.

    Raises NotVisible, NotPermitted, StaleVersion, Invalid, Conflict `consent_not_draft`.
    """
    consent = _lock_draft(consent_id, version=version, actor=actor)
    form = replace(Form.of(consent), **changes)
    _require_known(form)
    for name in changes:
        setattr(consent, name, getattr(form, name))
    consent.save_changes(*changes, at=clock.now())
    emit(event_of(CHANGED, consent), actor=actor)
    return consent


@transaction.atomic
def activate_consent(*, consent_id: UUID, version: int | None, actor: Actor) -> Consent:
    """Put a draft in force. Raises NotVisible, NotPermitted, StaleVersion, Conflict, ConsentDeficient."""
    consent = _lock_draft(consent_id, version=version, actor=actor)
    replaced = _lock_replaced(consent, actor=actor)
    at = clock.now()
    _put_in_force(consent, at=at)
    _replace(replaced, at=at)
    consent.save_changes("status", "document_hash", at=at)
    _tell_in_force(consent, replaced, actor=actor)
    return consent


@transaction.atomic
def revoke_consent(*, consent_id: UUID, revocation: Revocation, version: int | None, actor: Actor) -> Consent:
    """Take a consent back, in full or for one recipient (P2-19).

    From this commit on nothing leaves under it. A disclosure under way on another connection holds the row: it either
    commits first, and is undone by the rooms that hear of this, or finds the consent revoked. What was disclosed stays
    in the ledger. Raises NotVisible, NotPermitted, StaleVersion, Conflict (`consent_not_active`, `already_revoked`),
    Invalid, Refused `consent_not_yet_revocable` (P2-23).
    """
    consent: Consent = Consent.objects.visible_to(actor).lock(consent_id)
    organization_of(actor)
    consent.require_version(version)
    at = clock.now()
    _require_revocable(consent, revocation.recipient_id, at=at)
    ConsentRevocation.objects.create(
        consent=consent,
        recipient_id=revocation.recipient_id,
        channel=revocation.channel,
        reason=revocation.reason,
        at=at,
        actor_kind=actor.kind.value,
        actor_id=actor.id,
    )
    if revocation.recipient_id is None:
        consent.status, consent.revoked_at = ConsentStatus.REVOKED, at
    else:
        consent.revoked_for = [*consent.revoked_for, revocation.recipient_id]
    consent.suspended_at = None  # what the client had written is confirmed
    consent.save_changes("status", "revoked_at", "revoked_for", "suspended_at", at=at)
    recipient = str(revocation.recipient_id) if revocation.recipient_id else None
    emit(event_of(REVOKED, consent, recipient_id=recipient), actor=actor)
    return consent


@transaction.atomic
def record_notice(
    *, client_id: UUID, notice_version: str, method: NoticeMethod, delivered_at: datetime | None, actor: Actor
) -> NoticeDelivery:
    """Record that the client was given the Part 2 notice, now or at an earlier time (aware UTC) (P2-26).

    Raises NotVisible, NotPermitted, Invalid.
    """
    client = Client.objects.visible_to(actor).fetch(client_id)
    organization_id = organization_of(actor)
    at = clock.now()
    if delivered_at is not None and delivered_at > at:
        raise Invalid(fields={"delivered_at": ["Not later than now."]})
    delivery = NoticeDelivery.objects.create(
        client=client,
        organization_id=organization_id,
        notice_version=notice_version,
        method=method,
        delivered_at=delivered_at or at,
        recorded_at=at,
        actor_kind=actor.kind.value,
        actor_id=actor.id,
    )
    emit(Event(NOTICE_DELIVERED, delivery.id, client.id, organization_id), actor=actor)
    return delivery


def organization_of(actor: Actor) -> UUID:
    """Return the organization for which the actor captures consents; raise NotPermitted."""
    require_role(actor, CAPTURES)
    if actor.organization_id is None:
        raise NotPermitted()
    return actor.organization_id


def _require_known(form: Form) -> None:
    """Raise Invalid when the form names an organization that we do not know."""
    wanted = set(form.recipient_ids)
    if wanted and Organization.objects.filter(id__in=wanted).count() != len(wanted):
        raise Invalid(fields={"recipient_ids": ["Every recipient must be an organization of the directory."]})


def _lock_draft(consent_id: UUID, *, version: int | None, actor: Actor) -> Consent:
    consent: Consent = Consent.objects.visible_to(actor).lock(consent_id)
    organization_of(actor)
    consent.require_version(version)
    if consent.status != ConsentStatus.DRAFT:
        raise Conflict("A signed consent does not change. Record a new one.", code="consent_not_draft")
    return consent


def _put_in_force(consent: Consent, *, at: datetime) -> None:
    """Set the status when every element is there; raise ConsentDeficient with all that are not."""
    form = Form.of(consent)
    under_hipaa = Organization.objects.filter(
        id__in=form.recipient_ids, hipaa_status__in=[HipaaStatus.COVERED_ENTITY, HipaaStatus.BUSINESS_ASSOCIATE]
    )
    around = Surroundings(at=at, client_deceased=consent.client.deceased, recipient_under_hipaa=under_hipaa.exists())
    missing = deficiencies(form, around)
    if form.expires_at is not None and form.expires_event:
        missing = (*missing, Missing("consent_expiry_twice", "The form names a day and an event. Keep one (P2-16)."))
    if form.expires_at is not None and form.expires_at <= at:
        missing = (*missing, Missing("consent_expired", "The consent expired before it was put in force (P2-18)."))
    if missing:
        raise ConsentDeficient(missing)
    consent.status, consent.document_hash = ConsentStatus.ACTIVE, form.document_hash


def _lock_replaced(consent: Consent, *, actor: Actor) -> Consent | None:
    """Return the consent that another is to replace, locked; raise NotVisible, Invalid, Conflict."""
    if consent.supersedes_id is None:
        return None
    replaced: Consent = Consent.objects.visible_to(actor).lock(consent.supersedes_id)
    if (replaced.client_id, replaced.type) != (consent.client_id, consent.type):
        raise Invalid(fields={"supersedes": ["A consent of the same client and of the same type."]})
    if replaced.status != ConsentStatus.ACTIVE:
        raise Conflict("The consent to be replaced is not in force.", code="consent_not_active")
    return replaced


def _replace(replaced: Consent | None, *, at: datetime) -> None:
    if replaced is not None:
        replaced.status, replaced.superseded_at = ConsentStatus.SUPERSEDED, at
        replaced.save_changes("status", "superseded_at", at=at)


def _tell_in_force(consent: Consent, replaced: Consent | None, *, actor: Actor) -> None:
    emit(event_of(ACTIVATED, consent), actor=actor)
    if replaced is not None:
        emit(event_of(SUPERSEDED if _covers(consent, replaced) else NARROWED, replaced), actor=actor)


def _covers(new: Consent, old: Consent) -> bool:
    """True when a consent lets everything leave that another did, for as long."""
    lists = ("recipient_ids", "recipient_classes", "info_categories", "purposes")
    wide = all(set(getattr(new, name)) >= set(getattr(old, name)) for name in lists)
    event = (new.expires_event, new.expires_program_id) == (old.expires_event, old.expires_program_id)
    as_long = new.expires_at is None or (old.expires_at is not None and new.expires_at >= old.expires_at)
    return wide and (event or not new.expires_event) and as_long


def _require_revocable(consent: Consent, recipient_id: UUID | None, *, at: datetime) -> None:
    if consent.status in (ConsentStatus.DRAFT, ConsentStatus.SUPERSEDED):
        raise Conflict("This consent is not in force.", code="consent_not_active")
    until = consent.revocable_from if consent.type == ConsentType.CRIMINAL_JUSTICE else None
    if until is not None and at < until:
        raise Refused("The court waits for this consent. It can be taken back later.", code="consent_not_yet_revocable")
    if consent.status == ConsentStatus.REVOKED or recipient_id in consent.revoked_for:
        raise Conflict("This was taken back already.", code="already_revoked")
    if recipient_id is None:
        return
    if recipient_id not in consent.recipient_ids and not consent.recipient_classes:
        raise Invalid(fields={"recipient": ["The consent does not cover this recipient."]})


def event_of(topic: str, consent: Consent, **payload: str | None) -> Event:
    """Return a fact about a consent."""
    return Event(topic, consent.id, consent.client_id, consent.organization_id, {"type": consent.type, **payload})

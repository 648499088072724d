"""Telling medical personnel in an emergency, without a consent and whatever was taken back (P2-60, P2-61). Doors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from casemgmt.accounts.models import Organization
from casemgmt.accounts.roles import PROPOSERS, Role
from casemgmt.clients.models import Client
from casemgmt.clients.services import require_role
from casemgmt.consent.disclosures import Released, restriction_of, write_release
from casemgmt.consent.models import RestrictionRequest
from casemgmt.consent.packets import packet_hash
from casemgmt.consent.permits import overridden
from casemgmt.consent.querysets import RESTRICTION
from casemgmt.consent.words import Artifact, Basis, DisclosureMethod, Purpose
from casemgmt.disclosures.models import EmergencyContent, EmergencyDisclosure
from casemgmt.disclosures.rules.emergencies import missing_facts
from casemgmt.disclosures.words import MEDICAL, EmergencyOutcome, RecipientKind
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Conflict, Invalid, NotPermitted, Refused
from casemgmt.kernel.events import Event
from casemgmt.kernel.events import topic as register_topic
from casemgmt.outbox.emit import emit
from casemgmt.policies.services import policy_of

from .content import Chosen, framed, sections_of

OPENED = register_topic("emergency_disclosure.opened")
CHANGED = register_topic("emergency_disclosure.changed")
CLOSED = register_topic("emergency_disclosure.closed")
REVIEWED = register_topic("emergency_disclosure.reviewed")
OVERDUE = register_topic("emergency_disclosure.overdue")
STILL_OVERDUE = register_topic("emergency_disclosure.still_overdue")

TELLS = PROPOSERS | {Role.PRIVACY_OFFICER.value}  # whoever is there when it happens
JUDGES = frozenset({Role.PRIVACY_OFFICER.value})
FACTS = ("personnel_name", "facility", "discloser_name", "disclosed_at", "nature", "redisclosure_request_at")
TOLD_LATER = "not known yet"  # in the ledger; the record of the emergency holds it once it is known


@dataclass(frozen=True, slots=True)
class NewEmergency:
    """What is known at once: who asks, what they are told, and whichever facts of §2.51(c) there are (FACTS)."""

    recipient_kind: RecipientKind
    chosen: Chosen
    facts: Mapping[str, Any]
    method: DisclosureMethod = DisclosureMethod.ORAL


@transaction.atomic
def open_emergency(*, client_id: UUID, new: NewEmergency, actor: Actor) -> EmergencyDisclosure:
    """Tell medical personnel what was chosen, now; the record may be finished afterwards (P2-60).

    Asks no consent. The ledger row, the words that were told and the privacy officer's work are made in this
    transaction. Raises NotVisible, NotPermitted, Invalid, Refused (`not_medical_personnel`, `packet_empty`,
    `counseling_notes_not_covered`).
    """
    client = Client.objects.visible_to(actor).fetch(client_id)
    require_role(actor, TELLS)
    assert actor.organization_id is not None, "no client is shown to somebody of no organization"
    if new.recipient_kind not in MEDICAL:
        raise Refused(
            "Only medical personnel are told in an emergency. For anybody else there is the script.",
            code="not_medical_personnel",
        )
    at = clock.now()
    facts = _facts(new.facts, at=at)
    organization = Organization.objects.get(pk=actor.organization_id)
    sections = sections_of(new.chosen, client, actor=actor)
    against = overridden(sections, _restrictions(client_id, organization.id))
    packet = framed(sections, client=client, organization=organization, at=at, asked_not_to=bool(against))
    ledger = _released(packet, client=client, organization=organization, to=_recipient(new, facts), by=new.method)
    emergency: EmergencyDisclosure = EmergencyDisclosure.objects.create(
        client=client,
        organization=organization,
        disclosure=write_release(ledger, at=at, actor=actor),
        recipient_kind=new.recipient_kind,
        categories=list(sections),
        restriction_overridden=bool(against),
        opened_by=actor.id,
        facts_due_at=at + timedelta(minutes=policy_of(organization.id).emergency_facts_minutes),
        **facts,
    )
    EmergencyContent.objects.create(
        emergency=emergency, client=client, packet=packet, packet_sha256=ledger.packet_sha256
    )
    emit(event_of(OPENED, emergency), actor=actor)
    return emergency


@transaction.atomic
def tell_facts(
    *, emergency_id: UUID, facts: Mapping[str, Any], version: int | None, actor: Actor
) -> EmergencyDisclosure:
    """Write down facts (FACTS) of an emergency that is not closed.

    Raises NotVisible, NotPermitted, StaleVersion, Invalid, Conflict `already_closed`.
    """
    emergency = _lock_open(emergency_id, version=version, actor=actor)
    at = clock.now()
    found = _facts(facts, at=at)
    for name, value in found.items():
        setattr(emergency, name, value)
    emergency.save_changes(*found, at=at)
    emit(event_of(CHANGED, emergency), actor=actor)
    return emergency


@transaction.atomic
def close_emergency(*, emergency_id: UUID, version: int | None, actor: Actor) -> EmergencyDisclosure:
    """Close the record: it holds the four facts of §2.51(c) and changes no more (P2-61).

    Raises NotVisible, NotPermitted, StaleVersion, Conflict `already_closed`, Refused `emergency_facts_missing` with
    the fields in `missing`.
    """
    emergency = _lock_open(emergency_id, version=version, actor=actor)
    missing = missing_facts(emergency)
    if missing:
        raise Refused(
            "The record of an emergency holds to whom, by whom, when and why.",
            code="emergency_facts_missing",
            missing=list(missing),
        )
    at = clock.now()
    emergency.closed_at, emergency.closed_by = at, actor.id
    emergency.save_changes("closed_at", "closed_by", at=at)
    emit(event_of(CLOSED, emergency), actor=actor)
    return emergency


@transaction.atomic
def review_emergency(
    *, emergency_id: UUID, outcome: EmergencyOutcome, remark: str, version: int | None, actor: Actor
) -> EmergencyDisclosure:
    """Judge an emergency disclosure that is whole; by a privacy officer who did not make it, once.

    Raises NotVisible, NotPermitted, StaleVersion, Invalid (`remark`, needed unless it was appropriate), Conflict
    (`not_closed`, `already_reviewed`).
    """
    emergency: EmergencyDisclosure = EmergencyDisclosure.objects.visible_to(actor).lock(emergency_id)
    require_role(actor, JUDGES)
    if emergency.opened_by == actor.id:
        raise NotPermitted("Somebody else must judge this.")
    emergency.require_version(version)
    if emergency.closed_at is None:
        raise Conflict("The record is not finished.", code="not_closed")
    if emergency.reviewed_at is not None:
        raise Conflict("This was judged already.", code="already_reviewed")
    if outcome != EmergencyOutcome.APPROPRIATE and not remark.strip():
        raise Invalid(fields={"remark": ["Say what was wrong, or what must follow."]})
    at = clock.now()
    emergency.reviewed_at, emergency.reviewed_by = at, actor.id
    emergency.outcome, emergency.remark = outcome, remark.strip()
    emergency.save_changes("reviewed_at", "reviewed_by", "outcome", "remark", at=at)
    emit(event_of(REVIEWED, emergency), actor=actor)
    return emergency


def _lock_open(emergency_id: UUID, *, version: int | None, actor: Actor) -> EmergencyDisclosure:
    emergency: EmergencyDisclosure = EmergencyDisclosure.objects.visible_to(actor).lock(emergency_id)
    require_role(actor, TELLS)
    emergency.require_version(version)
    if emergency.closed_at is not None:
        raise Conflict("The record is closed and stays as it is.", code="already_closed")
    return emergency


def _facts(given: Mapping[str, Any], *, at: datetime) -> dict[str, Any]:
    """Return the facts among what was given; raise Invalid for a time to come."""
    found = {name: given[name] for name in FACTS if given.get(name) is not None}
    for name in ("disclosed_at", "redisclosure_request_at"):
        if name in found and found[name] > at:
            raise Invalid(fields={name: ["Not later than now."]})
    return found


def _recipient(new: NewEmergency, facts: Mapping[str, Any]) -> str:
    who = ", ".join(str(facts[name]) for name in ("personnel_name", "facility") if facts.get(name))
    return (who or f"{new.recipient_kind.label} ({TOLD_LATER})")[:200]


def _released(
    packet: Mapping[str, Any], *, client: Client, organization: Organization, to: str, by: DisclosureMethod
) -> Released:
    """Return the ledger's row of a packet that medical personnel are told (P2-55)."""
    contents = tuple(packet["sections"])
    return Released(
        client_id=client.id,
        organization_id=organization.id,
        basis=Basis.EMERGENCY,
        artifact=Artifact.EMERGENCY_CONTENT,
        recipient_name=to,
        purpose=Purpose.TREATMENT.value,
        categories=contents,
        description=f"Medical emergency (42 CFR 2.51): {', '.join(contents)}",
        packet_sha256=packet_hash(packet),
        method=by.value,
    )


def _restrictions(client_id: UUID, organization_id: UUID) -> list[Any]:
    rows = RestrictionRequest.objects.in_force().filter(client_id=client_id, organization_id=organization_id)
    return [restriction_of(told) for told in rows.values_list(RESTRICTION, flat=True)]


def event_of(topic: str, emergency: EmergencyDisclosure) -> Event:
    """Return a fact about an emergency disclosure."""
    return Event(topic, emergency.id, emergency.client_id, emergency.organization_id, {})

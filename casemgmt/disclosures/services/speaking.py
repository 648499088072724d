"""Disclosing by word of mouth under a consent, and giving the statement afterwards (P2-32). Doors."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from casemgmt.accounts.roles import CASE_MANAGER_AND_UP, Role
from casemgmt.clients.models import Client
from casemgmt.clients.services import require_role
from casemgmt.consent.disclosures import NewDisclosure, judge, scope_told, write_disclosure
from casemgmt.consent.models import Consent
from casemgmt.consent.notices import LABELS, SECURITY, statement
from casemgmt.consent.packets import packet_hash
from casemgmt.consent.permits import Verdict, Wish
from casemgmt.consent.words import Artifact, DisclosureMethod
from casemgmt.disclosures.models import OralDisclosure
from casemgmt.disclosures.words import StatementHow
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Conflict, Invalid, Refused
from casemgmt.kernel.events import Event
from casemgmt.kernel.events import topic as register_topic
from casemgmt.outbox.emit import emit

from .recipients import require_recipient

SPOKEN = register_topic("oral_disclosure.recorded")
STATED = register_topic("oral_disclosure.stated")

SPEAKS = CASE_MANAGER_AND_UP | {Role.PRIVACY_OFFICER.value}


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOral:
    """What was said, to which organization, to whom there, what for; and how the statement was given, if it was."""

    recipient_id: UUID
    recipient_class: str
    recipient_name: str
    categories: tuple[str, ...]
    purpose: str
    description: str
    statement: StatementHow | None = None


class NotCovered(Refused):
    """No consent lets this be said; `missing` says what the nearest one lacks. The code is the first lack's."""

    sentence = "No consent covers this disclosure."

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(code=verdict.codes[0], missing=[asdict(lack) for lack in verdict.lacks])


@transaction.atomic
def speak(*, client_id: UUID, new: NewOral, actor: Actor) -> OralDisclosure:
    """Record a disclosure by word of mouth that a consent covers; incomplete until the statement was given (P2-32).

    Judged and written down in this transaction, with the consents held (P2-18). Raises NotVisible, NotPermitted,
    Invalid, NotCovered.
    """
    client = Client.objects.visible_to(actor).fetch(client_id)
    require_role(actor, SPEAKS)
    assert actor.organization_id is not None, "no client is shown to somebody of no organization"
    require_recipient(new.recipient_id, new.recipient_class)
    wish = Wish(
        client_id=client.id,
        discloser_id=actor.organization_id,
        recipient_id=new.recipient_id,
        recipient_class=new.recipient_class,
        categories=frozenset(new.categories),
        purpose=new.purpose,
    )
    consents = Consent.objects.held(client_id=client.id, organization_id=actor.organization_id)
    at = clock.now()
    verdict = judge(wish, consents, at=at)
    if verdict.consent_id is None:
        raise NotCovered(verdict)
    oral: OralDisclosure = OralDisclosure.objects.create(
        client=client,
        organization_id=actor.organization_id,
        disclosure=write_disclosure(_said(new, wish, verdict.consent_id), at=at, actor=actor),
        spoken_by=actor.id,
        statement_how=new.statement or "",
        statement_at=at if new.statement else None,
        statement_by=actor.id if new.statement else None,
    )
    emit(_event(SPOKEN, oral), actor=actor)
    return oral


@transaction.atomic
def give_statement(
    *, oral_id: UUID, how: StatementHow, given_at: datetime | None, version: int | None, actor: Actor
) -> OralDisclosure:
    """Record that the recipient was read or sent the statement, now or earlier (aware UTC): the record is complete.

    Raises NotVisible, NotPermitted, StaleVersion, Invalid, Conflict `already_complete`.
    """
    oral: OralDisclosure = OralDisclosure.objects.visible_to(actor).lock(oral_id)
    require_role(actor, SPEAKS)
    oral.require_version(version)
    if oral.statement_how:
        raise Conflict("The statement was given.", code="already_complete")
    at = clock.now()
    if given_at is not None and given_at > at:
        raise Invalid(fields={"given_at": ["Not later than now."]})
    oral.statement_how, oral.statement_at, oral.statement_by = how, given_at or at, actor.id
    oral.save_changes("statement_how", "statement_at", "statement_by", at=at)
    emit(_event(STATED, oral), actor=actor)
    return oral


def statement_of(oral: OralDisclosure) -> dict[str, Any]:
    """Return what is read or sent to who was spoken to: notice (P2-30), the consent's scope (P2-31), labels (P2-33)."""
    consent = oral.disclosure.consent
    if consent is None:
        raise RuntimeError("a spoken disclosure names its consent: disclosure_by_consent_whole")
    return {
        "notice": statement(),
        "consent_scope": scope_told(consent, recipient=oral.disclosure.recipient_name),
        "labels": list(LABELS),
        "meta": {"security": [dict(each) for each in SECURITY]},
    }


def _said(new: NewOral, wish: Wish, consent_id: UUID) -> NewDisclosure:
    """Return the ledger's row of what was said under a consent (P2-55)."""
    contents = tuple(sorted(wish.categories))
    return NewDisclosure(
        wish=wish,
        consent_id=consent_id,
        recipient_name=new.recipient_name,
        categories=contents,
        description=new.description,
        packet_sha256=packet_hash({"said": new.description, "categories": list(contents)}),
        artifact=Artifact.ORAL.value,
        method=DisclosureMethod.ORAL.value,
    )


def _event(topic: str, oral: OralDisclosure) -> Event:
    return Event(topic, oral.id, oral.client_id, oral.organization_id, {"status": oral.status})

"""Asking for an accounting of disclosures, extending its time once, and giving it (P2-56, P2-57). Doors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from casemgmt.clients.models import Client
from casemgmt.clients.services import require_role
from casemgmt.consent.disclosures import ACCOUNTS, Released, write_release
from casemgmt.consent.packets import packet_hash
from casemgmt.consent.words import Artifact, Basis, DisclosureMethod, Purpose
from casemgmt.disclosures.models import AccountingRequest
from casemgmt.disclosures.report import report_of
from casemgmt.disclosures.rules.periods import FREE_EVERY
from casemgmt.disclosures.words import Requester
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Conflict, Invalid
from casemgmt.kernel.events import Event
from casemgmt.kernel.events import topic as register_topic
from casemgmt.outbox.emit import emit
from casemgmt.policies.services import policy_of

ASKED = register_topic("accounting_request.recorded")
EXTENDED = register_topic("accounting_request.extended")
DELIVERED = register_topic("accounting_request.delivered")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccounting:
    """Who asks, when it came (aware UTC; None: now), of which period (None: all that the law reaches)."""

    requester: Requester
    requester_name: str
    received_at: datetime | None = None
    period_from: datetime | None = None
    period_to: datetime | None = None


@transaction.atomic
def ask_for_accounting(*, client_id: UUID, new: NewAccounting, actor: Actor) -> AccountingRequest:
    """Record that a client asks what the actor's organization disclosed; due in sixty days at most (P2-57).

    Raises NotVisible, NotPermitted, Invalid.
    """
    client = Client.objects.visible_to(actor).fetch(client_id)
    require_role(actor, ACCOUNTS)
    assert actor.organization_id is not None, "no client is shown to somebody of no organization"
    at = clock.now()
    received = new.received_at or at
    if received > at:
        raise Invalid(fields={"received_at": ["Not later than now."]})
    if new.period_from and new.period_to and new.period_from >= new.period_to:
        raise Invalid(fields={"period_to": ["After the beginning of the period."]})
    earlier = AccountingRequest.objects.filter(client=client, organization_id=actor.organization_id)
    days = policy_of(actor.organization_id).accounting_answer_days
    request: AccountingRequest = AccountingRequest.objects.create(
        client=client,
        organization_id=actor.organization_id,
        requester=new.requester,
        requester_name=new.requester_name,
        received_at=received,
        period_from=new.period_from,
        period_to=new.period_to,
        free=not earlier.filter(received_at__gt=received - FREE_EVERY).exists(),
        due_at=received + timedelta(days=days),
        recorded_by=actor.id,
    )
    emit(_event(ASKED, request), actor=actor)
    return request


@transaction.atomic
def extend_accounting(*, request_id: UUID, reason: str, version: int | None, actor: Actor) -> AccountingRequest:
    """Take up to thirty days more, once, before the time is over, with a reason for the client (P2-57).

    Raises NotVisible, NotPermitted, StaleVersion, Invalid, Conflict (`already_delivered`, `already_extended`,
    `too_late`).
    """
    request = _lock_owed(request_id, version=version, actor=actor)
    at = clock.now()
    if request.extended_at is not None:
        raise Conflict("There is one extension.", code="already_extended")
    if at > request.due_at:
        raise Conflict("The time is over: give the accounting now.", code="too_late")
    if not reason.strip():
        raise Invalid(fields={"reason": ["Say why, for the client."]})
    request.extended_at, request.extension_reason = at, reason.strip()
    request.due_at += timedelta(days=policy_of(request.organization_id).accounting_extension_days)
    request.save_changes("extended_at", "extension_reason", "due_at", at=at)
    emit(_event(EXTENDED, request), actor=actor)
    return request


@transaction.atomic
def deliver_accounting(
    *, request_id: UUID, method: DisclosureMethod, artifact: Artifact, version: int | None, actor: Actor
) -> AccountingRequest:
    """Record that the client was given the accounting as it stands now; a ledger row of patient access (P2-57, HIP-01).

    Raises NotVisible, NotPermitted, StaleVersion, Conflict `already_delivered`.
    """
    request = _lock_owed(request_id, version=version, actor=actor)
    at = clock.now()
    given = Released(
        client_id=request.client_id,
        organization_id=request.organization_id,
        basis=Basis.PATIENT_ACCESS,
        artifact=artifact,
        recipient_name=request.requester_name,
        purpose=Purpose.CLIENT_REQUEST.value,
        categories=("accounting",),
        description="Accounting of disclosures (42 CFR 2.25)",
        packet_sha256=packet_hash(report_of(request)),
        method=method.value,
    )
    request.disclosure = write_release(given, at=at, actor=actor)
    request.delivered_at, request.delivered_by, request.delivery_method = at, actor.id, method
    request.save_changes("disclosure", "delivered_at", "delivered_by", "delivery_method", at=at)
    emit(_event(DELIVERED, request), actor=actor)
    return request


def _lock_owed(request_id: UUID, *, version: int | None, actor: Actor) -> AccountingRequest:
    request: AccountingRequest = AccountingRequest.objects.visible_to(actor).lock(request_id)
    require_role(actor, ACCOUNTS)
    request.require_version(version)
    if request.delivered_at is not None:
        raise Conflict("The accounting was given.", code="already_delivered")
    return request


def _event(topic: str, request: AccountingRequest) -> Event:
    return Event(topic, request.id, request.client_id, request.organization_id, {})

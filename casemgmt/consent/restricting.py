"""Asking for restrictions of what may be disclosed, answering and ending them (P2-50). Doors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from casemgmt.accounts.models import Organization
from casemgmt.accounts.roles import Role
from casemgmt.clients.models import Client
from casemgmt.clients.services import require_role
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Conflict, Invalid, Refused
from casemgmt.kernel.events import Event
from casemgmt.kernel.events import topic as register_topic
from casemgmt.outbox.emit import emit

from .models import Consent, RestrictionRequest
from .words import Purpose, RecipientClass, RestrictionDecision, RestrictionKind, TerminationBasis

REQUESTED = register_topic("restriction_request.recorded")
AGREED = register_topic("restriction_request.agreed")
DECLINED = register_topic("restriction_request.declined")
TERMINATED = register_topic("restriction_request.terminated")

DECIDES = frozenset({Role.PRIVACY_OFFICER.value})  # table 1.9


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRestriction:
    """What a client asks not to be disclosed: `scope` in the client's words, the rest as the program can keep it."""

    scope: str
    categories: Sequence[str]
    kind: RestrictionKind = RestrictionKind.ORDINARY
    recipient_id: UUID | None = None
    recipient_classes: Sequence[str] = ()
    purposes: Sequence[str] = ()


@transaction.atomic
def request_restriction(*, client_id: UUID, new: NewRestriction, actor: Actor) -> RestrictionRequest:
    """Record, on the client's behalf, what the client asks the actor's organization not to disclose.

    Of a service paid in full, the plan is the recipient, and payment and operations are the purposes (§2.26(a)(6)).
    Raises NotVisible, Invalid.
    """
    client = Client.objects.visible_to(actor).fetch(client_id)
    assert actor.organization_id is not None, "no client is shown to somebody of no organization"
    if new.recipient_id is not None and not Organization.objects.filter(pk=new.recipient_id).exists():
        raise Invalid(fields={"recipient": ["The recipient must be an organization of the directory."]})
    classes, purposes = list(new.recipient_classes), list(new.purposes)
    if new.kind == RestrictionKind.PAID_IN_FULL:
        classes = [RecipientClass.HEALTH_PLAN.value]
        purposes = [Purpose.PAYMENT.value, Purpose.OPERATIONS.value]
    request: RestrictionRequest = RestrictionRequest.objects.create(
        client=client,
        organization_id=actor.organization_id,
        kind=new.kind,
        recipient_id=new.recipient_id,
        recipient_classes=classes,
        categories=sorted(set(new.categories)),
        purposes=purposes,
        scope=new.scope,
        requested_at=clock.now(),
        requested_by=actor.id,
    )
    emit(_event(REQUESTED, request), actor=actor)
    return request


@transaction.atomic
def agree_to_restriction(
    *, request_id: UUID, effective_from: datetime | None, version: int | None, actor: Actor
) -> RestrictionRequest:
    """Agree: from `effective_from` (aware UTC; None: now) nothing leaves against it (P2-50).

    Holds the client's consents first, so a disclosure under way commits before, and the next one sees the restriction.
    Raises NotVisible, NotPermitted, StaleVersion, Conflict `already_decided`.
    """
    seen = RestrictionRequest.objects.visible_to(actor).fetch(request_id)
    require_role(actor, DECIDES)
    Consent.objects.stop_disclosing(client_id=seen.client_id, organization_id=seen.organization_id)
    request = _lock_pending(request_id, version=version, actor=actor)
    at = clock.now()
    request.decision, request.decided_at, request.decided_by = RestrictionDecision.AGREED, at, actor.id
    request.effective_from = effective_from or at
    request.save_changes("decision", "decided_at", "decided_by", "effective_from", at=at)
    emit(_event(AGREED, request), actor=actor)
    return request


@transaction.atomic
def decline_restriction(*, request_id: UUID, reason: str, version: int | None, actor: Actor) -> RestrictionRequest:
    """Decline, saying why; what was paid in full cannot be declined (§2.26(a)(6)).

    Raises NotVisible, NotPermitted, StaleVersion, Invalid, Conflict `already_decided`, Refused
    `restriction_must_be_agreed`.
    """
    RestrictionRequest.objects.visible_to(actor).fetch(request_id)
    require_role(actor, DECIDES)
    request = _lock_pending(request_id, version=version, actor=actor)
    if request.kind == RestrictionKind.PAID_IN_FULL:
        raise Refused(
            "What was paid in full out of pocket is not told to the health plan if the client asks so.",
            code="restriction_must_be_agreed",
        )
    if not reason.strip():
        raise Invalid(fields={"reason": ["Say why, for the client."]})
    at = clock.now()
    request.decision, request.decided_at, request.decided_by = RestrictionDecision.DECLINED, at, actor.id
    request.reason = reason.strip()
    request.save_changes("decision", "decided_at", "decided_by", "reason", at=at)
    emit(_event(DECLINED, request), actor=actor)
    return request


@transaction.atomic
def terminate_restriction(
    *, request_id: UUID, basis: TerminationBasis, note: str, version: int | None, actor: Actor
) -> RestrictionRequest:
    """End an agreed restriction on one of the three bases of §2.26 (P2-50); `note` documents it.

    What the program ends by itself goes on for everything made before the client was informed. Raises NotVisible,
    NotPermitted, StaleVersion, Invalid, Conflict `restriction_not_active`, Refused
    `restriction_termination_not_allowed` (the program does not end by itself what was paid in full).
    """
    request: RestrictionRequest = RestrictionRequest.objects.visible_to(actor).lock(request_id)
    require_role(actor, DECIDES)
    request.require_version(version)
    if request.decision != RestrictionDecision.AGREED or request.terminated_at is not None:
        raise Conflict("This restriction is not in force.", code="restriction_not_active")
    if request.kind == RestrictionKind.PAID_IN_FULL and basis == TerminationBasis.PROGRAM_INFORMED:
        raise Refused(
            "Only the client ends a restriction of what was paid in full.", code="restriction_termination_not_allowed"
        )
    if not note.strip():
        raise Invalid(fields={"note": ["Document what the client wrote or said, or how they were informed."]})
    at = clock.now()
    request.terminated_at, request.terminated_by = at, actor.id
    request.termination_basis, request.termination_note = basis, note.strip()
    request.save_changes("terminated_at", "terminated_by", "termination_basis", "termination_note", at=at)
    emit(_event(TERMINATED, request), actor=actor)
    return request


def _lock_pending(request_id: UUID, *, version: int | None, actor: Actor) -> RestrictionRequest:
    request: RestrictionRequest = RestrictionRequest.objects.visible_to(actor).lock(request_id)
    request.require_version(version)
    if request.decision != RestrictionDecision.PENDING:
        raise Conflict("This request was answered.", code="already_decided")
    return request


def _event(topic: str, request: RestrictionRequest) -> Event:
    return Event(topic, request.id, request.client_id, request.organization_id, {"kind": str(request.kind)})

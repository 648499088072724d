"""What happens to a consent between its signature and its end: copies, witnesses, doubts, wishes to revoke. Doors."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from casemgmt.accounts.roles import PROPOSERS, Role
from casemgmt.audit.record import record
from casemgmt.clients.models import Client
from casemgmt.clients.services import require_role
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Conflict, Invalid, NotVisible
from casemgmt.kernel.events import topic as register_topic
from casemgmt.outbox.emit import emit

from .models import Consent, ConsentStep
from .services import CAPTURES, event_of
from .words import ConsentStatus, ConsentType, CopyChannel, Step

DISPUTED = register_topic("consent.disputed")
DISPUTE_SETTLED = register_topic("consent.dispute_settled")
REVOCATION_ASKED = register_topic("consent.revocation_asked")
REVOCATION_NOT_MEANT = register_topic("consent.revocation_not_meant")

WITNESSES = PROPOSERS | {Role.PRIVACY_OFFICER.value}  # table 1.9: peers and houses witness


@transaction.atomic
def give_copy(*, consent_id: UUID, channel: CopyChannel, given_at: datetime | None, actor: Actor) -> ConsentStep:
    """Record that the client was given a copy of a consent, now or earlier (aware UTC) (P2-25).

    Raises NotVisible, NotPermitted, Conflict `consent_not_active` (a draft is no copy of anything), Invalid.
    """
    consent: Consent = Consent.objects.visible_to(actor).lock(consent_id)
    require_role(actor, CAPTURES)
    if consent.status == ConsentStatus.DRAFT:
        raise Conflict("This consent is a draft: there is nothing signed to copy.", code="consent_not_active")
    at = clock.now()
    if given_at is not None and given_at > at:
        raise Invalid(fields={"given_at": ["Not later than now."]})
    step = _write(consent, Step.COPY_GIVEN, channel=channel, at=given_at or at, actor=actor)
    return _noted("consent.copy_given", step, consent, actor=actor)


@transaction.atomic
def witness_consent(*, consent_id: UUID, actor: Actor) -> ConsentStep:
    """Witness a client's signature. Who may only witness is told nothing of the consent but that it was witnessed.

    Raises NotPermitted, NotVisible, Conflict (`consent_not_active`, `already_witnessed`, `own_record`: who wrote the
    consent down is no witness of it).
    """
    require_role(actor, WITNESSES)
    consent: Consent = Consent.objects.lock(consent_id)
    seen = Client.objects.visible_to(actor).filter(pk=consent.client_id).exists()
    if not seen or consent.organization_id != actor.organization_id:
        raise NotVisible()
    if consent.status not in (ConsentStatus.DRAFT, ConsentStatus.ACTIVE):
        raise Conflict("This consent is not in force.", code="consent_not_active")
    if consent.recorded_by == actor.id:
        raise Conflict("Somebody else must witness what you wrote down.", code="own_record")
    try:
        with transaction.atomic():
            step = _write(consent, Step.WITNESSED, actor=actor)
    except IntegrityError as error:
        raise Conflict("You have witnessed this consent.", code="already_witnessed") from error
    return _noted("consent.witnessed", step, consent, actor=actor)


@transaction.atomic
def dispute_consent(*, consent_id: UUID, reason: str, version: int | None, actor: Actor) -> Consent:
    """Mark a consent as perhaps not true: nothing leaves under it until that is settled (P2-18).

    Raises NotVisible, StaleVersion, Invalid, Conflict (`consent_not_active`, `already_disputed`).
    """
    consent = _lock_in_force(consent_id, version=version, actor=actor)
    if consent.disputed_at is not None:
        raise Conflict("This consent is disputed.", code="already_disputed")
    at = clock.now()
    _write(consent, Step.DISPUTED, reason=_words(reason), at=at, actor=actor)
    consent.disputed_at = at
    return _stands(consent, "disputed_at", DISPUTED, at=at, actor=actor)


@transaction.atomic
def settle_dispute(*, consent_id: UUID, reason: str, version: int | None, actor: Actor) -> Consent:
    """Take back that a consent is disputed; `reason` says what was found out. One that is untrue is to be revoked.

    Raises NotVisible, StaleVersion, Invalid, Conflict (`consent_not_active`, `not_disputed`).
    """
    consent = _lock_in_force(consent_id, version=version, actor=actor)
    if consent.disputed_at is None:
        raise Conflict("This consent is not disputed.", code="not_disputed")
    at = clock.now()
    _write(consent, Step.DISPUTE_SETTLED, reason=_words(reason), at=at, actor=actor)
    consent.disputed_at = None
    return _stands(consent, "disputed_at", DISPUTE_SETTLED, at=at, actor=actor)


@transaction.atomic
def ask_to_revoke(*, consent_id: UUID, channel: CopyChannel, version: int | None, actor: Actor) -> Consent:
    """Suspend a consent because the client wrote to take it back, until somebody asks the client (P2-19a).

    `revoke_consent` confirms it; `keep_consent` says that it was not meant. Raises NotVisible,
    StaleVersion, Conflict (`consent_not_active`, `already_suspended`).
    """
    consent = _lock_in_force(consent_id, version=version, actor=actor)
    if consent.suspended_at is not None:
        raise Conflict("This consent is suspended.", code="already_suspended")
    return _suspend(consent, channel=channel, actor=actor)


@transaction.atomic
def ask_to_revoke_all(*, client_id: UUID, organization_id: UUID, channel: CopyChannel, actor: Actor) -> int:
    """Suspend whatever lets an organization disclose something of a client, who wrote to take it back; return how many.

    For what comes by text, which names no consent (P2-19a). What is suspended stays so. Raises NotPermitted.
    """
    require_role(actor, CAPTURES)
    rows = Consent.objects.visible_to(actor).filter(client_id=client_id, organization_id=organization_id)
    open_ones = rows.in_force().filter(suspended_at__isnull=True).exclude(type=ConsentType.TREATMENT)
    found = list(open_ones.lock_in_order())
    for consent in found:
        _suspend(consent, channel=channel, actor=actor)
    return len(found)


@transaction.atomic
def keep_consent(*, consent_id: UUID, reason: str, version: int | None, actor: Actor) -> Consent:
    """Say that the client did not mean to take a suspended consent back; `reason` says how that is known (P2-19a).

    Raises NotVisible, StaleVersion, Invalid, Conflict (`consent_not_active`, `not_suspended`).
    """
    consent = _lock_in_force(consent_id, version=version, actor=actor)
    if consent.suspended_at is None:
        raise Conflict("This consent is not suspended.", code="not_suspended")
    at = clock.now()
    _write(consent, Step.REVOCATION_NOT_MEANT, reason=_words(reason), at=at, actor=actor)
    consent.suspended_at = None
    return _stands(consent, "suspended_at", REVOCATION_NOT_MEANT, at=at, actor=actor)


def _suspend(consent: Consent, *, channel: CopyChannel, actor: Actor) -> Consent:
    at = clock.now()
    _write(consent, Step.REVOCATION_ASKED, channel=channel, at=at, actor=actor)
    consent.suspended_at = at
    return _stands(consent, "suspended_at", REVOCATION_ASKED, at=at, actor=actor)


def _stands(consent: Consent, column: str, topic: str, *, at: datetime, actor: Actor) -> Consent:
    consent.save_changes(column, at=at)
    emit(event_of(topic, consent), actor=actor)
    return consent


def _lock_in_force(consent_id: UUID, *, version: int | None, actor: Actor) -> Consent:
    """Return a consent in force, locked. It is visible to who may settle it and to nobody else (table 1.9)."""
    consent: Consent = Consent.objects.visible_to(actor).lock(consent_id)
    consent.require_version(version)
    if consent.status != ConsentStatus.ACTIVE:
        raise Conflict("This consent is not in force.", code="consent_not_active")
    return consent


def _words(reason: str) -> str:
    if not reason.strip():
        raise Invalid(fields={"reason": ["Say how this is known."]})
    return reason.strip()


def _write(  # noqa: PLR0913 - the columns of one step
    consent: Consent, what: Step, *, actor: Actor, channel: str = "", reason: str = "", at: datetime | None = None
) -> ConsentStep:
    told = {} if at is None else {"at": at}
    step: ConsentStep = ConsentStep.objects.create(
        consent=consent,
        what=what,
        channel=channel,
        reason=reason,
        actor_kind=actor.kind.value,
        actor_id=actor.id,
        **told,
    )
    return step


def _noted(action: str, step: ConsentStep, consent: Consent, *, actor: Actor) -> ConsentStep:
    step.refresh_from_db()  # the moment that the database gave it
    record(action, actor=actor, object_type="consent", object_id=consent.id, client_ids=[consent.client_id])
    return step

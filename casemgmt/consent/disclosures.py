"""Disclosing: a wish judged against the consents on record, what left written down. Inner, but for the accounting."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from casemgmt.accounts.models import HipaaStatus, Organization
from casemgmt.accounts.roles import Role
from casemgmt.audit.record import record
from casemgmt.clients.services import require_role
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.transactions import require_atomic

from .artifacts import ARTIFACTS
from .elements import Form, Surroundings, deficiencies
from .models import Consent, Disclosure
from .notices import NOTICE_VERSION, Scope, scope_explanation
from .permits import Restriction, Terms, Verdict, Wish, permits
from .querysets import DisclosureQuerySet
from .words import Artifact, Basis, ConsentType, DisclosureMethod, RedisclosureBasis

ACCOUNTS = frozenset({Role.PRIVACY_OFFICER.value})  # table 1.9: accounting of disclosures
BOUND = (HipaaStatus.COVERED_ENTITY, HipaaStatus.BUSINESS_ASSOCIATE)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDisclosure:
    """What left under a consent: `categories` are those really in the packet, a subset of the wish's."""

    wish: Wish
    consent_id: UUID
    recipient_name: str
    categories: tuple[str, ...]
    description: str
    packet_sha256: str
    referral_id: UUID | None = None
    artifact: str = Artifact.REFERRAL_PACKET.value
    method: str = DisclosureMethod.IN_SYSTEM.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """What left without a consent: an emergency, or what the client asked for (P2-55)."""

    client_id: UUID
    organization_id: UUID
    basis: Basis
    artifact: Artifact
    recipient_name: str
    purpose: str
    categories: tuple[str, ...]
    description: str
    packet_sha256: str
    method: str
    recipient_address: str = ""


def judge(wish: Wish, consents: Iterable[Consent], *, at: datetime) -> Verdict:
    """Return whether these consents let the wish happen at `at` (aware UTC) (P2-20).

    They come from `Consent.objects.to_disclose` or `held`, which bring along what the organization agreed to hold back
    (P2-50). Binding only for rows from `held`, in the transaction that discloses (P2-18).
    """
    rows = list(consents)
    return permits(
        wish, consents=[terms_of(each, at=at) for each in rows], restrictions=restrictions_beside(rows), at=at
    )


def restrictions_beside(consents: Iterable[Consent]) -> list[Restriction]:
    """Return the restrictions that came along with consents; without a consent nothing leaves anyway."""
    first: Any = next(iter(consents), None)
    return [] if first is None else [restriction_of(told) for told in first.restricting]


def restriction_of(told: dict[str, Any]) -> Restriction:
    """Return a restriction as `permits` judges it, of what a queryset's RESTRICTION told."""
    recipient, released = told["recipient_id"], told["released_from"]
    return Restriction(
        client_id=UUID(told["client_id"]),
        recipient_id=UUID(recipient) if recipient else None,
        categories=frozenset(told["categories"]),
        recipient_classes=frozenset(told["recipient_classes"]),
        purposes=frozenset(told["purposes"]),
        released_from=datetime.fromisoformat(released) if released else None,
    )


def terms_of(consent: Consent, *, at: datetime) -> Terms:
    """Return what a consent says, and whether it is deficient on its face at `at`.

    What an event has ended is over for who began before the event and waited for it, too.
    """
    ends = consent.expires_at
    if ends is not None and consent.expires_event:
        ends = min(ends, at)
    return Terms(
        id=consent.id,
        client_id=consent.client_id,
        type=consent.type,
        status=consent.status,
        discloser_id=consent.organization_id,
        recipient_ids=frozenset(consent.recipient_ids),
        recipient_classes=frozenset(consent.recipient_classes),
        categories=frozenset(consent.info_categories),
        purposes=frozenset(consent.purposes),
        expires_at=ends,
        revoked_for=frozenset(consent.revoked_for),
        deficient=bool(deficiencies(Form.of(consent), Surroundings(at=at))),
        disputed=consent.disputed_at is not None,
        suspended=consent.suspended_at is not None,
    )


def scope_told(consent: Consent, *, recipient: str) -> str:
    """Return the explanation of a consent's scope that goes along with what is disclosed under it (P2-31)."""
    scope = Scope(
        recipient=recipient,
        purposes=consent.purposes,
        categories=consent.info_categories,
        expires_at=consent.expires_at,
        tpo=consent.type == ConsentType.TPO,
        expires_event=consent.expires_event,
        revocable_from=consent.revocable_from,
        zone=ZoneInfo(consent.organization.timezone),
    )
    return scope_explanation(scope)


def write_disclosure(new: NewDisclosure, *, at: datetime, actor: Actor) -> Disclosure:
    """Write the ledger row of a disclosure that the caller makes in this transaction at `at` (aware UTC) (P2-55)."""
    wish = new.wish
    return _write(
        at=at,
        actor=actor,
        client_id=wish.client_id,
        organization_id=wish.discloser_id,
        recipient_organization_id=wish.recipient_id,
        recipient_name=new.recipient_name,
        purpose=wish.purpose,
        categories=list(new.categories),
        description=new.description,
        basis=Basis.CONSENT,
        consent_id=new.consent_id,
        method=new.method,
        packet_sha256=new.packet_sha256,
        referral_id=new.referral_id,
        artifact=new.artifact,
        redisclosure_basis=_passed_on(new),
    )


def write_release(new: Released, *, at: datetime, actor: Actor) -> Disclosure:
    """Write the ledger row of what leaves without a consent, in this transaction at `at` (aware UTC) (P2-55)."""
    return _write(
        at=at,
        actor=actor,
        client_id=new.client_id,
        organization_id=new.organization_id,
        recipient_name=new.recipient_name,
        recipient_address=new.recipient_address,
        purpose=new.purpose,
        categories=list(new.categories),
        description=new.description,
        basis=new.basis,
        method=new.method,
        packet_sha256=new.packet_sha256,
        artifact=new.artifact,
        redisclosure_basis=RedisclosureBasis.NONE,
    )


def _write(*, at: datetime, actor: Actor, **columns: Any) -> Disclosure:
    """Write one row; the table of artifacts says which notice goes along, and refuses what it does not know."""
    require_atomic()
    outbound = ARTIFACTS[columns["artifact"]]
    if columns["basis"] not in outbound.bases:
        raise ValueError(f"{columns['artifact']} does not leave on the basis {columns['basis']}")
    row: Disclosure = Disclosure.objects.create(
        at=at,
        notice_statement=outbound.notice,
        notice_version=NOTICE_VERSION,
        actor_kind=actor.kind.value,
        actor_id=actor.id,
        **columns,
    )
    clients = [row.client_id]
    record("disclosure.made", actor=actor, object_type="disclosure", object_id=row.id, client_ids=clients)
    return row


def _passed_on(new: NewDisclosure) -> RedisclosureBasis:
    """Return how the recipient may pass it on: as HIPAA says, if bound by it and told under a TPO consent (P2-21)."""
    tpo = Consent.objects.filter(pk=new.consent_id, type=ConsentType.TPO)
    bound = Organization.objects.filter(pk=new.wish.recipient_id, hipaa_status__in=BOUND)
    return RedisclosureBasis.HIPAA if tpo.exists() and bound.exists() else RedisclosureBasis.CONSENT_ONLY


def accounting(*, actor: Actor) -> DisclosureQuerySet:
    """Return what the actor's organization disclosed of clients the actor may see (P2-56). Raises NotPermitted."""
    require_role(actor, ACCOUNTS)
    return Disclosure.objects.visible_to(actor)

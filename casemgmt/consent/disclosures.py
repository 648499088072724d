"""Disclosing: a wish judged against the consents on record, what left written down. Inner, but for the accounting."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from casemgmt.accounts.roles import Role
from casemgmt.audit.record import record
from casemgmt.clients.services import require_role
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.transactions import require_atomic

from .elements import Form, Surroundings, deficiencies
from .models import Consent, Disclosure
from .notices import LONG, NOTICE_VERSION
from .permits import Terms, Verdict, Wish, permits
from .querysets import DisclosureQuerySet
from .words import Basis, DisclosureMethod

ACCOUNTS = frozenset({Role.PRIVACY_OFFICER.value})  # table 1.9: accounting of disclosures


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


def judge(wish: Wish, consents: Iterable[Consent], *, at: datetime) -> Verdict:
    """Return whether these consents let the wish happen at `at` (aware UTC) (P2-20).

    Binding only for rows from `Consent.objects.held`, in the transaction that discloses (P2-18). No restriction can be
    on record: there is no door that agrees to one.
    """
    return permits(wish, consents=[terms_of(each, at=at) for each in consents], restrictions=(), at=at)


def terms_of(consent: Consent, *, at: datetime) -> Terms:
    """Return what a consent says, and whether it is deficient on its face at `at`."""
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
        expires_at=consent.expires_at,
        revoked_for=frozenset(consent.revoked_for),
        deficient=bool(deficiencies(Form.of(consent), Surroundings(at=at))),
    )


def write_disclosure(new: NewDisclosure, *, at: datetime, actor: Actor) -> Disclosure:
    """Write the ledger row of a disclosure that the caller makes in this transaction at `at` (aware UTC) (P2-55)."""
    require_atomic()
    row = Disclosure.objects.create(
        at=at,
        client_id=new.wish.client_id,
        organization_id=new.wish.discloser_id,
        recipient_organization_id=new.wish.recipient_id,
        recipient_name=new.recipient_name,
        purpose=new.wish.purpose,
        categories=list(new.categories),
        description=new.description,
        basis=Basis.CONSENT,
        consent_id=new.consent_id,
        notice_statement=LONG,
        notice_version=NOTICE_VERSION,
        method=DisclosureMethod.IN_SYSTEM,
        actor_kind=actor.kind.value,
        actor_id=actor.id,
        packet_sha256=new.packet_sha256,
        referral_id=new.referral_id,
    )
    clients = [new.wish.client_id]
    record("disclosure.made", actor=actor, object_type="disclosure", object_id=row.id, client_ids=clients)
    return row


def accounting(*, actor: Actor) -> DisclosureQuerySet:
    """Return what the actor's organization disclosed of clients the actor may see (P2-56). Raises NotPermitted."""
    require_role(actor, ACCOUNTS)
    return Disclosure.objects.visible_to(actor)

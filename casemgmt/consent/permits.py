"""May this leave? Pure: consents and a disclosure go in, a verdict comes out (P2-18, P2-20, P2-22).

Evaluated at the moment of disclosure, inside its transaction. All conjuncts are judged; removing any one of them from
a permitted disclosure makes it refused (a property test holds us to that).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from .words import Category, ConsentStatus, ConsentType, Purpose, RecipientClass


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A disclosure somebody wants to make: whose information, from whom, to whom, what, what for."""

    client_id: UUID
    discloser_id: UUID
    recipient_id: UUID
    recipient_class: str
    categories: frozenset[str]
    purpose: str
    made_since: datetime | None = None  # everything in it was made since then (aware UTC); None: nobody can say


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What one consent says, and how it stands. `revoked_for` holds recipients taken back one by one (P2-19)."""

    id: UUID
    client_id: UUID
    type: str
    status: str
    discloser_id: UUID
    recipient_ids: frozenset[UUID]
    recipient_classes: frozenset[str]
    categories: frozenset[str]
    purposes: frozenset[str]
    expires_at: datetime | None  # aware UTC; None: no expiry
    revoked_for: frozenset[UUID] = frozenset()
    deficient: bool = False  # an element of §2.31 is missing on its face
    disputed: bool = False  # it may be materially false
    suspended: bool = False  # the client wrote to revoke it, and nobody confirmed that yet (P2-19a)


@dataclass(frozen=True, slots=True, kw_only=True)
class Restriction:
    """A restriction the program agreed to (P2-50): these categories do not go to this recipient (None: to nobody).

    `recipient_classes` and `purposes` narrow it where there are any. `released_from`: the program told the client that
    it ends, so what was made since then is free and everything else is not.
    """

    client_id: UUID
    recipient_id: UUID | None
    categories: frozenset[str]
    recipient_classes: frozenset[str] = frozenset()
    purposes: frozenset[str] = frozenset()
    released_from: datetime | None = None


@dataclass(frozen=True, slots=True)
class Lack:
    """One reason why it may not leave: the code, the sentence to show, and which items it is about."""

    code: str
    sentence: str
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer. `consent_id` names the consent that covers the wish; `lacks` is empty exactly then."""

    consent_id: UUID | None
    lacks: tuple[Lack, ...]

    @property
    def permitted(self) -> bool:
        """True when the disclosure may be made now."""
        return not self.lacks

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of everything that is lacking."""
        return tuple(lack.code for lack in self.lacks)


MISSING = Lack("consent_missing", "No consent to disclose is on record. Record one that names this recipient.")


def permits(wish: Wish, *, consents: Iterable[Terms], restrictions: Iterable[Restriction], at: datetime) -> Verdict:
    """Return whether a consent lets the wish happen at `at` (aware UTC), and which.

    Where none does, the verdict lists what the nearest one lacks, so that the sender sees the shortest way.
    """
    restricted = tuple(_restricted(wish, restrictions))
    found = [
        Verdict(terms.id, (*_lacks(wish, terms, at), *restricted))
        for terms in consents
        if terms.client_id == wish.client_id and terms.type != ConsentType.TREATMENT
    ]
    if not found:
        return Verdict(None, (MISSING, *restricted))
    nearest = min(found, key=lambda verdict: len(verdict.lacks))  # the first of equals: callers pass newest first
    return nearest if nearest.permitted else Verdict(None, nearest.lacks)


def _lacks(wish: Wish, terms: Terms, at: datetime) -> Iterator[Lack]:
    yield from _standing(wish, terms, at)
    if terms.discloser_id != wish.discloser_id:
        yield Lack("discloser_not_covered", "The consent lets another organization disclose.")
    if wish.recipient_id not in terms.recipient_ids and wish.recipient_class not in terms.recipient_classes:
        sentence = "The consent names neither this recipient nor its class. Record a consent naming this recipient."
        yield Lack("recipient_not_covered", sentence, (wish.recipient_class,))
    beyond = wish.categories - terms.categories
    if beyond:
        sentence = "The consent does not cover some of the information. Leave it out or record a wider consent."
        yield Lack("category_not_covered", sentence, tuple(sorted(beyond)))
    if wish.purpose not in terms.purposes:
        yield Lack("purpose_not_covered", "The consent does not name this purpose.", (wish.purpose,))
    yield from _apart(wish, terms)


def _standing(wish: Wish, terms: Terms, at: datetime) -> Iterator[Lack]:
    if terms.status == ConsentStatus.REVOKED or wish.recipient_id in terms.revoked_for:
        yield Lack("consent_revoked", "The client has taken this consent back.")
    elif terms.status == ConsentStatus.SUPERSEDED:
        yield Lack("consent_superseded", "The client signed another consent in the place of this one.")
    elif terms.status != ConsentStatus.ACTIVE:
        yield Lack("consent_not_active", "The consent is a draft. Complete and activate it.")
    if terms.expires_at is not None and at >= terms.expires_at:
        yield Lack("consent_expired", "The consent has expired. Ask the client for a new one.")
    if terms.deficient:
        yield Lack("consent_deficient", "The consent lacks something that the law requires it to say.")
    if terms.disputed:
        yield Lack("consent_disputed", "Somebody says that this consent is not true. Settle that first.")
    if terms.suspended:
        yield Lack("consent_suspended", "The client wrote to take this consent back. Ask the client and confirm it.")


def _apart(wish: Wish, terms: Terms) -> Iterator[Lack]:
    """P2-17: two things are covered by a consent of their own and by no other."""
    if Category.COUNSELING_NOTES in wish.categories and terms.type != ConsentType.COUNSELING_NOTES:
        yield Lack("counseling_notes_not_covered", "Counseling notes need a consent of their own.")
    if wish.purpose == Purpose.LEGAL_PROCEEDING and terms.type != ConsentType.LEGAL_PROCEEDING:
        yield Lack("proceedings_not_covered", "Legal proceedings need a consent of their own, or a court order.")


def _restricted(wish: Wish, restrictions: Iterable[Restriction]) -> Iterator[Lack]:
    for restriction in restrictions:
        held_back = wish.categories & restriction.categories
        if held_back and _is_about(restriction, wish):
            sentence = "The organization agreed with the client not to disclose this."
            yield Lack("restriction_active", sentence, tuple(sorted(held_back)))


def overridden(categories: Collection[str], restrictions: Iterable[Restriction]) -> frozenset[str]:
    """Return which of these categories the client wanted kept back from who treats them in an emergency (P2-50)."""
    found: frozenset[str] = frozenset()
    for each in restrictions:
        treating = not each.recipient_classes or RecipientClass.TREATING_PROVIDER in each.recipient_classes
        for_treatment = not each.purposes or Purpose.TREATMENT in each.purposes
        if each.recipient_id is None and treating and for_treatment:
            found |= each.categories & frozenset(categories)
    return found


def _is_about(restriction: Restriction, wish: Wish) -> bool:
    """True when a restriction holds for this client, recipient and purpose, and for records of this age."""
    named = restriction.recipient_id in (None, wish.recipient_id)
    of_class = not restriction.recipient_classes or wish.recipient_class in restriction.recipient_classes
    purpose = not restriction.purposes or wish.purpose in restriction.purposes
    free = (
        restriction.released_from is not None
        and wish.made_since is not None
        and wish.made_since >= restriction.released_from
    )
    return restriction.client_id == wish.client_id and named and of_class and purpose and not free

"""What one kind of service needs to know, and the packet made of it (P2-40). Pure.

A packet is built from a whitelist, never from a record: what is not named here cannot leave.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from .words import Category, Purpose, RecipientClass

FORMAT = 1

_FULL_IDENTITY = ("given_name", "family_name", "birth_date")
_NAME = ("given_name", "family_name")


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One kind of service: why it is told, what class it is, what it is told by default and if consented."""

    purpose: str
    recipient_class: str
    identity: tuple[str, ...]  # which facts the category `identity` stands for here
    always: frozenset[str]
    if_consented: frozenset[str] = frozenset()  # joins the default when the consent covers it


_CLINICAL = Service(
    purpose=Purpose.TREATMENT.value,
    recipient_class=RecipientClass.TREATING_PROVIDER.value,
    identity=_FULL_IDENTITY,
    always=frozenset(
        {
            Category.IDENTITY.value,
            Category.CONTACT.value,
            Category.REASON.value,
            Category.LEVEL_OF_CARE.value,
            Category.RISK_LEVEL.value,
        }
    ),
    if_consented=frozenset({Category.MEDICATIONS.value}),
)

SERVICES: Mapping[str, Service] = {
    "iop": _CLINICAL,
    "therapy": _CLINICAL,
    "aftercare": Service(
        purpose=Purpose.TREATMENT.value,
        recipient_class=RecipientClass.TREATING_PROVIDER.value,
        identity=_NAME,
        always=frozenset(
            {Category.IDENTITY.value, Category.CONTACT.value, Category.REASON.value, Category.GOALS.value}
        ),
    ),
    "peer_support": Service(
        purpose=Purpose.RECOVERY_SUPPORT.value,
        recipient_class=RecipientClass.PEER_ORGANIZATION.value,
        identity=("given_name",),
        always=frozenset(
            {
                Category.IDENTITY.value,
                Category.CONTACT.value,
                Category.GOALS.value,
                Category.ACCESSIBILITY.value,
                Category.SAFETY_PLAN.value,
            }
        ),
    ),
    "sober_living": Service(
        purpose=Purpose.RECOVERY_SUPPORT.value,
        recipient_class=RecipientClass.RECOVERY_RESIDENCE.value,
        identity=_NAME,
        always=frozenset(
            {
                Category.IDENTITY.value,
                Category.MOVE_IN.value,
                Category.FUNDING.value,
                Category.ACCESSIBILITY.value,
                Category.EMERGENCY_CONTACT.value,
            }
        ),
        if_consented=frozenset({Category.MOUD.value}),
    ),
    "other": Service(
        purpose=Purpose.RECOVERY_SUPPORT.value,
        recipient_class=RecipientClass.COMMUNITY_SERVICE.value,
        identity=_NAME,
        always=frozenset({Category.IDENTITY.value, Category.CONTACT.value, Category.REASON.value}),
    ),
}

# What no room holds yet: the sender tells it in the referral, one text per category.
TOLD = frozenset(Category.values) - {
    Category.IDENTITY.value,
    Category.CONTACT.value,
    Category.REASON.value,
    Category.COUNSELING_NOTES.value,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PacketFacts:
    """What is known of a client for a packet. `contact_points` are (id, kind, preferred): a number stays in its row."""

    given_name: str
    family_name: str
    birth_date: date | None = None
    language: str = ""
    contact_points: tuple[tuple[str, str, bool], ...] = ()
    reason: str = ""
    told: Mapping[str, str] = field(default_factory=dict)


def extras(kind: str, *, consented: Collection[str]) -> frozenset[str]:
    """Return what joins the default packet for `kind` because the covering consent happens to include it."""
    return SERVICES[kind].if_consented & frozenset(consented)


def sections(kind: str, categories: Collection[str], facts: PacketFacts) -> dict[str, Any]:
    """Return the packet's sections, one per category that has something to say; JSON values only."""
    found = {category: _section(kind, category, facts) for category in sorted(categories)}
    return {category: section for category, section in found.items() if section}


def _section(kind: str, category: str, facts: PacketFacts) -> Any:
    if category == Category.IDENTITY:
        known = {name: getattr(facts, name) for name in SERVICES[kind].identity}
        return {name: value.isoformat() if isinstance(value, date) else value for name, value in known.items() if value}
    if category == Category.CONTACT:
        points = [{"id": pk, "kind": what, "preferred": first} for pk, what, first in facts.contact_points]
        return {"language": facts.language, "contact_points": points} if points or facts.language else {}
    if category == Category.REASON:
        return facts.reason
    return facts.told.get(category, "") if category in TOLD else ""


def packet_hash(packet: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a packet's canonical JSON (sorted keys, no spaces, UTF-8) as 64 hex digits."""
    canonical = json.dumps(packet, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()

"""Making a packet of a referral and letting it leave: packet, disclosure and grant in one transaction. Inner."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from casemgmt.access.models import Reason, Scope
from casemgmt.access.services import grant
from casemgmt.clients.models import ContactPoint
from casemgmt.consent.disclosures import NewDisclosure, scope_told, write_disclosure
from casemgmt.consent.models import Consent
from casemgmt.consent.notices import LABELS, SECURITY, statement
from casemgmt.consent.packets import FORMAT, PacketFacts, extras, packet_hash, sections
from casemgmt.consent.words import DisclosureMethod
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Invalid, Refused
from casemgmt.kernel.transactions import require_atomic
from casemgmt.kernel.wall import acting_as

from .models import Referral, ReferralSupplement
from .standing import wish_of

PACKER = Actor.system("packets")


def disclose(referral: Referral, consent: Consent, *, at: datetime, actor: Actor) -> None:
    """Fill in the packet of a locked referral that `consent` covers, write the disclosure, let the receiver see it.

    The receiver sees the packet while the consent lasts, unless the grant ends before (REF-02, REF-04); one without
    accounts by a link. Raises Refused `packet_empty`.
    """
    require_atomic()
    packet = build(referral, consent, at=at)
    if not packet["sections"]:
        raise Refused("Nothing is known of what this packet would hold.", code="packet_empty")
    referral.packet, referral.packet_sha256 = packet, packet_hash(packet)
    referral.consent, referral.sent_by = consent, actor.id
    contents = tuple(packet["sections"])
    disclosure = NewDisclosure(
        wish=wish_of(referral),
        consent_id=consent.id,
        recipient_name=referral.receiver.name,
        categories=contents,
        description=f"Referral packet ({referral.kind}): {', '.join(contents)}",
        packet_sha256=referral.packet_sha256,
        referral_id=referral.id,
        method=_method(referral).value,
    )
    write_disclosure(disclosure, at=at, actor=actor)
    if not referral.receiver.joined:  # nobody there has an account: a link gives the grant (services/linking.py)
        return
    grant(
        client_id=referral.client_id,
        organization_id=referral.receiver_id,
        reason=Reason.REFERRAL,
        scope=Scope.PACKET,
        source_id=referral.id,
        expires_at=consent.expires_at,
        actor=actor,
    )


def supply(referral: Referral, consent: Consent, given: Mapping[str, Any], *, at: datetime, actor: Actor) -> None:
    """Send a second packet with the sender's answer, accounted for like the first (P2-20, P2-30).

    `given["told"]` maps a category to the sender's words. Raises Invalid without any.
    """
    require_atomic()
    told = {category: words for category, words in dict(given.get("told") or {}).items() if words}
    if not told:
        raise Invalid(code="data_missing", fields={"data.told": ["Say what the receiver asked, by category."]})
    packet = {**_frame(referral, consent, at=at), "answers": "info_requested", "sections": told}
    sha256, contents = packet_hash(packet), tuple(sorted(told))
    disclosure = NewDisclosure(
        wish=wish_of(referral, told=frozenset(told)),
        consent_id=consent.id,
        recipient_name=referral.receiver.name,
        categories=contents,
        description=f"Answer about a referral ({referral.kind}): {', '.join(contents)}",
        packet_sha256=sha256,
        referral_id=referral.id,
        method=_method(referral).value,
    )
    ReferralSupplement.objects.create(
        referral=referral,
        consent=consent,
        disclosure=write_disclosure(disclosure, at=at, actor=actor),
        categories=list(contents),
        packet=packet,
        packet_sha256=sha256,
        at=at,
        sent_by=actor.id,
    )


def _method(referral: Referral) -> DisclosureMethod:
    """Return how a packet leaves: shown in this system to staff with accounts, else by a link (P2-55)."""
    return DisclosureMethod.IN_SYSTEM if referral.receiver.joined else DisclosureMethod.ELECTRONIC


def build(referral: Referral, consent: Consent, *, at: datetime) -> dict[str, Any]:
    """Return the packet: sections from the whitelist, the notice (P2-30) and the consent's scope (P2-31)."""
    categories = set(wish_of(referral).categories)
    if not referral.categories:
        categories |= extras(referral.kind, consented=consent.info_categories)
    return {
        **_frame(referral, consent, at=at),
        "sections": sections(referral.kind, categories, _known(referral)),
    }


def _frame(referral: Referral, consent: Consent, *, at: datetime) -> dict[str, Any]:
    """Return what every packet of a referral carries: who, to whom, what for, the notice, the consent's scope."""
    sender, receiver, program = referral.organization, referral.receiver, referral.program
    return {
        "format": FORMAT,
        "referral": str(referral.id),
        "at": at.isoformat(),
        "from": {"organization": str(sender.id), "name": sender.name, "phone": sender.phone},
        "to": {"organization": str(receiver.id), "name": receiver.name, "program": program.name},
        "service": referral.kind,
        "urgency": referral.urgency,
        "purpose": wish_of(referral).purpose,
        "notice": statement(),
        "consent_scope": scope_told(consent, recipient=receiver.name),
        "labels": list(LABELS),
        "meta": {"security": [dict(each) for each in SECURITY]},
    }


def _known(referral: Referral) -> PacketFacts:
    client = referral.client
    points = ContactPoint.objects.live().filter(client=client).order_by("-preferred", "id")
    return PacketFacts(
        given_name=client.given_name,
        family_name=client.family_name,
        birth_date=client.birth_date,
        language=client.language,
        contact_points=tuple((str(point.id), point.kind, point.preferred) for point in points),
        reason=referral.reason,
        told=referral.told,
    )


def reachable_at(referral: Referral) -> list[dict[str, Any]]:
    """Return the numbers and addresses that the packet disclosed and the client still uses.

    A packet names them by id: they stand in the client's record and nowhere else. What an id stands for never changes.
    """
    disclosed = referral.packet.get("sections", {}).get("contact", {}).get("contact_points", [])
    wanted = [point["id"] for point in disclosed]
    if not wanted:
        return []
    points = ContactPoint.objects.live().filter(client_id=referral.client_id, id__in=wanted)
    with acting_as(PACKER):  # the receiver sees these, and no other of the client's
        return [
            {"id": str(point.id), "kind": point.kind, "value": point.value, "preferred": point.preferred}
            for point in points.order_by("-preferred", "id")
        ]

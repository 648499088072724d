"""What is told in an emergency or by word of mouth: the chosen categories, the notice, the labels. Inner."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from casemgmt.accounts.models import Organization
from casemgmt.accounts.roles import CASE_MANAGER_AND_UP, Role
from casemgmt.clients.models import Client, ContactPoint
from casemgmt.consent.notices import DO_NOT_REDISCLOSE, LABELS, SECURITY, statement
from casemgmt.consent.packets import FORMAT
from casemgmt.consent.words import Category
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Invalid, Refused

READS_ALL = CASE_MANAGER_AND_UP | {Role.PRIVACY_OFFICER.value}


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which categories are told, and the teller's words for those that no record of this room holds."""

    categories: tuple[str, ...]
    told: Mapping[str, str] = field(default_factory=dict)


def sections_of(chosen: Chosen, client: Client, *, actor: Actor) -> dict[str, Any]:
    """Return what is known of the chosen categories; peers and houses read only the name from the record (P2-41).

    Raises Refused `counseling_notes_not_covered`, `packet_empty`; Invalid for words on a category that was not chosen.
    """
    if Category.COUNSELING_NOTES in chosen.categories:
        raise Refused("Counseling notes are not told in this way.", code="counseling_notes_not_covered")
    if not set(chosen.told) <= set(chosen.categories):
        raise Invalid(fields={"told": ["Only about the categories that you chose."]})
    known: dict[str, Any] = {category: words.strip() for category, words in chosen.told.items()}
    if Category.IDENTITY in chosen.categories:
        known[Category.IDENTITY.value] = _identity(client, actor=actor)
    if Category.CONTACT in chosen.categories and actor.has_role(*READS_ALL):
        known[Category.CONTACT.value] = known.get(Category.CONTACT.value) or _contact(client)
    found = {category: section for category, section in sorted(known.items()) if section}
    if not found:
        raise Refused("Nothing is known of what would be told. Say it in your words.", code="packet_empty")
    return found


def framed(
    sections: Mapping[str, Any], *, client: Client, organization: Organization, at: datetime, asked_not_to: bool
) -> dict[str, Any]:
    """Return what leaves: sections with the notice (P2-30), the labels (P2-33) and, if owed, the request (P2-50)."""
    return {
        "format": FORMAT,
        "at": at.isoformat(),
        "client": str(client.id),
        "from": {"organization": str(organization.id), "name": organization.name, "phone": organization.phone},
        "notice": statement(),
        "labels": list(LABELS),
        "meta": {"security": [dict(each) for each in SECURITY]},
        **({"do_not_redisclose": DO_NOT_REDISCLOSE} if asked_not_to else {}),
        "sections": dict(sections),
    }


def _identity(client: Client, *, actor: Actor) -> dict[str, str]:
    names = {"given_name": client.given_name, "family_name": client.family_name}
    if client.birth_date is not None and actor.has_role(*READS_ALL):
        names["birth_date"] = client.birth_date.isoformat()
    return names


def _contact(client: Client) -> list[dict[str, str]]:
    points = ContactPoint.objects.live().filter(client=client).order_by("-preferred", "id")
    return [{"kind": point.kind, "value": point.value} for point in points]

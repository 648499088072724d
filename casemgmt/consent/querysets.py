"""Reads of consents, notices and disclosures: one's own organization's, about clients one may see."""

from __future__ import annotations

from typing import Any, Self
from uuid import UUID

from casemgmt.access.querysets import ClientScopedQuerySet
from casemgmt.accounts.roles import CASE_MANAGER_AND_UP, Role
from casemgmt.kernel.actor import Actor

from .words import ConsentType

HOLD = """
SELECT * FROM consent_consent
WHERE client_id = %s AND organization_id = %s AND type <> %s
ORDER BY id DESC FOR SHARE
"""


class OwnQuerySet(ClientScopedQuerySet[Any]):
    """Rows between a client and one organization: another organization that sees the client does not see them."""

    def visible_to(self, actor: Actor) -> Self:
        """Return the actor's organization's rows about clients the actor may see."""
        rows = super().visible_to(actor)
        return rows if actor.is_system else rows.filter(organization_id=actor.organization_id)


class ConsentQuerySet(OwnQuerySet):
    """Consents."""

    def visible_to(self, actor: Actor) -> Self:
        """Return them to who captures or revokes them; peers and houses only witness (table 1.9)."""
        if not actor.is_system and not actor.has_role(*CASE_MANAGER_AND_UP, Role.PRIVACY_OFFICER):
            return self.none()
        return super().visible_to(actor)

    def to_disclose(self, *, client_id: UUID, organization_id: UUID) -> Self:
        """Return what might let the organization disclose something of the client, newest first."""
        rows = self.filter(client_id=client_id, organization_id=organization_id)
        return rows.exclude(type=ConsentType.TREATMENT).order_by("-id")

    def held(self, *, client_id: UUID, organization_id: UUID) -> list[Any]:
        """Return the same rows held until the end of the transaction: who revokes one waits, or is seen (P2-18).

        Shared: disclosures do not wait for each other. Locked before any referral, in the written order.
        """
        return list(self.model.objects.raw(HOLD, [client_id, organization_id, ConsentType.TREATMENT.value]))


class NoticeDeliveryQuerySet(OwnQuerySet):
    """Deliveries of the Part 2 notice."""


class DisclosureQuerySet(OwnQuerySet):
    """The accounting of disclosures."""

    def visible_to(self, actor: Actor) -> Self:
        """Return them to the privacy officer only: accounting is theirs (table 1.9)."""
        if not actor.is_system and not actor.has_role(Role.PRIVACY_OFFICER):
            return self.none()
        return super().visible_to(actor)

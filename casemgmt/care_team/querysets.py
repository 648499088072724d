"""Reads of care teams: one's own organization's, about clients one may see."""

from __future__ import annotations

from typing import Any, Self
from uuid import UUID

from django.db.models import Exists, OuterRef

from casemgmt.access.querysets import ClientScopedQuerySet
from casemgmt.accounts.models import Membership
from casemgmt.kernel.actor import Actor


class CareTeamQuerySet(ClientScopedQuerySet[Any]):
    """Memberships of care teams."""

    def visible_to(self, actor: Actor) -> Self:
        """Return the actor's organization's teams of clients the actor may see; another organization's stay its own."""
        rows = super().visible_to(actor)
        return rows if actor.is_system else rows.filter(organization_id=actor.organization_id)

    def open(self) -> Self:
        """Return the memberships that nobody ended."""
        return self.filter(ended_on__isnull=True)

    def serving(self) -> Self:
        """Return the open memberships of people who still work there in that role: the team that can be called."""
        held = Membership.objects.filter(
            user_id=OuterRef("user_id"),
            organization_id=OuterRef("organization_id"),
            role=OuterRef("role"),
            ended_at__isnull=True,
            user__is_active=True,
        )
        return self.open().filter(Exists(held))

    def of_client(self, client_id: UUID, *, organization_id: UUID) -> Self:
        """Return the team of a client in one organization."""
        return self.filter(client_id=client_id, organization_id=organization_id)

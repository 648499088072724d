"""Reads of clients and their contact points, scoped to an actor."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Subquery

from casemgmt.access.models import Reason
from casemgmt.access.querysets import ClientScopedQuerySet, EachRowAsks, live_grants
from casemgmt.kernel.actor import Actor


class ClientQuerySet(ClientScopedQuerySet[Any]):
    """Clients."""

    client_field = "id"
    granted = EachRowAsks  # an organization's clients are walked by their names

    def with_glass(self, actor: Actor) -> ClientQuerySet:
        """Add `break_glass_until`: until when broken glass shows them to the actor, None without (HIP-10)."""
        glass = live_grants(actor).filter(client_id=OuterRef("pk"), reason=Reason.BREAK_GLASS)
        until = Subquery(glass.order_by("-expires_at").values("expires_at")[:1])
        rows: ClientQuerySet = self.annotate(break_glass_until=until)
        return rows

    def registered_by(self, actor: Actor) -> ClientQuerySet:
        """Return those whom the actor's organization registered."""
        return self.filter(organization_id=actor.organization_id)

    def registered_elsewhere(self, actor: Actor) -> ClientQuerySet:
        """Return those whom another organization registered and a live grant opens to the actor's."""
        grants = live_grants(actor).filter(elsewhere=True, client_id=OuterRef("pk"))
        return self.filter(Exists(grants)).exclude(organization_id=actor.organization_id)


class ContactPointQuerySet(ClientScopedQuerySet[Any]):
    """Numbers and addresses of clients."""

    def live(self) -> ContactPointQuerySet:
        """Return those the client still uses."""
        return self.filter(ended_at__isnull=True)

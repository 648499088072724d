"""Reads of clients and their contact points, scoped to an actor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from casemgmt.access.querysets import ClientScopedQuerySet

if TYPE_CHECKING:
    pass


class ClientQuerySet(ClientScopedQuerySet["Client"]):
    """Clients."""

    client_field = "id"


class ContactPointQuerySet(ClientScopedQuerySet["ContactPoint"]):
    """Numbers and addresses of clients."""

    def live(self) -> ContactPointQuerySet:
        """Return those the client still uses."""
        return self.filter(ended_at__isnull=True)

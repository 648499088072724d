"""Reads of clients and their contact points, scoped to an actor."""

from __future__ import annotations

from typing import Any

from casemgmt.access.querysets import ClientScopedQuerySet


class ClientQuerySet(ClientScopedQuerySet[Any]):
    """Clients."""

    client_field = "id"


class ContactPointQuerySet(ClientScopedQuerySet[Any]):
    """Numbers and addresses of clients."""

    def live(self) -> ContactPointQuerySet:
        """Return those the client still uses."""
        return self.filter(ended_at__isnull=True)

"""Reads of episodes, their moves and proposals, scoped to an actor."""

from __future__ import annotations

from typing import Any, Self

from casemgmt.access.querysets import ClientScopedQuerySet

from .stages import TERMINAL


class EpisodeQuerySet(ClientScopedQuerySet[Any]):
    """Episodes."""

    def open(self) -> Self:
        """Return those not ended."""
        return self.exclude(stage__in=TERMINAL)


class StageMoveQuerySet(ClientScopedQuerySet[Any]):
    """Rows of the ledger."""

    client_field = "episode__client_id"


class StageProposalQuerySet(ClientScopedQuerySet[Any]):
    """Proposed moves."""

    client_field = "episode__client_id"

    def waiting(self) -> Self:
        """Return those nobody has settled yet."""
        return self.filter(status__in=["proposed", "confirmed"])

    def lock_all(self) -> Self:
        """Return these rows locked for this transaction in the order of their ids."""
        return self.order_by("id").select_for_update(of=("self",), no_key=True)

"""Reads of episodes, their moves and proposals, scoped to an actor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from casemgmt.access.querysets import ClientScopedQuerySet

from .stages import TERMINAL

if TYPE_CHECKING:
    pass


class EpisodeQuerySet(ClientScopedQuerySet["Episode"]):
    """Episodes."""

    def open(self) -> Self:
        """Return those not ended."""
        return self.exclude(stage__in=TERMINAL)


class StageMoveQuerySet(ClientScopedQuerySet["StageMove"]):
    """Rows of the ledger."""

    client_field = "episode__client_id"


class StageProposalQuerySet(ClientScopedQuerySet["StageProposal"]):
    """Proposed moves."""

    client_field = "episode__client_id"

    def waiting(self) -> Self:
        """Return those nobody has settled yet."""
        return self.filter(status__in=["proposed", "confirmed"])

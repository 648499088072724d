"""Reads of episodes, their moves and proposals, scoped to an actor."""

from __future__ import annotations

from typing import Any, Self

from django.db.models import Exists, OuterRef

from casemgmt.access.querysets import ClientScopedQuerySet
from casemgmt.accounts.roles import SEES_PAST_EPISODES
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.clock import DatabaseNow
from casemgmt.worklist.models import ItemKind, WorkItem

from .stages import TERMINAL, Stage


class EpisodeQuerySet(ClientScopedQuerySet[Any]):
    """Episodes."""

    def open(self) -> Self:
        """Return those not ended."""
        return self.exclude(stage__in=TERMINAL)

    def told_to(self, actor: Actor) -> Self:
        """Return those the actor is told of: peers and houses of nobody's earlier episodes (CLN-31)."""
        if actor.is_system or actor.has_role(*SEES_PAST_EPISODES):
            return self
        later = self.model.objects.filter(
            client_id=OuterRef("client_id"),
            organization_id=OuterRef("organization_id"),
            opened_at__gt=OuterRef("opened_at"),
        )
        return self.filter(~Exists(later))

    def waiting_without(self, kind: ItemKind) -> Self:
        """Return those of the living on the waitlist that have no open work item of a kind (T2)."""
        asked = WorkItem.objects.open().filter(kind=kind, source_id=OuterRef("pk"))
        return self.filter(~Exists(asked), stage=Stage.WAITLIST, client__deceased=False)

    def lock_free(self) -> Self:
        """Return these rows locked for this transaction, without those that somebody else holds."""
        return self.select_for_update(of=("self",), no_key=True, skip_locked=True)


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


class CoSignatureQuerySet(ClientScopedQuerySet[Any]):
    """Signatures of moves that began ahead: between a client and one organization."""

    client_field = "episode__client_id"

    def visible_to(self, actor: Actor) -> Self:
        """Return the actor's organization's, about clients the actor may see."""
        rows = super().visible_to(actor)
        return rows if actor.is_system else rows.filter(episode__organization_id=actor.organization_id)

    def told_to(self, actor: Actor) -> Self:
        """Return those of episodes that the actor is told of (CLN-31)."""
        episodes: Any = self.model._meta.get_field("episode").related_model._default_manager.all()
        return self.filter(episode__in=episodes.told_to(actor))

    def overdue(self) -> Self:
        """Return those that wait longer than they may, the oldest first."""
        return self.filter(status="waiting", due_at__lte=DatabaseNow()).order_by("due_at")

    def lock_free(self) -> Self:
        """Return these rows locked for this transaction, without those that somebody else holds."""
        return self.select_for_update(of=("self",), no_key=True, skip_locked=True)

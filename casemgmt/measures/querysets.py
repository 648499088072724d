"""Reads of responses, scoped to an actor."""

from __future__ import annotations

from typing import Any, Self

from django.db.models import Exists, OuterRef

from casemgmt.access.querysets import ClientScopedQuerySet
from casemgmt.kernel.actor import Actor

from .words import READS_ANSWERS, READS_MEASURES


class ResponseQuerySet(ClientScopedQuerySet[Any]):
    """Responses to instruments."""

    def visible_to(self, actor: Actor) -> Self:
        """Return the responses of clients the actor may see; none to roles without measures (table 1.9, note 2)."""
        rows = super().visible_to(actor)
        return rows if actor.is_system or actor.has_role(*READS_MEASURES) else rows.none()

    def answers_readable_by(self, actor: Actor) -> Self:
        """Return those whose answers and scores the actor may read: a peer, those the peer administered."""
        if actor.is_system or actor.has_role(*READS_ANSWERS):
            return self
        return self.filter(administered_by_id=actor.id)

    def current(self) -> Self:
        """Return those that no amendment supersedes (MSR-02)."""
        return self.filter(~Exists(self.model.objects.filter(supersedes_id=OuterRef("pk"))))

    def newest(self) -> Self:
        """Return the current response of each client and instrument that was completed last."""
        order = ("client_id", "instrument", "-completed_at", "-id")
        last = self.current().order_by(*order).distinct("client_id", "instrument")
        return self.filter(pk__in=last.values("pk"))

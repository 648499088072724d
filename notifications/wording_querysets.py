"""Reads of organizations' own wordings. No client data."""

from __future__ import annotations

from typing import Any, Self
from uuid import UUID

from casemgmt.access.querysets import LockableQuerySet
from casemgmt.kernel.actor import Actor


class OwnWordingQuerySet(LockableQuerySet[Any]):
    """Own wordings."""

    def visible_to(self, actor: Actor) -> Self:
        """Return those of the actor's organization; all of them to machines of ours."""
        return self if actor.is_system else self.filter(organization_id=actor.organization_id)

    def in_use(self, organization_id: UUID) -> Self:
        """Return the newest version of each key and language that both parts approved and nobody ended (SMS-42)."""
        live = self.filter(ended_at__isnull=True, organization_id=organization_id)
        approved = live.filter(approvals__part="clinician").filter(approvals__part="privacy")  # one row of each
        return approved.order_by("key", "language", "-number").distinct("key", "language")

"""Reads of restrictions and of opened glass: an organization's own, for those who judge them, and one's own."""

from __future__ import annotations

from typing import Any, Self
from uuid import UUID

from django.db import models

from casemgmt.accounts.roles import RESTRICTS, REVIEWS_BREAK_GLASS
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.clock import DatabaseNow
from casemgmt.kernel.errors import NotVisible


class KeptRows(models.QuerySet[Any]):
    """What a locked row of these is."""

    def lock(self, pk: UUID) -> Any:
        """Return one of these rows locked; raise NotVisible."""
        row = self.filter(pk=pk).select_for_update(of=("self",)).first()
        if row is None:
            raise NotVisible()
        return row

    def fetch(self, pk: UUID) -> Any:
        """Return one of these rows; raise NotVisible."""
        row = self.filter(pk=pk).first()
        if row is None:
            raise NotVisible()
        return row


class RestrictionQuerySet(KeptRows):
    """Restrictions."""

    def open(self) -> Self:
        """Return those in force."""
        return self.filter(ended_at__isnull=True)

    def visible_to(self, actor: Actor) -> Self:
        """Return the organization's own to those who may restrict."""
        if actor.is_system:
            return self
        if actor.organization_id is None or not actor.has_role(*RESTRICTS):
            return self.none()
        return self.filter(organization_id=actor.organization_id)


class BreakGlassQuerySet(KeptRows):
    """Opened glass."""

    def live(self) -> Self:
        """Return what is open now."""
        return self.filter(expires_at__gt=DatabaseNow())

    def unjudged(self) -> Self:
        """Return what should have been judged by now, and nobody was told so."""
        return self.filter(
            reviewed_at__isnull=True, escalated_at__isnull=True, review_due_at__lte=DatabaseNow()
        ).order_by("review_due_at", "id")

    def lock_free(self) -> Self:
        """Lock these rows, without those that somebody else holds: judges them, or tells of them, right now."""
        return self.select_for_update(of=("self",), skip_locked=True)

    def visible_to(self, actor: Actor) -> Self:
        """Return the organization's own to its reviewers, and to everybody else what they opened themselves."""
        if actor.is_system:
            return self
        if actor.organization_id is None or actor.id is None:
            return self.none()
        here = self.filter(organization_id=actor.organization_id)
        return here if actor.has_role(*REVIEWS_BREAK_GLASS) else here.filter(user_id=actor.id)

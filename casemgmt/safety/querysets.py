"""Reads and locks of the room, scoped to an actor: an organization's own alerts about clients the actor may see."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from django.db import models
from django.db.models import Exists, OuterRef, Q

from casemgmt.access.querysets import LockableQuerySet, live_grants
from casemgmt.accounts.roles import SEES_RECORDS
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.clock import DatabaseNow

from .words import READS_ALERTS, What

CLOSED = "closed"
DUE = Q(next_page_at__lte=DatabaseNow()) | Q(contact_due_at__lte=DatabaseNow())


class RiskAlertQuerySet(LockableQuerySet[Any]):
    """Risk alerts."""

    def visible_to(self, actor: Actor) -> Self:
        """Return the organization's alerts about clients the actor may see, and those about nobody known.

        A house manager sees those that the house manager raised (table 1.9, note 2).
        """
        if actor.is_system:
            return self
        if actor.organization_id is None or not actor.has_role(*SEES_RECORDS):
            return self.none()
        known = Exists(live_grants(actor).filter(client_id=OuterRef("client_id")))
        own = self.filter(Q(client_id__isnull=True) | Q(known), organization_id=actor.organization_id)
        return own if actor.has_role(*READS_ALERTS) else own.filter(raised_by_id=actor.id)

    def unclosed(self) -> Self:
        """Return those that are not closed."""
        return self.exclude(stage=CLOSED)

    def of(self, *, client_id: UUID | None, organization_id: UUID) -> Self:
        """Return one organization's alerts about one client."""
        return self.filter(client_id=client_id, organization_id=organization_id)

    def freezing_texts(self, client_id: UUID) -> Self:
        """Return what keeps automated texts from a client: a crisis by text that is not closed (SMS-62)."""
        return self.unclosed().filter(client_id=client_id, what=What.CRISIS_TEXT)

    def concerning(self, user_id: UUID | None) -> Self:
        """Return those that somebody was asked about, took, or raised."""
        asked = self.model.objects.filter(pages__user_id=user_id).values("pk")
        return self.filter(Q(pk__in=asked) | Q(acknowledged_by_id=user_id) | Q(raised_by_id=user_id))

    def due(self) -> Self:
        """Return those whose ladder climbs now, or whose client nobody reached in time; the longest due first."""
        return self.filter(DUE).order_by("ladder_from", "id")

    def claim_due(self, pk: UUID) -> Any | None:
        """Return one of them locked, None when it is not due any more or another sweep holds it."""
        rows = self.filter(DUE, pk=pk).select_related("organization")
        return rows.select_for_update(skip_locked=True, of=("self",), no_key=True).first()

    def hold_unclosed(self, client_id: UUID) -> list[Any]:
        """Return a client's alerts that are not closed, locked, in whichever organization."""
        rows = self.unclosed().filter(client_id=client_id).select_related("organization").order_by("id")
        return list(rows.select_for_update(of=("self",), no_key=True))


class OnCallShiftQuerySet(LockableQuerySet[Any]):
    """Who is on call. No client data: whoever works for the organization may look."""

    def visible_to(self, actor: Actor) -> Self:
        """Return the shifts of the actor's organization."""
        if actor.is_system:
            return self
        return self.filter(organization_id=actor.organization_id) if actor.organization_id else self.none()

    def standing(self) -> Self:
        """Return those that were not called off."""
        return self.filter(cancelled_at__isnull=True)

    def at(self, moment: datetime) -> Self:
        """Return those that stand at a moment (aware UTC), of people who still hold the role there."""
        from_then = Q(starts_at__lte=moment, ends_at__gt=moment)
        held = Q(
            user__is_active=True,
            user__memberships__organization_id=models.F("organization_id"),
            user__memberships__role=models.F("role"),
            user__memberships__ended_at__isnull=True,
        )
        return self.standing().filter(from_then).filter(held)

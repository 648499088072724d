"""Reads of business calendars. No client data."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any, Self
from uuid import UUID

from django.db.models import QuerySet

from casemgmt.kernel.actor import Actor


class BusinessWeekQuerySet(QuerySet[Any]):
    """Weeks that organizations set."""

    def visible_to(self, actor: Actor) -> Self:
        """Return those of the actor's organization; all of them to machines of ours."""
        return self if actor.is_system else self.filter(organization_id=actor.organization_id)

    def in_force(self, organization_ids: Collection[UUID]) -> Self:
        """Return the last week of each organization that ever set one."""
        rows = self.filter(organization_id__in=organization_ids)
        return rows.order_by("organization_id", "-seq").distinct("organization_id")


class ClosureQuerySet(QuerySet[Any]):
    """Days that organizations closed, or opened after all."""

    def visible_to(self, actor: Actor) -> Self:
        """Return those of the actor's organization; all of them to machines of ours."""
        return self if actor.is_system else self.filter(organization_id=actor.organization_id)

    def in_force(self, organization_ids: Collection[UUID], *, since: date) -> Self:
        """Return the last word on each day from `since` on."""
        rows = self.filter(organization_id__in=organization_ids, day__gte=since)
        return rows.order_by("organization_id", "day", "-seq").distinct("organization_id", "day")

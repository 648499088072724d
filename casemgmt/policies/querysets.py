"""Reads of what organizations set."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self
from uuid import UUID

from django.db import models

from casemgmt.kernel.actor import Actor


class PolicySettingQuerySet(models.QuerySet[Any]):
    """Settings of numbers."""

    def visible_to(self, actor: Actor) -> Self:
        """Return those of the actor's organization; all of them to machines of ours."""
        return self if actor.is_system else self.filter(organization_id=actor.organization_id)

    def in_force(self, organization_id: UUID) -> Self:
        """Return the last setting of each number that the organization ever set."""
        return self.filter(organization_id=organization_id).order_by("name", "-seq").distinct("name")

    def in_force_at(self, organization_ids: Iterable[UUID]) -> Self:
        """Return the last setting of each number that each of these organizations ever set."""
        rows = self.filter(organization_id__in=organization_ids)
        return rows.order_by("organization_id", "name", "-seq").distinct("organization_id", "name")

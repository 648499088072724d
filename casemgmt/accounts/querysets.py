"""Reads of organizations and of who works where. No client data, so every logged-in person may look."""

from __future__ import annotations

from typing import Any, Self

from django.db import models

from casemgmt.kernel.actor import Actor


class OrganizationQuerySet(models.QuerySet[Any]):
    """Organizations."""

    def visible_to(self, actor: Actor) -> Self:
        """Return all of them to anybody who works for one (HSD-01)."""
        return self if actor.is_system or actor.organization_id is not None else self.none()


class MembershipQuerySet(models.QuerySet[Any]):
    """Who holds which role where."""

    def visible_to(self, actor: Actor) -> Self:
        """Return what is held today: whom one may refer to, or name as a provider."""
        if not actor.is_system and actor.organization_id is None:
            return self.none()
        return self.filter(ended_at__isnull=True, user__is_active=True)

"""Reads of organizations and of who works where. No client data, so every logged-in person may look."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from django.db import models

from casemgmt.kernel.actor import Actor, ActorKind
from casemgmt.kernel.clock import DatabaseNow

from .roles import KEEPERS


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


class SignInQuerySet(models.QuerySet[Any]):
    """Keys of people."""

    def visible_to(self, actor: Actor) -> Self:
        """Return one's own that were not revoked and did not run out, in whichever organization."""
        if actor.kind is not ActorKind.STAFF or actor.id is None:
            return self.none()
        return self.filter(user_id=actor.id, revoked_at__isnull=True, expires_at__gt=DatabaseNow())

    def lock(self, pk: UUID) -> Any:
        """Return one row locked, among these; None when it is not there."""
        return self.filter(pk=pk).select_for_update(of=("self",)).first()


class FactorQuerySet(models.QuerySet[Any]):
    """Second factors."""

    def confirmed(self, user_id: UUID) -> Self:
        """Return the factors that a person is asked for."""
        return self.filter(user_id=user_id, confirmed_at__isnull=False)

    def begun(self, user_id: UUID) -> Any:
        """Return the factor that a person is enrolling, locked; None without one."""
        mine = self.filter(user_id=user_id, confirmed_at__isnull=True)
        return mine.select_for_update(of=("self",)).first()

    def locked(self, user_id: UUID) -> Self:
        """Return them locked, so that one code opens one door (call inside a transaction)."""
        return self.confirmed(user_id).select_for_update(of=("self",)).order_by("id")

    def one_locked(self, pk: UUID) -> Any:
        """Return one locked; None when it went meanwhile."""
        return self.filter(pk=pk).select_for_update(of=("self",)).first()


class ServiceQuerySet(models.QuerySet[Any]):
    """What those who run an organization's accounts keep: service accounts, their tokens, invitations."""

    def visible_to(self, actor: Actor) -> Self:
        """Return the organization's own to its keepers."""
        if actor.is_system:
            return self
        if actor.kind is not ActorKind.STAFF or not actor.has_role(*KEEPERS):
            return self.none()
        return self.filter(organization_id=actor.organization_id)

    def lock(self, pk: UUID) -> Any:
        """Return one row locked, among these; None when it is not there."""
        return self.filter(pk=pk).select_for_update(of=("self",)).first()


class InvitationQuerySet(ServiceQuerySet):
    """Links that set a password."""

    def open_at(self, at: datetime) -> Any:
        """Return the one link among these that still opens something, locked; None without one."""
        still_open = self.filter(used_at__isnull=True, revoked_at__isnull=True, expires_at__gt=at)
        return still_open.select_for_update(of=("self",)).first()

"""Reads of emergencies, spoken disclosures and accountings: one's own organization's."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from django.db.models import Q

from casemgmt.access.querysets import ClientScopedQuerySet, live_grants
from casemgmt.accounts.roles import CASE_MANAGER_AND_UP, SEES_RECORDS, Role
from casemgmt.consent.querysets import OwnQuerySet
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.clock import DatabaseNow


class EmergencyDisclosureQuerySet(OwnQuerySet):
    """Emergency disclosures. Who judges them need not see the client: a restricted one has emergencies too."""

    def visible_to(self, actor: Actor) -> Self:
        """Return those of clients the actor may see, and to the privacy officer all of the organization."""
        if actor.is_system:
            return self
        if actor.organization_id is None or not actor.has_role(*SEES_RECORDS):
            return self.none()
        here = self.filter(organization_id=actor.organization_id)
        if actor.has_role(Role.PRIVACY_OFFICER):
            return here
        seen = here.filter(client_id__in=live_grants(actor).values("client_id"))
        if actor.has_role(*CASE_MANAGER_AND_UP):
            return seen
        return seen.filter(opened_by=actor.id)

    def unfinished(self) -> Self:
        """Return what should have been whole by now, longest first."""
        return self.filter(closed_at__isnull=True, facts_due_at__lte=DatabaseNow()).order_by("facts_due_at", "id")

    def to_climb(self, *, higher_before: datetime) -> Self:
        """Return what nobody was told to be overdue, or only the privacy officers and due before a time (UTC)."""
        higher = Q(climbed_higher_at__isnull=True, facts_due_at__lte=higher_before)
        return self.unfinished().filter(Q(climbed_at__isnull=True) | higher)

    def lock_free(self) -> Self:
        """Lock these rows, without those that somebody else holds right now."""
        return self.select_for_update(of=("self",), skip_locked=True, no_key=True)


class EmergencyContentQuerySet(ClientScopedQuerySet[Any]):
    """What was told in emergencies."""


class OralDisclosureQuerySet(OwnQuerySet):
    """Spoken disclosures."""

    def visible_to(self, actor: Actor) -> Self:
        """Return them to who may make them, and to the privacy officer."""
        if not actor.is_system and not actor.has_role(*CASE_MANAGER_AND_UP, Role.PRIVACY_OFFICER):
            return self.none()
        return super().visible_to(actor)


class AccountingRequestQuerySet(OwnQuerySet):
    """Requests for an accounting."""

    def visible_to(self, actor: Actor) -> Self:
        """Return them to the privacy officer (table 1.9)."""
        if not actor.is_system and not actor.has_role(Role.PRIVACY_OFFICER):
            return self.none()
        return super().visible_to(actor)

"""Reads of work: what an actor's organization has to do, about clients the actor may know of."""

from __future__ import annotations

from typing import Any, Self

from django.db.models import Exists, OuterRef, Q

from casemgmt.access.models import Grant
from casemgmt.access.querysets import LockableQuerySet, live_grants
from casemgmt.accounts.roles import RECEIVES_REFERRALS, SEES_RECORDS
from casemgmt.kernel.actor import Actor

REFERRAL_KINDS = ("referral_received", "referral_stopped")


class WorkItemQuerySet(LockableQuerySet[Any]):
    """Work items."""

    def open(self) -> Self:
        """Return what is not done."""
        return self.filter(done_at__isnull=True)

    def visible_to(self, actor: Actor) -> Self:
        """Return the organization's items about nobody, about clients the actor may see, or a referral to answer."""
        if actor.is_system:
            return self
        if actor.organization_id is None:
            return self.none()
        about_nobody = Q(client_id__isnull=True)
        known = Exists(live_grants(actor).filter(client_id=OuterRef("client_id")))
        packet = Exists(Grant.objects.filter(source_id=OuterRef("source_id"), organization_id=actor.organization_id))
        allowed = about_nobody
        if actor.has_role(*SEES_RECORDS):
            allowed = allowed | Q(known)
        if actor.has_role(*RECEIVES_REFERRALS):
            allowed = allowed | Q(packet, kind__in=REFERRAL_KINDS)
        return self.filter(allowed, organization_id=actor.organization_id)

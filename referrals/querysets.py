"""Reads of referrals: the sender through the client's record, the receiver through the packet's grant (REF-04)."""

from __future__ import annotations

from typing import Any, Self

from django.db.models import Exists, OuterRef, Q, QuerySet

from casemgmt.access.models import Scope
from casemgmt.access.querysets import LockableQuerySet, live_grants
from casemgmt.accounts.roles import RECEIVES_REFERRALS, SEES_RECORDS
from casemgmt.kernel.actor import Actor
from programs.querysets import of_told_episodes


class ReferralQuerySet(LockableQuerySet[Any]):
    """Referrals."""

    def visible_to(self, actor: Actor) -> Self:
        """Return what the actor's organization sent about clients the actor may see, and what was sent to it.

        To peers and houses what was asked in an earlier episode is not there (CLN-31).
        The receiver sees a referral as long as the grant lives that sending it gave, and never the client's record.
        """
        if actor.is_system:
            return self
        if actor.organization_id is None:
            return self.none()
        mine = Q(pk__in=[])
        if actor.has_role(*SEES_RECORDS):
            record = Exists(live_grants(actor).filter(client_id=OuterRef("client_id")))
            mine |= Q(record, of_told_episodes(actor), organization_id=actor.organization_id)
        if actor.has_role(*RECEIVES_REFERRALS):
            packet = Exists(live_grants(actor, scope=Scope.PACKET).filter(source_id=OuterRef("pk")))
            mine |= Q(packet, receiver_id=actor.organization_id)
        return self.filter(mine)

    def lock_all(self) -> QuerySet[Any]:
        """Return these rows locked for this transaction in the order of their ids, with what a step needs."""
        rows = self.select_related("client", "organization", "receiver", "program").order_by("id")
        return rows.select_for_update(of=("self",), no_key=True)

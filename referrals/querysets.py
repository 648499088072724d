"""Reads of referrals: the sender through the client's record, the receiver through the packet's grant (REF-04)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from casemgmt.access.models import Scope
from casemgmt.access.querysets import LockableQuerySet, live_grants
from casemgmt.accounts.roles import RECEIVES_REFERRALS, SEES_RECORDS
from casemgmt.consent.words import ConsentStatus
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.clock import DatabaseNow
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

    def with_deadline(self) -> Self:
        """Add `due_at`, the next deadline of a running clock (None: none runs), and whether one is over."""
        clocks: Any = self.model._meta.get_field("clocks").related_model
        running = clocks.objects.unstopped().filter(referral=OuterRef("pk"), due_at__isnull=False).order_by("due_at")
        late = running.filter(due_at__lte=DatabaseNow())
        return self.annotate(due_at=Subquery(running.values("due_at")[:1]), overdue=Exists(late))

    def lock_all(self) -> QuerySet[Any]:
        """Return these rows locked for this transaction in the order of their ids, with what a step needs."""
        rows = self.select_related("client", "organization", "receiver", "program").order_by("id")
        return rows.select_for_update(of=("self",), no_key=True)


class ReferralPartQuerySet(QuerySet[Any]):
    """Rows that belong to a referral and are seen with it."""

    def visible_to(self, actor: Actor) -> Self:
        """Return those of referrals that the actor may see."""
        if actor.is_system:
            return self
        referrals: Any = self.model._meta.get_field("referral").related_model
        return self.filter(referral__in=referrals.objects.visible_to(actor))


class ReferralSupplementQuerySet(ReferralPartQuerySet):
    """What was told later. Each may rely on a consent of its own, which may end before the packet's."""

    def still_covered(self, receiver_id: UUID) -> Self:
        """Leave out what a receiver may no longer read: its consent was taken back, or is over (REF-02)."""
        over = Q(consent__status=ConsentStatus.REVOKED) | Q(consent__expires_at__lte=DatabaseNow())
        return self.exclude(over).exclude(consent__revoked_for__contains=[receiver_id])


class ReferralLinkQuerySet(ReferralPartQuerySet):
    """Links for providers without an account."""

    def visible_to(self, actor: Actor) -> Self:
        """Return those that the actor's organization made, of referrals the actor may see; all to machines of ours."""
        rows = super().visible_to(actor)
        return rows if actor.is_system else rows.filter(referral__organization_id=actor.organization_id)

    def live(self) -> Self:
        """Return what nobody ended; its time may be over."""
        return self.filter(ended_at__isnull=True)

    def in_session(self, session_hash: str) -> Self:
        """Return the link that a live session came in by."""
        return self.live().filter(session_hash=session_hash, session_ends_at__gt=DatabaseNow())

    def lock_first(self) -> Any:
        """Return the first row locked for this transaction, None without any."""
        return self.select_for_update(of=("self",), no_key=True).order_by("-id").first()


class ReferralMoveQuerySet(ReferralPartQuerySet):
    """Rows of the ledger."""


class ReferralClockQuerySet(ReferralPartQuerySet):
    """Clocks."""

    def unstopped(self) -> Self:
        """Return those that run or stand still."""
        return self.filter(stopped_at__isnull=True)

    def due(self, at: datetime) -> Self:
        """Return those with something to tell at `at` (aware UTC), the longest overdue first."""
        return self.filter(next_at__lte=at).order_by("next_at", "id")

    def lock_running(self) -> Any:
        """Return the first that runs, locked for this transaction; None: there is none."""
        return self.filter(running_since__isnull=False).select_for_update().first()

    def running_at(self, receiver_id: UUID) -> Self:
        """Return the running clocks of referrals to an organization."""
        return self.unstopped().filter(running_since__isnull=False, referral__receiver_id=receiver_id).order_by("id")

    def lock_unstopped(self, referral_id: UUID) -> dict[str, Any]:
        """Return the clocks of a locked referral by kind, locked."""
        rows = self.unstopped().filter(referral_id=referral_id).order_by("id").select_for_update()
        return {row.kind: row for row in rows}


class DeclineRuleQuerySet(QuerySet[Any]):
    """What organizations set of what follows a decline. No client data."""

    def visible_to(self, actor: Actor) -> Self:
        """Return those of the actor's organization; all of them to machines of ours."""
        return self if actor.is_system else self.filter(organization_id=actor.organization_id)

    def in_force(self, organization_id: UUID) -> Self:
        """Return the last row of each reason and party that the organization ever set."""
        rows = self.filter(organization_id=organization_id)
        return rows.order_by("decline_reason", "declined_by", "-seq").distinct("decline_reason", "declined_by")

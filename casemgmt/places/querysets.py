"""Reads of the places room, scoped to an actor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.fields.json import KeyTextTransform

from casemgmt.access.querysets import ClientScopedQuerySet, LockableQuerySet, live_grants
from casemgmt.accounts.roles import SEES_PAST_EPISODES, SEES_RECORDS
from casemgmt.episodes.models import StageMove
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.clock import DatabaseNow
from casemgmt.worklist.models import ItemKind, WorkItem

from .words import OPEN

if TYPE_CHECKING:
    from .models import Bed, BedUse, Offer, OfferSkip, WaitlistEntry, WaitlistMove  # noqa: F401 - the quoted names below


class _ReadByCareManagers(ClientScopedQuerySet[Any]):
    """Rows about clients whom the actor may see, for case managers and up and privacy officers (table 1.9).

    Why somebody stands where they do tells of episodes and holds, which peers and houses are not told of.
    """

    def visible_to(self, actor: Actor) -> Self:
        """Return the rows of clients the actor may see, if it reads waitlists at all."""
        rows = super().visible_to(actor)
        return rows if actor.is_system or actor.has_role(*SEES_PAST_EPISODES) else rows.none()


class WaitlistEntryQuerySet(_ReadByCareManagers):
    """Who waits."""

    def open(self) -> Self:
        """Return those that wait or have an offer."""
        return self.filter(stage__in=OPEN)

    def with_hold_reason(self) -> Self:
        """Return these with their episodes, each told why its episode is on hold as `hold_reason`, NULL if not."""
        moves = StageMove.objects.filter(episode=OuterRef("episode_id")).order_by("-seq")
        why = Subquery(moves.values(why=KeyTextTransform("hold_reason", "given"))[:1])
        return self.select_related("episode").annotate(hold_reason=why)

    def lock_all(self) -> Self:
        """Return these rows locked for this transaction in the order of their ids."""
        return self.order_by("id").select_for_update(of=("self",), no_key=True)

    def unasked(self) -> Self:
        """Return those of the living that wait and that nobody is asked to confirm."""
        asked = WorkItem.objects.open().filter(kind=ItemKind.WAITLIST_CONFIRM, source_id=OuterRef("pk"))
        return self.open().filter(~Exists(asked), client__deceased=False)

    def lock_free(self) -> Self:
        """Return these rows locked for this transaction, without those that somebody else holds."""
        return self.select_for_update(of=("self",), no_key=True, skip_locked=True)


class WaitlistMoveQuerySet(_ReadByCareManagers):
    """Rows of the ledger of waitlists."""

    client_field = "entry__client_id"


class OfferQuerySet(_ReadByCareManagers):
    """Offers."""

    def open(self) -> Self:
        """Return those that wait for an answer."""
        return self.filter(outcome="open")

    def holding(self) -> Self:
        """Return those that hold a place: open ones, and ended ones whose place is still to go to the next."""
        return self.filter(Q(outcome="open") | Q(passes_on=True))

    def overdue(self) -> Self:
        """Return those that were to be answered by now, and those whose place is to go to the next, oldest first."""
        return self.holding().filter(Q(passes_on=True) | Q(expires_at__lte=DatabaseNow())).order_by("expires_at", "id")

    def to_remind(self) -> Self:
        """Return open ones whose reminder is due, oldest first."""
        return self.open().filter(reminded_at__isnull=True, remind_at__lte=DatabaseNow()).order_by("remind_at", "id")

    def lock_all(self) -> Self:
        """Return these rows locked for this transaction in the order of their ids."""
        return self.order_by("id").select_for_update(of=("self",), no_key=True)


class OfferSkipQuerySet(_ReadByCareManagers):
    """Who was passed over."""

    client_field = "entry__client_id"


class BedQuerySet(LockableQuerySet["Bed"]):
    """Beds of residences. A row names no client."""

    def visible_to(self, actor: Actor) -> Self:
        """Return those of the actor's organization, to who may read records there."""
        if actor.is_system:
            return self
        if actor.organization_id is None or not actor.has_role(*SEES_RECORDS):
            return self.none()
        return self.filter(program__organization_id=actor.organization_id)


class BedUseQuerySet(LockableQuerySet["BedUse"]):
    """Stays in beds, and holds of them."""

    def visible_to(self, actor: Actor) -> Self:
        """Return those about clients the actor may see, and its own organization's that are about nobody."""
        if actor.is_system:
            return self
        if actor.organization_id is None or not actor.has_role(*SEES_RECORDS):
            return self.none()
        seen = live_grants(actor).filter(client_id=OuterRef("client_id"))
        return self.filter(Q(client__isnull=True, organization_id=actor.organization_id) | Exists(seen))

    def lasting(self) -> Self:
        """Return those that last now or begin later."""
        return self.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=DatabaseNow()) & Q(ends_at__gt=F("starts_at")))

    def lock_all(self) -> QuerySet[BedUse]:
        """Return these rows locked for this transaction in the order of their ids."""
        return self.order_by("id").select_for_update(of=("self",), no_key=True)


class WaitlistRuleQuerySet(QuerySet[Any]):
    """What organizations set of how their lines are ordered. No client data."""

    def visible_to(self, actor: Actor) -> Self:
        """Return those of the actor's organization; all of them to machines of ours."""
        return self if actor.is_system else self.filter(organization_id=actor.organization_id)

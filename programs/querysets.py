"""Reads of the programs room, scoped to an actor."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.fields.json import KeyTextTransform

from casemgmt.access.querysets import ClientScopedQuerySet, LockableQuerySet
from casemgmt.accounts.roles import SEES_PAST_EPISODES
from casemgmt.episodes.models import Episode
from casemgmt.kernel.actor import Actor

if TYPE_CHECKING:
    # the quoted names below
    from .models import Enrollment, EnrollmentMove, HouseAgreement, PlaceHold, Program, Site  # noqa: F401

ENDED = "ended"
RESIDENCE = "sober_living"


def of_told_episodes(actor: Actor) -> Q:
    """Return what keeps the rows of episodes that the actor is told of: to peers and houses, the last one (CLN-31).

    A row of no episode counts none.
    """
    if actor.is_system or actor.has_role(*SEES_PAST_EPISODES):
        return Q()
    return Q(episode__isnull=True) | Q(episode__in=Episode.objects.told_to(actor))


class ProgramQuerySet(LockableQuerySet["Program"]):
    """Programs of the directory."""

    def visible_to(self, actor: Actor) -> Self:
        """Return what is published, and the drafts of the actor's own organization (HSD-01: no client data here)."""
        if actor.is_system:
            return self
        if actor.organization_id is None:
            return self.none()
        return self.filter(Q(published=True) | Q(organization_id=actor.organization_id))

    def own(self, actor: Actor) -> Self:
        """Return the programs that the actor's organization runs."""
        return self if actor.is_system else self.filter(organization_id=actor.organization_id)


class SiteQuerySet(LockableQuerySet["Site"]):
    """Places of the directory."""

    def visible_to(self, actor: Actor) -> Self:
        """Return the actor's organization's places and those where something published is found (HSD-01)."""
        if actor.is_system:
            return self
        if actor.organization_id is None:
            return self.none()
        links = self.model._meta.get_field("programs").related_model._default_manager.filter(published=True)
        of_others = Exists(links.filter(sites=OuterRef("pk")))
        return self.filter(Q(organization_id=actor.organization_id) | of_others)

    def in_use(self) -> Self:
        """Return those not ended."""
        return self.filter(ended_at__isnull=True)

    def with_residence(self) -> Self:
        """Say of each row whether somebody lives there (`is_residence`)."""
        houses = self.model._meta.get_field("programs").related_model._default_manager.filter(kind=RESIDENCE)
        return self.annotate(is_residence=Exists(houses.filter(sites=OuterRef("pk"))))

    def lock_all(self, ids: Iterable[UUID]) -> list[Site]:
        """Return the rows of `ids` that this queryset holds, locked in the order of their ids."""
        return list(self.filter(pk__in=ids).order_by("id").select_for_update(of=("self",), no_key=True))


def is_residence(site: Site) -> bool:
    """Return whether somebody lives at a site of `with_residence`."""
    return bool(site.is_residence)  # type: ignore[attr-defined]


class CapacityReportQuerySet(QuerySet[Any]):
    """The ledger of capacities. No client data."""

    def visible_to(self, actor: Actor) -> Self:
        """Return those of the programs of the actor's organization; all of them to machines of ours."""
        return self if actor.is_system else self.filter(program__organization_id=actor.organization_id)


class EnrollmentQuerySet(ClientScopedQuerySet["Enrollment"]):
    """Enrollments."""

    def visible_to(self, actor: Actor) -> Self:
        """Return those of clients the actor may see, in episodes that the actor is told of (CLN-31)."""
        return super().visible_to(actor).filter(of_told_episodes(actor))

    def open(self) -> Self:
        """Return those not ended."""
        return self.exclude(stage=ENDED)

    def lock_open(self) -> QuerySet[Enrollment]:
        """Return those not ended, locked for this transaction in the order of their ids, with their programs."""
        return self.open().select_related("program").order_by("id").select_for_update(of=("self",))

    def lock_free(self) -> Self:
        """Return these rows locked for this transaction, without those that somebody else holds."""
        return self.select_for_update(of=("self",), no_key=True, skip_locked=True)


class EnrollmentMoveQuerySet(ClientScopedQuerySet["EnrollmentMove"]):
    """Rows of the ledger of enrollments."""

    client_field = "enrollment__client_id"

    def why_paused(self) -> Subquery:
        """Return, for each enrollment of an outer query, what its last move tells as `hold_reason`; NULL: nothing."""
        last = self.filter(enrollment=OuterRef("pk")).order_by("-seq")
        return Subquery(last.values(why=KeyTextTransform("hold_reason", "given"))[:1])


class HouseAgreementQuerySet(ClientScopedQuerySet["HouseAgreement"]):
    """Acknowledgements of house rules."""

    client_field = "enrollment__client_id"

    def last_row(self) -> HouseAgreement | None:
        """Return the row that holds: nothing took its place."""
        return self.filter(superseded_by__isnull=True).first()

    def when_agreed(self) -> Subquery:
        """Return, for each enrollment of an outer query, when the rules in force were acknowledged; NULL: never."""
        holds = self.filter(enrollment=OuterRef("pk"), superseded_by__isnull=True, withdrawn=False)
        same_rules = holds.filter(rules_hash=F("enrollment__program__house_rules_hash"))
        return Subquery(same_rules.values("agreed_at")[:1])


class PlaceHoldQuerySet(ClientScopedQuerySet["PlaceHold"]):
    """Places kept for those who were accepted."""

    def lasting(self) -> Self:
        """Return those that were neither taken over nor given back."""
        return self.filter(ended_at__isnull=True)

    def lock_first(self) -> PlaceHold | None:
        """Return the first of these locked for this transaction; None when there is none."""
        return self.select_for_update(of=("self",), no_key=True).first()


class CombinationRuleQuerySet(QuerySet[Any]):
    """What organizations set of which enrollments may run together. No client data."""

    def visible_to(self, actor: Actor) -> Self:
        """Return those of the actor's organization; all of them to machines of ours."""
        return self if actor.is_system else self.filter(organization_id=actor.organization_id)

    def last_of_each(self, organization_id: UUID) -> Self:
        """Return the last row of each name that the organization ever set."""
        return self.filter(organization_id=organization_id).order_by("name", "-seq").distinct("name")

"""Reads of responses, of what is due, and of loaded wording, scoped to an actor."""

from __future__ import annotations

from typing import Any, Self
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Coalesce

from casemgmt.access.querysets import ClientScopedQuerySet
from casemgmt.kernel.actor import Actor

from .words import ENDED, READS_ANSWERS, READS_MEASURES


class ResponseQuerySet(ClientScopedQuerySet[Any]):
    """Responses to instruments."""

    def visible_to(self, actor: Actor) -> Self:
        """Return the responses of clients the actor may see; none to roles without measures (table 1.9, note 2)."""
        rows = super().visible_to(actor)
        return rows if actor.is_system or actor.has_role(*READS_MEASURES) else rows.none()

    def answers_readable_by(self, actor: Actor) -> Self:
        """Return those whose answers and scores the actor may read: a peer, those the peer administered."""
        if actor.is_system or actor.has_role(*READS_ANSWERS):
            return self
        return self.filter(administered_by_id=actor.id)

    def current(self) -> Self:
        """Return those that no amendment supersedes (MSR-02)."""
        return self.filter(~Exists(self.model.objects.filter(supersedes_id=OuterRef("pk"))))

    def newest(self) -> Self:
        """Return the current response of each client and instrument that was completed last."""
        order = ("client_id", "instrument", "-completed_at", "-id")
        last = self.current().order_by(*order).distinct("client_id", "instrument")
        return self.filter(pk__in=last.values("pk"))

    def oldest(self) -> Self:
        """Return the current response of each client and instrument that was completed first: the baseline."""
        order = ("client_id", "instrument", "completed_at", "id")
        first = self.current().order_by(*order).distinct("client_id", "instrument")
        return self.filter(pk__in=first.values("pk"))


class StageMarkQuerySet(QuerySet[Any]):
    """Stages of episodes as heard."""

    def hold_last(self, episode_id: UUID) -> None:
        """Wait for whoever plans for the episode at this moment, and let nobody else until the transaction ends."""
        self.select_for_update(of=("self",), no_key=True).filter(episode_id=episode_id).order_by("-seq").first()

    def in_force(self, episode_id: UUID) -> Self:
        """Return what holds of an episode as `entered` and `since`, in the order in which it held.

        The pathway's ledger says both, so a correction (T20) is followed; the opening is known by hearing alone.
        """
        rows = self.filter(episode_id=episode_id, move__superseded_by__isnull=True)
        return rows.annotate(
            entered=Coalesce("move__enters", "stage"), since=Coalesce("move__effective_at", "effective_at")
        ).order_by("since", "seq")

    def last_of(self, *, client_id: UUID, organization_id: UUID | None) -> Self:
        """Return the last mark of each of a client's episodes in an organization, newest episode first."""
        mine = self.filter(client_id=client_id, organization_id=organization_id)
        last = mine.order_by("episode_id", "-seq").distinct("episode_id")
        return self.filter(pk__in=last.values("pk")).order_by("-episode_id")

    def running(self) -> Self:
        """Return those that are not the end of an episode."""
        return self.exclude(stage__in=ENDED)


class MeasureDueQuerySet(ClientScopedQuerySet[Any]):
    """What is due."""

    def open(self) -> Self:
        """Return what is not settled."""
        return self.filter(settled_at__isnull=True)


class LicenseAcceptanceQuerySet(QuerySet[Any]):
    """Accepted licenses."""

    def of(self, organization_id: UUID | None) -> Self:
        """Return those of an organization."""
        return self.filter(organization_id=organization_id)


class InstrumentTextQuerySet(QuerySet[Any]):
    """Loaded wording."""

    def in_force(self, *, organization_id: UUID | None, language: str) -> Self:
        """Return an organization's last wording of each instrument and version in a language."""
        order = ("instrument", "version", "-seq")
        mine = self.filter(organization_id=organization_id, language=language)
        return mine.order_by(*order).distinct("instrument", "version")

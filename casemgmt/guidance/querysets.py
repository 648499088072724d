"""Reads of statements and decisions: one's own organization's, about clients one may see, as far as the role goes."""

from __future__ import annotations

from typing import Self

from django.db.models import Exists, OuterRef

from casemgmt.consent.querysets import OwnQuerySet
from casemgmt.kernel.actor import Actor

from .words import CLINICAL, READS_GUIDANCE, reads_answers


class StatementQuerySet(OwnQuerySet):
    """Statements."""

    def visible_to(self, actor: Actor) -> Self:
        """Return what the actor's role reads: a peer, all but clinical facts; a house manager, none (table 1.9)."""
        rows = super().visible_to(actor)
        if reads_answers(actor):
            return rows
        return rows.exclude(name__in=CLINICAL) if actor.has_role(*READS_GUIDANCE) else rows.none()

    def standing(self) -> Self:
        """Return those that are neither corrected nor withdrawn."""
        corrected = Exists(self.model.objects.filter(supersedes_id=OuterRef("pk")))
        return self.filter(~corrected, withdrawn=False)

    def newest_of_each(self) -> Self:
        """Return the newest yes, the newest no and the newest wishes of each name."""
        return self.order_by("name", "yes", "-observed_at", "-id").distinct("name", "yes")


class DecisionQuerySet(OwnQuerySet):
    """Decisions about guidance."""

    def visible_to(self, actor: Actor) -> Self:
        """Return them to those who read clinical answers: a decision keeps the facts it rested on."""
        rows = super().visible_to(actor)
        return rows if reads_answers(actor) else rows.none()

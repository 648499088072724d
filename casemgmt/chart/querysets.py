"""Reads of the chart: one's own organization's, about clients one may see, as far as the role goes (table 1.9)."""

from __future__ import annotations

from typing import Any, ClassVar, Self, TypeVar

from django.db.models import Exists, OuterRef

from casemgmt.accounts.roles import SEES_PAST_EPISODES
from casemgmt.consent.querysets import OwnQuerySet
from casemgmt.episodes.models import Episode
from casemgmt.kernel.actor import Actor

from .words import CHECKS_UP, READS_CHART, READS_OUTLINE, REPORTS_USE, TRIES_CONTACT, CheckupStatus

Rows = TypeVar("Rows", bound=OwnQuerySet)


def of_told_episodes(rows: Rows, actor: Actor) -> Rows:
    """Return the rows of episodes that the actor is told of: to peers and houses, the last one (CLN-31)."""
    if actor.is_system or actor.has_role(*SEES_PAST_EPISODES):
        return rows
    return rows.filter(episode__in=Episode.objects.told_to(actor))


class ChartQuerySet(OwnQuerySet):
    """Entries of the chart. `readers` see every one of the kind; `writers` beside them see what they recorded."""

    readers: ClassVar[frozenset[str]] = READS_CHART
    writers: ClassVar[frozenset[str]] = frozenset()

    def visible_to(self, actor: Actor) -> Self:
        """Return the entries the actor may know of; none to roles without this kind of entry."""
        rows = of_told_episodes(super().visible_to(actor), actor)
        if actor.is_system or actor.has_role(*self.readers):
            return rows
        return rows.filter(recorded_by_id=actor.id) if actor.has_role(*self.writers) else rows.none()

    def current(self) -> Self:
        """Return the last row of each line: those that no amendment supersedes."""
        return self.filter(~Exists(self.model.objects.filter(supersedes_id=OuterRef("pk"))))

    def in_force(self) -> Self:
        """Return what holds: the last row of each line that was not withdrawn."""
        return self.current().filter(withdrawn=False)

    def begun(self) -> Self:
        """Return the first row of each line."""
        return self.filter(supersedes__isnull=True)


class LevelOfCareQuerySet(ChartQuerySet):
    """Levels of care: for clinicians, case managers and the privacy officer."""


class ContinuingCarePlanQuerySet(ChartQuerySet):
    """Continuing-care plans; a peer sees the plan's non-clinical part."""

    readers = READS_OUTLINE


class ContactAttemptQuerySet(ChartQuerySet):
    """Attempts to reach a client; a house manager sees those of their own."""

    readers = READS_OUTLINE
    writers = TRIES_CONTACT


class ReturnToUseQuerySet(ChartQuerySet):
    """Returns to use; a peer learns that there was one, a house manager sees what they recorded themselves."""

    readers = READS_OUTLINE
    writers = REPORTS_USE


class ReturnReviewQuerySet(ChartQuerySet):
    """What clinicians decided after a return to use; not for peers and houses."""


class IopReviewQuerySet(ChartQuerySet):
    """Reviews and certifications of intensive outpatient care."""


class CheckupQuerySet(OwnQuerySet):
    """Recovery check-ups, planned and held."""

    def visible_to(self, actor: Actor) -> Self:
        """Return them to those who hold them and to those who read the chart."""
        rows = of_told_episodes(super().visible_to(actor), actor)
        allowed = actor.is_system or actor.has_role(*CHECKS_UP, *READS_CHART)
        return rows if allowed else rows.none()

    def planned(self) -> Self:
        """Return those still to come, overdue ones too."""
        return self.filter(status=CheckupStatus.PLANNED)

    def lock_all(self) -> list[Any]:
        """Return these rows locked for this transaction, in the order of their ids."""
        return list(self.order_by("id").select_for_update(of=("self",), no_key=True))

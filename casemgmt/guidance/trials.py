"""Trying both kinds of support for a while (DG-13): the look back on it, one an episode. Inner."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from casemgmt.kernel.actor import Actor
from casemgmt.kernel.transactions import require_atomic
from casemgmt.worklist.models import ItemKind, WorkItem
from casemgmt.worklist.services import NewItem, close_items, open_item

from .models import GuidanceDecision

REVIEW = (ItemKind.GUIDANCE_REVIEW,)
WITH_THE_EPISODE = ("episode_ended", "client_died")  # outcomes of a review that nobody made or called off


def begin_trial(row: GuidanceDecision, *, due_at: datetime, actor: Actor) -> None:
    """Ask for the look back at `due_at` (aware UTC)."""
    _ask(row.episode_id, organization_id=row.organization_id, client_id=row.client_id, due_at=due_at, actor=actor)


def end_trial(episode_id: UUID, *, outcome: str, at: datetime, actor: Actor) -> None:
    """Take the look back off the list."""
    close_items(source_id=episode_id, kinds=REVIEW, outcome=outcome, at=at, actor=actor)


def resume_trial(episode_id: UUID, *, organization_id: UUID, actor: Actor) -> None:
    """Ask again for the look back that ended with an episode which was ended in error, for when it was due (T20)."""
    require_atomic()
    asked = WorkItem.objects.filter(organization_id=organization_id, source_id=episode_id, kind__in=REVIEW)
    last = asked.order_by("-id").first()
    if last is not None and last.outcome in WITH_THE_EPISODE:
        _ask(episode_id, organization_id=organization_id, client_id=last.client_id, due_at=last.due_at, actor=actor)


def _ask(episode_id: UUID, *, organization_id: UUID, client_id: UUID | None, due_at: datetime, actor: Actor) -> None:
    item = NewItem(
        organization_id=organization_id,
        client_id=client_id,
        kind=ItemKind.GUIDANCE_REVIEW,
        due_at=due_at,
        source_type="episode",
        source_id=episode_id,
    )
    open_item(item, actor=actor)

"""Coming back after an episode ended (T18, CLN-31): at any time, to a new episode that is linked to the old one.

The old episode stays as it is. What was signed and given then holds on for as many days as the organization says; the
safety screen is always taken anew. How often somebody began is counted nowhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from casemgmt.accounts.models import Organization
from casemgmt.accounts.roles import Role
from casemgmt.clients.models import Client
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Invalid, Refused
from casemgmt.kernel.transactions import require_atomic
from casemgmt.policies.catalog import Policy
from casemgmt.worklist.models import ItemKind, Priority
from casemgmt.worklist.services import NewItem, open_item

from .models import Episode
from .stages import Stage


@dataclass(frozen=True, slots=True)
class ReentryCard:
    """What somebody whose episode ended needs to know to come back; `reuse_until` is aware UTC.

    Until then what was signed and given holds on. `open_to_return` is False for the dead alone.
    """

    open_to_return: bool
    reuse_until: datetime
    always_anew: tuple[str, ...] = ("safety_screen",)


def last_ended(client: Client, organization: Organization) -> Episode | None:
    """Return the client's last episode at the organization; one that is open still is the caller's to refuse."""
    here = Episode.objects.filter(client=client, organization=organization)
    found: Episode | None = here.order_by("-opened_at", "-id").first()
    return found


def require_way_back(last: Episode | None, *, previous_id: UUID | None) -> Episode | None:
    """Return the episode that a new one is linked to, None for who was never here.

    Raises Invalid unless `previous_id` names the last ended one, Refused `client_deceased` if it ended with a death.
    """
    if last is None and previous_id is None:
        return None
    if last is not None and last.stage == Stage.DECEASED:
        sentence = "The last episode ended with the client's death. If that was entered in error, correct it first."
        raise Refused(sentence, code="client_deceased")
    if previous_id is None:
        assert last is not None, "seen above"
        sentence = "The client was here before. Name the last ended episode (T18)."
        raise Invalid(code="previous_missing", fields={"previous": [sentence]}, previous=str(last.id))
    if last is None or last.id != previous_id:
        raise Invalid(fields={"previous": ["Name the client's last ended episode here."]})
    return last


def follow_reentry(episode: Episode, *, at: datetime, actor: Actor) -> None:
    """Put somebody who came back at the head of the list (T18). Inner; `at` is aware UTC."""
    require_atomic()
    new = NewItem(
        organization_id=episode.organization_id,
        client_id=episode.client_id,
        kind=ItemKind.REENTRY_PRIORITY,
        due_at=at,
        source_type="episode",
        source_id=episode.id,
        priority=Priority.TODAY,
        role=Role.CASE_MANAGER,
    )
    open_item(new, actor=actor)


def card_of(episode: Episode, policy: Policy) -> ReentryCard:
    """Return the re-entry card of an ended episode (T14, T15). Raises Refused `episode_open`."""
    if episode.ended_at is None:
        raise Refused("The episode is open. There is nothing to come back from.", code="episode_open")
    return ReentryCard(open_to_return=not episode.client.deceased, reuse_until=_reuse_until(episode, policy))


def reused(episode: Episode, policy: Policy) -> dict[str, Any]:
    """Return what the guards must know of somebody who came back; one query for who did, none else.

    `consent_counts_from`: what was signed before that moment does not count any more; None: everything valid counts.
    """
    if episode.previous_id is None:
        return {}
    previous = episode.previous
    assert previous is not None, "it has an id"
    late = previous.ended_at is not None and episode.opened_at > _reuse_until(previous, policy)
    return {"came_back": True, "consent_counts_from": previous.ended_at if late else None}


def _reuse_until(ended: Episode, policy: Policy) -> datetime:
    assert ended.ended_at is not None, "it ended"
    return ended.ended_at + timedelta(days=policy.reentry_reuse_days)

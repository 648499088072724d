"""What a waitlist asks people to do: answer an offer, and ask whether a client still waits. Inner."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from casemgmt.care_team.services import members_with_role
from casemgmt.care_team.words import TeamRole
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.wall import acting_as
from casemgmt.places.models import Offer, WaitlistEntry
from casemgmt.policies.services import policy_of
from casemgmt.worklist.models import ItemKind, Priority
from casemgmt.worklist.services import NewItem, close_items, open_item

from .line import KEEPER

OF_OFFERS = (ItemKind.WAITLIST_OFFER, ItemKind.WAITLIST_OFFER_ENDS)


def ask_for_answer(offer: Offer, kind: ItemKind, *, priority: Priority, actor: Actor) -> None:
    """Ask the client's case manager to answer an offer before it expires."""
    entry = offer.entry
    item = NewItem(
        organization_id=entry.episode.organization_id,
        client_id=offer.client_id,
        kind=kind,
        due_at=offer.expires_at,
        source_type="waitlist_offer",
        source_id=offer.id,
        priority=priority,
        assignee_id=case_manager_of(entry),
    )
    open_item(item, actor=actor)


def stop_asking_for_answer(offer: Offer, *, at: datetime, actor: Actor) -> None:
    """An offer that ended waits for no answer."""
    close_items(source_id=offer.id, kinds=OF_OFFERS, outcome=offer.outcome, at=at, actor=actor)


def ask_to_confirm(entry: WaitlistEntry, *, since: datetime, actor: Actor, days: int | None = None) -> None:
    """Ask, `days` (None: the program's policy) after `since` (aware UTC), whether the client still waits (§9)."""
    days = policy_of(entry.program.organization_id).waitlist_confirm_days if days is None else days
    item = NewItem(
        organization_id=entry.episode.organization_id,
        client_id=entry.client_id,
        kind=ItemKind.WAITLIST_CONFIRM,
        due_at=since + timedelta(days=days),
        source_type="waitlist_entry",
        source_id=entry.id,
        assignee_id=case_manager_of(entry),
    )
    open_item(item, actor=actor)


def stop_asking_to_confirm(entry: WaitlistEntry, *, outcome: str, at: datetime, actor: Actor) -> None:
    """What is asked about an entry is settled."""
    kinds = (ItemKind.WAITLIST_CONFIRM,)
    close_items(source_id=entry.id, kinds=kinds, outcome=outcome, at=at, actor=actor)


def case_manager_of(entry: WaitlistEntry) -> UUID | None:
    """Return the client's case manager at the episode's organization, the lead first; None: whoever takes it."""
    with acting_as(KEEPER):
        found = members_with_role(
            client_id=entry.client_id,
            organization_id=entry.episode.organization_id,
            role=TeamRole.CASE_MANAGER.value,
        )
    return found[0].user_id if found else None

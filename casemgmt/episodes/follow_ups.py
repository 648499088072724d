"""What a move leaves for people to do, and what it makes pointless. Inner; the numbers are the organization's.

One table says which rule opens which work (T1, T2, T10, T11, T15, T16); a death tells everybody who cared (T17). What
is waited for again and again (T2) is opened anew by a tick as long as the client waits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from casemgmt.accounts.roles import Role
from casemgmt.care_team.services import current_team
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.lifecycle import Change
from casemgmt.kernel.transactions import require_atomic
from casemgmt.kernel.wall import acting_as
from casemgmt.policies.catalog import Policy
from casemgmt.policies.services import policy_of
from casemgmt.worklist.models import ItemKind, Priority
from casemgmt.worklist.services import NewItem, close_items, open_item

from .facts import Facts
from .models import Episode
from .stages import CARE, TERMINAL, Stage, skips
from .telling import as_date

CLOCK = Actor.system("pathway-clock")
BATCH = 500
FIRST_LOOK = "hold-first-look"  # tells the two reviews of a hold apart: of one source, one item of a kind is open


@dataclass(frozen=True, slots=True)
class FollowUp:
    """One piece of work after a move: what, in how many days by the policy's number, and for whom."""

    kind: ItemKind
    days: str  # a number of Policy
    role: Role = Role.CASE_MANAGER

    def due(self, policy: Policy, *, at: datetime) -> datetime:
        """Return when it is due if it begins at `at` (aware UTC)."""
        return at + timedelta(days=getattr(policy, self.days))


INTAKE = FollowUp(ItemKind.INTAKE_TO_DO, "intake_days")
WAITING = (
    FollowUp(ItemKind.WAITLIST_CONTACT, "waitlist_contact_days"),
    FollowUp(ItemKind.WAITLIST_RESCREEN, "waitlist_rescreen_days"),
)
SKIP = FollowUp(ItemKind.SKIP_FOLLOW_UP, "skip_follow_up_days")
BY_RULE: dict[str, tuple[FollowUp, ...]] = {
    "T2": WAITING,
    "T15": (FollowUp(ItemKind.OUTREACH_DUE, "outreach_after_days"),),
    "T16": (FollowUp(ItemKind.TRANSFER_TO_CONFIRM, "transfer_confirm_days"),),
}

# Leaving a stage makes pointless what was to be done because of it.
POINTLESS: dict[str, tuple[ItemKind, ...]] = {
    Stage.INTAKE: (ItemKind.INTAKE_TO_DO,),
    Stage.WAITLIST: tuple(each.kind for each in WAITING),
    Stage.ON_HOLD: (ItemKind.HOLD_REVIEW,),
}
WHILE_OPEN = (ItemKind.SKIP_FOLLOW_UP, ItemKind.INTAKE_TO_DO, ItemKind.REENTRY_PRIORITY)


def follow_opening(episode: Episode, *, at: datetime, actor: Actor) -> None:
    """Ask for the intake of an episode that was opened (T1); who came back needs no outreach any more (T18)."""
    require_atomic()
    if episode.previous_id is not None:
        kinds = (ItemKind.OUTREACH_DUE,)
        close_items(source_id=episode.previous_id, kinds=kinds, outcome="moot", at=at, actor=actor)
    policy = policy_of(episode.organization_id)
    _open(episode, INTAKE.kind, due_at=INTAKE.due(policy, at=at), actor=actor)


def follow_move(episode: Episode, change: Change, *, lead: str, actor: Actor) -> None:
    """Close what a move made pointless and open what follows from it; `lead` led before it."""
    require_atomic()
    pointless = POINTLESS.get(change.source, ()) + (WHILE_OPEN if change.target in TERMINAL else ())
    for source_id in (episode.id, uuid5(episode.id, FIRST_LOOK)):
        if pointless:
            close_items(source_id=source_id, kinds=pointless, outcome="moot", at=change.at, actor=actor)
    facts: Facts = change.facts
    for each in _following(change, lead=lead):
        _open(episode, each.kind, due_at=each.due(facts.policy, at=change.at), actor=actor, role=each.role)
    if change.target == Stage.ON_HOLD:
        _review_hold(episode, change, actor=actor)


def _following(change: Change, *, lead: str) -> Iterator[FollowUp]:
    yield from BY_RULE.get(change.rule, ())
    beside = change.facts.enrolled_in(Stage.THERAPY.value)
    if change.target in CARE and skips(lead, change.target, therapy_beside=beside):
        yield SKIP  # T10, and T13 as T10


def _review_hold(episode: Episode, change: Change, *, actor: Actor) -> None:
    """Look at a hold at the agreed date, and once before if that is far off (T11)."""
    told, policy = change.facts.told, change.facts.policy
    agreed = as_date(told["review_date"])
    assert agreed is not None, "the rule needs it"
    days = (agreed - change.facts.today).days
    _open(episode, ItemKind.HOLD_REVIEW, due_at=change.at + timedelta(days=days), actor=actor)
    if policy.hold_first_look_days < days:
        due_at = change.at + timedelta(days=policy.hold_first_look_days)
        _open(episode, ItemKind.HOLD_REVIEW, due_at=due_at, actor=actor, source_id=uuid5(episode.id, FIRST_LOOK))


def carers_of(episode: Episode) -> dict[UUID, Role]:
    """Return who cares for the client at the episode's organization now, each person once."""
    team = current_team(client_id=episode.client_id, organization_id=episode.organization_id)
    return {each.user_id: Role(each.role) for each in team}


def tell_carers(episode: Episode, carers: dict[UUID, Role], *, at: datetime, actor: Actor) -> None:
    """Let each of those who cared hear of the death from a colleague; without any, the case managers (T17)."""
    if not carers:
        _open(episode, ItemKind.CLIENT_DIED, due_at=at, actor=actor, priority=Priority.TODAY)
    for user_id, role in carers.items():
        _open(
            episode,
            ItemKind.CLIENT_DIED,
            due_at=at,
            actor=actor,
            role=role,
            priority=Priority.TODAY,
            source_id=uuid5(episode.id, str(user_id)),
            assignee_id=user_id,
        )


def keep_in_touch(*, keep_on: Callable[[], bool] = lambda: True) -> int:
    """Ask again for what a waiting client needs again and again; return how much was opened (T2).

    What was done is due again after the organization's days; what is still open stays. Safe in any number of copies.
    """
    count = 0
    for each in WAITING:
        for episode_id in _waiting_without(each.kind):
            if not keep_on():
                return count
            count += _ask_again(episode_id, each)
    return count


@acting_as(CLOCK)
def _waiting_without(kind: ItemKind) -> list[UUID]:
    return list(Episode.objects.waiting_without(kind).values_list("id", flat=True)[:BATCH])


@acting_as(CLOCK)
def _ask_again(episode_id: UUID, wanted: FollowUp) -> int:
    episode: Episode | None = Episode.objects.filter(pk=episode_id).waiting_without(wanted.kind).lock_free().first()
    if episode is None:  # a place was found meanwhile, or somebody asked already
        return 0
    due_at = wanted.due(policy_of(episode.organization_id), at=clock.now())
    _open(episode, wanted.kind, due_at=due_at, actor=CLOCK, role=wanted.role)
    return 1


def _open(
    episode: Episode,
    kind: ItemKind,
    *,
    due_at: datetime,
    actor: Actor,
    role: Role = Role.CASE_MANAGER,
    **more: Any,
) -> None:
    known: dict[str, Any] = {"source_id": episode.id, "priority": Priority.NORMAL, **more}
    new = NewItem(
        organization_id=episode.organization_id,
        client_id=episode.client_id,
        kind=kind,
        due_at=due_at,
        source_type="episode",
        role=role,
        **known,
    )
    open_item(new, actor=actor)

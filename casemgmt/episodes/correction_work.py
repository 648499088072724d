"""What a correction leaves for people, and what it takes off their lists (T20). Inner.

Everything that followed from the wrong row is looked at by a person: one work item says so. Beside it, the work of the
stage that is right takes the place of the work of the stage that was not.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid5

from casemgmt.accounts.roles import Role
from casemgmt.clients.models import Client
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.transactions import require_atomic
from casemgmt.policies.services import policy_of
from casemgmt.worklist.models import ItemKind, Priority, WorkItem
from casemgmt.worklist.services import NewItem, close_items, open_item

from .amending import Amended
from .follow_ups import FIRST_LOOK
from .models import Episode
from .stages import TERMINAL, Stage

# Stage -> the work that it leaves, and in how many days by the policy's number.
LEAVES: dict[str, tuple[tuple[ItemKind, str], ...]] = {
    Stage.INTAKE: ((ItemKind.INTAKE_TO_DO, "intake_days"),),
    Stage.WAITLIST: (
        (ItemKind.WAITLIST_CONTACT, "waitlist_contact_days"),
        (ItemKind.WAITLIST_RESCREEN, "waitlist_rescreen_days"),
    ),
    Stage.ON_HOLD: ((ItemKind.HOLD_REVIEW, "hold_first_look_days"),),
    Stage.DISCHARGED: ((ItemKind.OUTREACH_DUE, "outreach_after_days"),),
    Stage.TRANSFERRED: ((ItemKind.TRANSFER_TO_CONFIRM, "transfer_confirm_days"),),
}
WHILE_OPEN = (ItemKind.SKIP_FOLLOW_UP, ItemKind.REENTRY_PRIORITY)


def follow_correction(episode: Episode, amended: Amended, *, at: datetime, actor: Actor) -> None:
    """Ask a person to look at what followed from the wrong row, and swap the work of the two stages (aware UTC).

    Of a client who died nothing new is asked (T17).
    """
    require_atomic()
    _open(episode, ItemKind.STAGE_CORRECTED, due_at=at, actor=actor, priority=Priority.TODAY)
    before, after = str(amended.before.stage), str(amended.after.stage)
    if before == after:
        return
    pointless = tuple(kind for kind, _ in LEAVES.get(before, ())) + (WHILE_OPEN if after in TERMINAL else ())
    for source_id in (episode.id, uuid5(episode.id, FIRST_LOOK)):
        if pointless:
            close_items(source_id=source_id, kinds=pointless, outcome="moot", at=at, actor=actor)
    if Client.objects.filter(
        pk=episode.client_id, deceased=True
    ).exists():  # read anew: the correction may have told it
        return
    policy = policy_of(episode.organization_id)
    for kind, number in LEAVES.get(after, ()):
        due_at = at + timedelta(days=getattr(policy, number))
        _open(episode, kind, due_at=due_at, actor=actor)


def forget_death(episode: Episode, *, at: datetime, actor: Actor) -> None:
    """Take the news of a death that was entered in error off the lists of those who did not read it yet."""
    require_atomic()
    kinds = (ItemKind.CLIENT_DIED,)
    told = WorkItem.objects.open().filter(client_id=episode.client_id, kind__in=kinds)
    for source_id in list(told.filter(organization_id=episode.organization_id).values_list("source_id", flat=True)):
        close_items(source_id=source_id, kinds=kinds, outcome="entered_in_error", at=at, actor=actor)


def _open(
    episode: Episode, kind: ItemKind, *, due_at: datetime, actor: Actor, priority: Priority = Priority.NORMAL
) -> None:
    new = NewItem(
        organization_id=episode.organization_id,
        client_id=episode.client_id,
        kind=kind,
        due_at=due_at,
        source_type="episode",
        source_id=episode.id,
        priority=priority,
        role=Role.CASE_MANAGER,
    )
    open_item(new, actor=actor)

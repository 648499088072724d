"""Opening and closing work. Opening is inner (rooms above call it in their own doors); what people do is a door."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet

from casemgmt.accounts.models import Membership
from casemgmt.accounts.roles import CASE_MANAGER_AND_UP, Role
from casemgmt.accounts.services import actor_for
from casemgmt.audit.record import record
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Conflict, Invalid, NotPermitted
from casemgmt.kernel.transactions import require_atomic
from casemgmt.kernel.wall import acting_as
from casemgmt.policies.services import policy_of

from .duty import DOES_WORK_OF, may_do_work_of
from .models import ItemKind, Priority, WorkItem

KEEPER = Actor.system("worklist")  # what one organization does may be work for another, whose list it does not see


@dataclass(frozen=True, slots=True)
class NewItem:
    """What is to be done: for whom (organization, role or person), about which client, by when (aware UTC), why."""

    organization_id: UUID
    client_id: UUID | None
    kind: ItemKind
    due_at: datetime
    source_type: str
    source_id: UUID
    priority: Priority = Priority.NORMAL
    role: Role = Role.CASE_MANAGER
    assignee_id: UUID | None = None


def open_item(new: NewItem, *, actor: Actor) -> None:
    """Put something on the worklist; what is open already stays as it is."""
    require_atomic()
    item = WorkItem(**{name: getattr(new, name) for name in NewItem.__slots__})
    with acting_as(KEEPER):
        WorkItem.objects.bulk_create([item], ignore_conflicts=True)
    clients = [new.client_id] if new.client_id else []
    record("work_item.opened", actor=actor, object_type="work_item", object_id=new.source_id, client_ids=clients)


def close_items(*, source_id: UUID, kinds: tuple[ItemKind, ...], outcome: str, at: datetime, actor: Actor) -> int:
    """Close what a source opened because it is settled; return how many items that were."""
    require_atomic()
    items = WorkItem.objects.open().filter(source_id=source_id, kind__in=kinds)
    count = _settle(items, outcome=outcome, at=at, actor=actor)
    if count:
        record("work_item.closed", actor=actor, object_type="work_item", object_id=source_id)
    return count


def close_about(*, client_id: UUID, keep: tuple[ItemKind, ...], outcome: str, at: datetime, actor: Actor) -> int:
    """Close what is open about a client in whichever organization, but for the kinds to `keep`; return how many."""
    require_atomic()
    items = WorkItem.objects.open().filter(client_id=client_id).exclude(kind__in=keep)
    count = _settle(items, outcome=outcome, at=at, actor=actor)
    if count:
        record("work_item.closed", actor=actor, object_type="client", object_id=client_id, client_ids=[client_id])
    return count


def _settle(items: QuerySet[WorkItem], *, outcome: str, at: datetime, actor: Actor) -> int:
    with acting_as(KEEPER):
        return items.update(done_at=at, done_by=actor.id, outcome=outcome, updated_at=at, version=F("version") + 1)


def privacy_role(organization_id: UUID) -> Role:
    """Return who judges what was opened or told: privacy officers, or the admins (who then name one) without any."""
    officers = Membership.objects.filter(
        organization_id=organization_id, role=Role.PRIVACY_OFFICER, ended_at__isnull=True, user__is_active=True
    )
    return Role.PRIVACY_OFFICER if officers.exists() else Role.ADMIN


@transaction.atomic
def finish_item(*, item_id: UUID, outcome: str, version: int | None, actor: Actor) -> WorkItem:
    """Mark an item as done by hand, saying how it ended; for whom it is assigned to, its role and those above.

    Whoever may only see it leaves it to them. Raises NotVisible, StaleVersion, Conflict `already_done`, NotPermitted.
    """
    item: WorkItem = WorkItem.objects.visible_to(actor).lock(item_id)
    item.require_version(version)
    if item.done_at is not None:
        raise Conflict("This was done already.", code="already_done")
    if item.assignee_id != actor.id and not may_do_work_of(item.role, roles=actor.roles):
        raise NotPermitted(who=sorted(DOES_WORK_OF[item.role]))
    at = clock.now()
    item.done_at, item.done_by, item.outcome, item.by_hand = at, actor.id, outcome, True
    item.save_changes("done_at", "done_by", "outcome", "by_hand", at=at)
    _record("work_item.finished", item, actor=actor)
    return item


@transaction.atomic
def reopen_item(*, item_id: UUID, reason: str, version: int | None, actor: Actor) -> WorkItem:
    """Take back that an item was finished by hand, for who finished it or a case manager and up, while it is fresh.

    `reason` is a code. Raises NotVisible, StaleVersion, NotPermitted, Conflict (`not_done`, `not_by_hand`: what it was
    about is settled; `too_late`; `opened_again`).
    """
    item: WorkItem = WorkItem.objects.visible_to(actor).lock(item_id)
    item.require_version(version)
    if item.done_at is None:
        raise Conflict("This is still to be done.", code="not_done")
    if item.done_by != actor.id and not actor.has_role(*CASE_MANAGER_AND_UP):
        raise NotPermitted(who=sorted(CASE_MANAGER_AND_UP))
    if not item.by_hand:
        raise Conflict("What this was about is settled.", code="not_by_hand")
    at = clock.now()
    if at - item.done_at > timedelta(hours=policy_of(item.organization_id).reopen_work_hours):
        raise Conflict("This was done too long ago to take it back.", code="too_late")
    item.done_at, item.done_by, item.outcome, item.by_hand = None, None, "", False
    try:
        with transaction.atomic():
            item.save_changes("done_at", "done_by", "outcome", "by_hand", at=at)
    except IntegrityError as error:  # one open item of a kind per source
        raise Conflict("The same was put on the list again.", code="opened_again") from error
    _record("work_item.reopened", item, actor=actor, reason_code=reason)
    return item


@transaction.atomic
def assign_item(*, item_id: UUID, assignee_id: UUID | None, version: int | None, actor: Actor) -> WorkItem:
    """Give an open item to somebody who may do it, or back to everybody of its role (None).

    Case managers and up assign to others; everybody takes what they may do and gives back what is theirs. Raises
    NotVisible, StaleVersion, Conflict `already_done`, NotPermitted, Invalid (`assignee`).
    """
    item: WorkItem = WorkItem.objects.visible_to(actor).lock(item_id)
    item.require_version(version)
    if item.done_at is not None:
        raise Conflict("This was done already.", code="already_done")
    own = actor.id in (assignee_id, item.assignee_id if assignee_id is None else None)
    if not own and not actor.has_role(*CASE_MANAGER_AND_UP):
        raise NotPermitted(who=sorted(CASE_MANAGER_AND_UP))
    if assignee_id is not None:
        _require_able(item, assignee_id)
    if item.assignee_id != assignee_id:
        item.assignee_id = assignee_id
        at = clock.now()
        if assignee_id is not None:  # who takes it themselves knows; anybody else is written to
            item.told_at = at if assignee_id == actor.id else None
        item.save_changes("assignee_id", "told_at", at=at)
        _record("work_item.assigned", item, actor=actor)
    return item


def mark_told(items: Iterable[WorkItem], *, late: bool, at: datetime) -> None:
    """Note that those to whom locked items fall are being told: that they wait, or that they are overdue."""
    require_atomic()
    column = "late_told_at" if late else "told_at"
    WorkItem.objects.filter(pk__in=[item.pk for item in items]).update(**{column: at})


def _require_able(item: WorkItem, assignee_id: UUID) -> None:
    """Raise Invalid unless somebody works here, in the item's role or one above, and may see whom it is about."""
    them = actor_for(user_id=assignee_id, organization_id=item.organization_id)
    if them is None or not may_do_work_of(item.role, roles=them.roles):
        raise Invalid(fields={"assignee": ["Nobody of your organization who may do this work."]})
    if not WorkItem.objects.visible_to(them).filter(pk=item.pk).exists():
        raise Invalid(fields={"assignee": ["This person may not see whom the work is about."]})


def _record(action: str, item: WorkItem, *, actor: Actor, reason_code: str = "") -> None:
    clients = [item.client_id] if item.client_id else []
    record(
        action,
        actor=actor,
        object_type="work_item",
        object_id=item.id,
        client_ids=clients,
        reason_code=reason_code,
    )

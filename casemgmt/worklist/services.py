"""Opening and closing work. Opening is inner (rooms above call it in their own doors); closing by hand is a door."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from casemgmt.accounts.roles import Role
from casemgmt.audit.record import record
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Conflict
from casemgmt.kernel.transactions import require_atomic

from .models import ItemKind, Priority, WorkItem


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
    WorkItem.objects.bulk_create([item], ignore_conflicts=True)
    clients = [new.client_id] if new.client_id else []
    record("work_item.opened", actor=actor, object_type="work_item", object_id=new.source_id, client_ids=clients)


def close_items(*, source_id: UUID, kinds: tuple[ItemKind, ...], outcome: str, at: datetime, actor: Actor) -> int:
    """Close what a source opened because it is settled; return how many items that were."""
    require_atomic()
    items = WorkItem.objects.open().filter(source_id=source_id, kind__in=kinds)
    count = items.update(done_at=at, done_by=actor.id, outcome=outcome, updated_at=at)
    if count:
        record("work_item.closed", actor=actor, object_type="work_item", object_id=source_id)
    return count


@transaction.atomic
def finish_item(*, item_id: UUID, outcome: str, version: int | None, actor: Actor) -> WorkItem:
    """Mark an item as done by hand, saying how it ended. Raises NotVisible, StaleVersion, Conflict `already_done`."""
    item: WorkItem = WorkItem.objects.visible_to(actor).lock(item_id)
    item.require_version(version)
    if item.done_at is not None:
        raise Conflict("This was done already.", code="already_done")
    at = clock.now()
    item.done_at, item.done_by, item.outcome = at, actor.id, outcome
    item.save_changes("done_at", "done_by", "outcome", at=at)
    clients = [item.client_id] if item.client_id else []
    record("work_item.finished", actor=actor, object_type="work_item", object_id=item.id, client_ids=clients)
    return item

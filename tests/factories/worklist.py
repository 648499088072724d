"""Work, put on the list the way the rooms do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction

from casemgmt.accounts.models import Organization
from casemgmt.clients.models import Client
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.ids import new_id
from casemgmt.worklist.models import ItemKind, WorkItem
from casemgmt.worklist.services import NewItem, open_item


def item(at: Organization, client: Client | None, *, hours: float = 1, **fields: Any) -> WorkItem:
    """Return something to do at an organization, due in `hours`, for a case manager unless told."""
    source_id = fields.pop("source_id", None) or new_id()
    new = NewItem(
        organization_id=at.id,
        client_id=client.id if client else None,
        kind=fields.pop("kind", ItemKind.REPLY_CALL_ME),
        due_at=clock.now() + timedelta(hours=hours),
        source_type="test",
        source_id=source_id,
        **fields,
    )
    with transaction.atomic():
        open_item(new, actor=Actor.system("test"))
    made: WorkItem = WorkItem.objects.get(source_id=source_id, kind=new.kind, done_at__isnull=True)
    return made

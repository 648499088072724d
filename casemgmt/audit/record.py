"""Writing the trail: one explicit line in the transaction of what it records."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from casemgmt.kernel.actor import Actor
from casemgmt.kernel.request import request_id

from .models import AuditEvent, Outcome


def record(  # noqa: PLR0913 - one row, one call; a dataclass would only repeat the columns
    action: str,
    *,
    actor: Actor,
    object_type: str,
    object_id: UUID | None = None,
    client_ids: Iterable[UUID] = (),
    outcome: Outcome = Outcome.OK,
    reason_code: str = "",
) -> None:
    """Append one audit row in the current transaction. If it cannot be written, what it records fails too (F28)."""
    AuditEvent.objects.create(
        actor_kind=actor.kind.value,
        actor_id=actor.id,
        actor_name=actor.name,
        roles=sorted(actor.roles),
        organization_id=actor.organization_id,
        action=action,
        object_type=object_type,
        object_id=object_id,
        client_ids=list(client_ids),
        outcome=outcome,
        reason_code=reason_code,
        request_id=request_id.get(),
    )

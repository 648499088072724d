"""Writing the trail: one explicit line in the transaction of what it records."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import connection

from casemgmt.kernel.actor import Actor
from casemgmt.kernel.request import request_id

from .models import Outcome

# Every request writes at least one: by the ORM, putting the statement together takes twice as long as running it.
APPEND = """
INSERT INTO audit_auditevent (actor_kind, actor_id, actor_name, roles, organization_id, action, object_type, object_id,
  client_ids, outcome, reason_code, request_id)
VALUES (%(actor_kind)s, %(actor_id)s, %(actor_name)s, %(roles)s, %(organization_id)s, %(action)s, %(object_type)s,
  %(object_id)s, %(client_ids)s, %(outcome)s, %(reason_code)s, %(request_id)s)
"""


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
    row = {
        "actor_kind": actor.kind.value,
        "actor_id": actor.id,
        "actor_name": actor.name,
        "roles": sorted(actor.roles),
        "organization_id": actor.organization_id,
        "action": action,
        "object_type": object_type,
        "object_id": object_id,
        "client_ids": list(client_ids),
        "outcome": outcome.value,
        "reason_code": reason_code,
        "request_id": request_id.get(),
    }
    with connection.cursor() as cursor:
        cursor.execute(APPEND, row)

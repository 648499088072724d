"""Reads of conversations: one per client and number."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from casemgmt.access.querysets import ClientScopedQuerySet
from casemgmt.kernel.ids import new_id

TOUCH = """
INSERT INTO notifications_conversation (id, client_id, contact_point_id, last_at) VALUES (%s, %s, %s, %s)
ON CONFLICT (contact_point_id) DO UPDATE SET last_at = greatest(notifications_conversation.last_at, EXCLUDED.last_at)
"""


class ConversationQuerySet(ClientScopedQuerySet[Any]):
    """Conversations."""

    def touch(self, *, client_id: UUID, contact_point_id: UUID, at: datetime) -> None:
        """Begin the conversation of a number, or note that something was said in it. Always the last row written."""
        with connection.cursor() as cursor:
            cursor.execute(TOUCH, [new_id(), client_id, contact_point_id, at])

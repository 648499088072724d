"""Reads, locks and folding of letters to staff. No client data."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Self
from uuid import UUID

from django.db import connection
from django.db.models import Max, Q, QuerySet
from django.db.models.functions import Coalesce

from casemgmt.accounts.roles import KEEPERS
from casemgmt.kernel.actor import Actor, ActorKind
from casemgmt.kernel.clock import DatabaseNow
from casemgmt.kernel.ids import new_id

# PostgreSQL folds: whoever tells the same person at the same moment finds the letter that waits already.
FOLD = """
INSERT INTO notices_mail
  (id, user_id, organization_id, kind, status, due_at, digest_on, item_ids, told, attempts, reason)
VALUES (%s, %s, %s, %s, 'pending', %s, %s, %s::uuid[], 1, 0, '')
ON CONFLICT (user_id, organization_id, kind) WHERE status = 'pending' DO UPDATE
SET item_ids = notices_mail.item_ids || EXCLUDED.item_ids, told = notices_mail.told + 1, updated_at = casemgmt_now()
"""


class PreferenceQuerySet(QuerySet[Any]):
    """How people want to be told."""

    def visible_to(self, actor: Actor) -> Self:
        """Return one's own for the organization one acts for; all of them to machines of ours."""
        if actor.is_system:
            return self
        if actor.kind is not ActorKind.STAFF or actor.id is None:
            return self.none()
        return self.filter(user_id=actor.id, organization_id=actor.organization_id)

    def hold(self) -> Any:
        """Return the first of these locked, None when there is none."""
        return self.select_for_update(of=("self",), no_key=True).first()


class MailQuerySet(QuerySet[Any]):
    """Letters."""

    def visible_to(self, actor: Actor) -> Self:
        """Return one's own; those of the whole organization to who runs its accounts."""
        if actor.is_system:
            return self
        if actor.kind is not ActorKind.STAFF or actor.id is None:
            return self.none()
        here = self.filter(organization_id=actor.organization_id)
        return here if actor.has_role(*KEEPERS) else here.filter(user_id=actor.id)

    def fold(
        self,
        *,
        user_id: UUID,
        organization_id: UUID,
        kind: str,
        due_at: datetime,
        digest_on: date | None,
        item_ids: list[UUID],
    ) -> None:
        """Write a letter to be, or add to the one that waits."""
        with connection.cursor() as cursor:
            cursor.execute(FOLD, [new_id(), user_id, organization_id, kind, due_at, digest_on, item_ids])

    def last_digest_on(self, *, user_id: UUID, organization_id: UUID) -> date | None:
        """Return the day of the last summary that left the state in which more is added to it."""
        gone = self.filter(user_id=user_id, organization_id=organization_id, kind="digest")
        found: date | None = gone.exclude(status__in=["pending", "cancelled"]).aggregate(last=Max("digest_on"))["last"]
        return found

    def last_urgent_at(self, *, user_id: UUID, organization_id: UUID) -> datetime | None:
        """Return when this person was last written to urgently, or is just being written to."""
        gone = self.filter(
            user_id=user_id, organization_id=organization_id, kind="urgent", status__in=["sending", "sent"]
        )
        moment = Coalesce("sent_at", "updated_at")
        found: datetime | None = gone.order_by("-id").values_list(moment, flat=True).first()
        return found

    def next_due(self) -> Any:
        """Return the letter that waits longest, or one whose sender is gone, locked; None when there is none."""
        now = DatabaseNow()
        due = self.filter(status__in=["pending", "waiting"], due_at__lte=now).order_by("due_at", "id")
        left = self.filter(status="sending", lease_until__lt=now).order_by("lease_until", "id")
        for rows in (left, due):
            found = rows.select_for_update(skip_locked=True, of=("self",)).first()
            if found is not None:
                return found
        return None

    def fenced(self, pk: UUID, *, attempts: int) -> Self:
        """Return a claimed letter if the claim is still ours (F10)."""
        return self.filter(Q(pk=pk, attempts=attempts, status="sending"))

    def pending_digest(self, *, user_id: UUID, organization_id: UUID) -> Any:
        """Return the summary that waits for a person, locked; None when there is none."""
        mine = self.filter(user_id=user_id, organization_id=organization_id, kind="digest", status="pending")
        return mine.select_for_update(of=("self",)).first()

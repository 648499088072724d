"""Giving and taking sight. Inner functions: the rooms above call them inside their own doors."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from casemgmt.audit.record import record
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.transactions import require_atomic
from casemgmt.kernel.wall import acting_as

from .models import Grant, Reason, Scope

KEEPER = Actor.system("grants")  # a grant given to another organization is taken back by the machine


def grant(  # noqa: PLR0913 - the columns of one grant
    *,
    client_id: UUID,
    organization_id: UUID,
    reason: Reason,
    actor: Actor,
    scope: Scope = Scope.RECORD,
    user_id: UUID | None = None,
    source_id: UUID | None = None,
    expires_at: datetime | None = None,
) -> None:
    """Let an organization, or one person in it, see a client. Giving again what stands changes nothing."""
    require_atomic()
    Grant.objects.bulk_create(
        [
            Grant(
                client_id=client_id,
                organization_id=organization_id,
                user_id=user_id,
                reason=reason,
                scope=scope,
                source_id=source_id,
                expires_at=expires_at,
            )
        ],
        ignore_conflicts=True,
    )
    record("grant.given", actor=actor, object_type="grant", object_id=source_id, client_ids=[client_id])


def grant_all(*, client_ids: Sequence[UUID], organization_id: UUID, reason: Reason, actor: Actor) -> None:
    """Let an organization see many clients for the same reason, in one statement: an import, for instance."""
    require_atomic()
    grants = [Grant(client_id=each, organization_id=organization_id, reason=reason) for each in client_ids]
    Grant.objects.bulk_create(grants, ignore_conflicts=True)
    record("grant.given", actor=actor, object_type="grant", client_ids=client_ids)


def revoke_grants(*, source_id: UUID, at: datetime, actor: Actor) -> int:
    """Take back every grant that a referral, episode or decision gave, as of `at` (aware UTC); return how many."""
    live = Grant.objects.filter(source_id=source_id, revoked_at__isnull=True)
    client_ids = _change(live, revoked_at=at)
    if client_ids:
        record("grant.revoked", actor=actor, object_type="grant", object_id=source_id, client_ids=set(client_ids))
    return len(client_ids)


def limit_grants(*, source_id: UUID, until: datetime, actor: Actor) -> int:
    """Let every live grant of a source end at `until` (aware UTC) at the latest; return how many end earlier now."""
    lasting = Q(expires_at__isnull=True) | Q(expires_at__gt=until)
    live = Grant.objects.filter(lasting, source_id=source_id, revoked_at__isnull=True)
    client_ids = _change(live, expires_at=until)
    if client_ids:
        record("grant.limited", actor=actor, object_type="grant", object_id=source_id, client_ids=set(client_ids))
    return len(client_ids)


def _change(live: QuerySet[Grant], **to: datetime) -> list[UUID]:
    """Change live grants of whichever organization; return the client of each."""
    require_atomic()
    with acting_as(KEEPER):
        client_ids = list(live.values_list("client_id", flat=True))
        live.update(**to)
    return client_ids

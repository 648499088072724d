"""Giving and taking sight. Inner functions: the rooms above call them inside their own doors."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from casemgmt.accounts.models import Membership
from casemgmt.audit.record import record
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.transactions import require_atomic
from casemgmt.kernel.wall import acting_as

from .models import Grant, Reason, Restriction, Scope

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
    """Let an organization, or one person in it, see a client. Giving again what stands changes nothing.

    What is given to a whole organization is withheld while the client is restricted there.
    """
    require_atomic()
    if user_id is None and scope == Scope.RECORD and is_restricted(client_id, organization_id=organization_id):
        scope = Scope.WITHHELD
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
    restricted = Restriction.objects.open().filter(client_id__in=client_ids, organization_id=organization_id)
    held = set(restricted.values_list("client_id", flat=True))
    grants = [
        Grant(
            client_id=each,
            organization_id=organization_id,
            reason=reason,
            scope=Scope.WITHHELD if each in held else Scope.RECORD,
        )
        for each in client_ids
    ]
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


def is_restricted(client_id: UUID, *, organization_id: UUID) -> bool:
    """True while an organization shows a client to the client's team only."""
    return bool(Restriction.objects.open().filter(client_id=client_id, organization_id=organization_id).exists())


def withhold(*, client_id: UUID, organization_id: UUID, actor: Actor) -> None:
    """Let an organization's own grants of a client open nothing; those of single people stay as they are."""
    _change(_of_all(client_id, organization_id, Scope.RECORD), scope=Scope.WITHHELD)
    record("grant.withheld", actor=actor, object_type="client", object_id=client_id, client_ids=[client_id])


def restore(*, client_id: UUID, organization_id: UUID, actor: Actor) -> None:
    """Let what was withheld open the client to the organization again."""
    _change(_of_all(client_id, organization_id, Scope.WITHHELD), scope=Scope.RECORD)
    record("grant.restored", actor=actor, object_type="client", object_id=client_id, client_ids=[client_id])


def _of_all(client_id: UUID, organization_id: UUID, scope: Scope) -> QuerySet[Grant]:
    return Grant.objects.filter(
        client_id=client_id, organization_id=organization_id, user_id__isnull=True, scope=scope, revoked_at__isnull=True
    )


def seen_by(*, client_id: UUID, organization_id: UUID) -> int:
    """Return how many people of an organization see a restricted client because they care for the client."""
    people = Grant.objects.filter(
        client_id=client_id, organization_id=organization_id, reason=Reason.CARE_TEAM, revoked_at__isnull=True
    )
    working = Membership.objects.filter(organization_id=organization_id, ended_at__isnull=True, user__is_active=True)
    return people.filter(user_id__in=working.values("user_id")).values("user_id").distinct().count()


def open_to_asked(
    *, client_id: UUID, organization_id: UUID, user_ids: Collection[UUID], source_id: UUID, actor: Actor
) -> None:
    """Let people who are asked to answer an alert see its client, where the client is restricted; else they do anyway.

    `source_id`: the alert; `revoke_grants` takes them back when it is closed.
    """
    require_atomic()
    if not is_restricted(client_id, organization_id=organization_id):
        return
    for user_id in user_ids:
        grant(
            client_id=client_id,
            organization_id=organization_id,
            user_id=user_id,
            reason=Reason.ALERT,
            source_id=source_id,
            actor=actor,
        )


def _change(live: QuerySet[Grant], **to: datetime | Scope) -> list[UUID]:
    """Change live grants of whichever organization; return the client of each."""
    require_atomic()
    with acting_as(KEEPER):
        client_ids = list(live.values_list("client_id", flat=True))
        live.update(**to)
    return client_ids

"""Visibility: the only place that turns an actor into rows. Fails closed: no actor, no role, no grant, no rows."""

from __future__ import annotations

from typing import Self, TypeVar
from uuid import UUID

from django.db import models
from django.db.models import Exists, OuterRef, Q

from casemgmt.accounts.roles import SEES_RECORDS
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.clock import DatabaseNow
from casemgmt.kernel.errors import NotVisible

from .models import Grant, Reason, Scope

Row = TypeVar("Row", bound=models.Model)


def live_grants(actor: Actor, *, scope: Scope = Scope.RECORD) -> models.QuerySet[Grant]:
    """Return the actor's grants of a scope that are in force now. What broken glass shows, nobody changes (HIP-10)."""
    if actor.organization_id is None:
        return Grant.objects.none()
    mine = Q(user_id__isnull=True) | Q(user_id=actor.id)
    unexpired = Q(expires_at__isnull=True) | Q(expires_at__gt=DatabaseNow())
    grants = Grant.objects.filter(
        mine, unexpired, organization_id=actor.organization_id, revoked_at__isnull=True, scope=scope
    )
    return grants if actor.reading else grants.exclude(reason=Reason.BREAK_GLASS)


def sees_records(actor: Actor) -> bool:
    """True when somebody's role opens records at all; which ones is for the grants to say (P2-41)."""
    return actor.organization_id is not None and actor.has_role(*SEES_RECORDS)


class EachRowAsks(Exists):
    """EXISTS that PostgreSQL answers for each row it comes to: with an OFFSET it makes neither a join nor a list of it.

    A kept plan knows no organization, takes its grants for few, and would read all of them and sort for a page of 50.
    """

    template = "EXISTS(%(subquery)s OFFSET 0)"


class LockableQuerySet(models.QuerySet[Row]):
    """Adds the one way to lock a row."""

    def lock(self, pk: UUID) -> Row:
        """Return the row locked for this transaction; raise NotVisible if this queryset does not hold it.

        The lock leaves room for rows that only refer to this one, so a session log does not wait for a move.
        """
        row = self.select_for_update(of=("self",), no_key=True).filter(pk=pk).first()
        if row is None:
            raise NotVisible()
        return row

    def fetch(self, pk: UUID) -> Row:
        """Return the row unlocked; raise NotVisible if this queryset does not hold it."""
        row = self.filter(pk=pk).first()
        if row is None:
            raise NotVisible()
        return row


class ClientScopedQuerySet(LockableQuerySet[Row]):
    """Rows that belong to a client. `client_field` names the column that says to which; `granted` asks for a grant."""

    client_field = "client_id"
    granted: type[Exists] = Exists

    def visible_to(self, actor: Actor) -> Self:
        """Return the rows whose client the actor may see (P2-41). Machines of ours see all; strangers see none."""
        if actor.is_system:
            return self
        if not sees_records(actor):
            return self.none()
        return self.filter(self.granted(live_grants(actor).filter(client_id=OuterRef(self.client_field))))

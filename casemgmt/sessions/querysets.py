"""Reads of the sessions room, scoped to an actor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db.models import Exists, OuterRef, Q

from casemgmt.access.querysets import ClientScopedQuerySet, LockableQuerySet
from casemgmt.accounts.roles import SEES_RECORDS
from casemgmt.kernel.actor import Actor

if TYPE_CHECKING:
    from .models import Attendance, AttendanceMove, Series, Session  # noqa: F401 - the quoted names below


class SessionQuerySet(LockableQuerySet["Session"]):
    """Sessions. A row names no client; who comes stands in attendances, each behind its own client's wall."""

    def visible_to(self, actor: Actor) -> Self:
        """Return sessions of the actor's organization, and those that a client it may see takes part in."""
        if actor.is_system:
            return self
        if actor.organization_id is None or not actor.has_role(*SEES_RECORDS):
            return self.none()
        attendances: Any = self.model._meta.get_field("attendances").related_model
        theirs = attendances.objects.visible_to(actor)
        return self.filter(Q(organization_id=actor.organization_id) | Exists(theirs.filter(session=OuterRef("pk"))))


class SeriesQuerySet(LockableQuerySet["Series"]):
    """Series of sessions. A row names no client."""

    def visible_to(self, actor: Actor) -> Self:
        """Return those of the actor's organization."""
        if actor.is_system:
            return self
        if actor.organization_id is None or not actor.has_role(*SEES_RECORDS):
            return self.none()
        return self.filter(organization_id=actor.organization_id)


class AttendanceQuerySet(ClientScopedQuerySet["Attendance"]):
    """Who comes, by client."""


class AttendanceMoveQuerySet(ClientScopedQuerySet["AttendanceMove"]):
    """What was told of who came, and by whom."""

    client_field = "attendance__client_id"

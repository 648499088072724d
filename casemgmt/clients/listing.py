"""A page of the client list: the busiest read, in one statement that is put together once (P1)."""

from __future__ import annotations

import json
import secrets
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, QuerySet
from django.db.models.functions import JSONObject

from casemgmt.access.querysets import sees_records
from casemgmt.accounts.roles import SEES_RECORDS
from casemgmt.api.kept import Kept
from casemgmt.api.paging import after, leads_nowhere
from casemgmt.kernel.actor import Actor, ActorKind

from .models import Client, ContactPoint

ORDERING = ("family_name", "given_name", "id")
POINT = ("id", "kind", "value", "status", "preferred", "ended_at", "version")


class Listed(NamedTuple):
    """A client as the list shows it: what `ClientOut` reads, and the live contact points as their shape has them."""

    id: UUID
    organization_id: UUID
    given_name: str
    family_name: str
    birth_date: Any
    language: str
    residence_state: str
    city: str
    timezone: str
    deceased: bool
    deceased_on: Any
    source_system: str
    source_id: str
    version: int
    break_glass_until: Any
    shown_points: Any


def page_of_clients(actor: Actor, *, cursor: str | None, limit: int) -> tuple[list[Listed], str | None]:
    """Return one page of the clients whom a reading actor may see, and the cursor of the next; None on the last.

    Raises Invalid `cursor_invalid`.
    """
    if not sees_records(actor):
        return [], None
    values: dict[str, Any] = {"user": actor.id, "organization": actor.organization_id}
    if cursor is not None:
        values |= _place(cursor, **values)
    rows = [Listed(*row) for row in _statement(cursor is not None, limit + 1).rows(**values)]
    following = str(rows[limit - 1].id) if len(rows) > limit else None
    return [
        row._replace(shown_points=[json.loads(each) for each in row.shown_points]) for row in rows[:limit]
    ], following


def _place(cursor: str, **values: Any) -> dict[str, Any]:
    """Return where in the list the row stands that the cursor names."""
    try:
        found = _client().rows(id=UUID(cursor), **values)
    except ValueError:
        found = []
    if not found:
        raise leads_nowhere()
    return dict(zip(ORDERING, found[0], strict=True))


@cache
def _client() -> Kept:
    """Return the statement of one visible client's place."""

    def place(user: UUID, organization: UUID, id: UUID) -> QuerySet[Any, Any]:  # noqa: A002 - the name of the column
        return Client.objects.visible_to(_reader(user, organization)).filter(id=id).values_list(*ORDERING)

    return Kept(place, user=uuid4(), organization=uuid4(), id=uuid4())


def _reader(user: UUID, organization: UUID) -> Actor:
    return Actor(ActorKind.STAFF, user, organization, SEES_RECORDS, reading=True)


@cache
def _statement(beyond: bool, many: int) -> Kept:
    """Return the statement of a first or a later page of so many rows."""
    place = {"family_name": secrets.token_hex(16), "given_name": secrets.token_hex(16), "id": uuid4()} if beyond else {}
    return Kept(lambda **values: _rows(many, **values), user=uuid4(), organization=uuid4(), **place)


def _rows(many: int, user: UUID, organization: UUID, **place: Any) -> QuerySet[Any, Any]:
    actor = _reader(user, organization)
    points = ContactPoint.objects.live().filter(client=OuterRef("pk")).order_by("-preferred", "created_at")
    rows = (
        Client.objects.visible_to(actor)
        .with_glass(actor)
        .annotate(
            shown_points=ArraySubquery(points.values(told=JSONObject(**{name: F(name) for name in POINT}))),
        )
    )
    if place:
        rows = rows.filter(after(ORDERING, tuple(place[name] for name in ORDERING), "gt"))
    own, others = (
        part.order_by(*ORDERING).values_list(*Listed._fields)[:many]
        for part in (rows.registered_by(actor), rows.registered_elsewhere(actor))
    )
    # own clients are walked by their names, others by their grants; PostgreSQL puts both in order by its collation
    page: QuerySet[Any, Any] = own.union(others, all=True).order_by(*ORDERING)[:many]
    return page

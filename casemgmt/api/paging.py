"""Cursor pagination: a page starts after a row, never at an offset, and never counts (performance P7).

The cursor is the id of the last row shown. What the list is ordered by may be a name, and names do not go into URLs;
the server looks the row's place up again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet

from casemgmt.kernel.errors import Invalid

Row = TypeVar("Row", bound=Model)

DEFAULT_LIMIT = 50
MAX_LIMIT = 100


def page(
    rows: QuerySet[Row], *, places: QuerySet[Row], ordering: tuple[str, ...], cursor: str | None, limit: int
) -> tuple[list[Row], str | None]:
    """Return one page of `rows` and the cursor of the next, None on the last.

    `places` holds the rows a cursor may name: all that the actor may see, so that a row which a filter no longer keeps
    (work done meanwhile) still marks its place. `ordering` names not-null columns in one direction and ends with the
    primary key. Raises Invalid `cursor_invalid`.
    """
    backwards = ordering[0].startswith("-")
    names = [name.lstrip("-") for name in ordering]
    if cursor is not None:
        rows = rows.filter(after(names, place_of(places, names, cursor), "lt" if backwards else "gt"))
    found = list(rows.order_by(*ordering)[: limit + 1])
    following = str(found[limit - 1].pk) if len(found) > limit else None
    return found[:limit], following


def place_of(rows: QuerySet[Any], names: Sequence[str], cursor: str) -> tuple[Any, ...]:
    """Return what the list is ordered by for the row that the cursor names; raise Invalid if it names none of these."""
    try:
        pk = rows.model._meta.pk.to_python(cursor)
    except ValidationError:
        pk = None
    place: tuple[Any, ...] | None = rows.filter(pk=pk).values_list(*names).first()
    if place is None:
        raise Invalid("This cursor leads nowhere. Start again from the first page.", code="cursor_invalid")
    return place


def after(names: Sequence[str], place: tuple[Any, ...], beyond: str) -> Q:
    """Return (a, b, c) beyond the place, with a bound on the first column that an index can use."""
    condition = Q()
    for position, name in enumerate(names):
        equal = {names[before]: place[before] for before in range(position)}
        condition |= Q(**equal, **{f"{name}__{beyond}": place[position]})
    return Q(**{f"{names[0]}__{beyond}e": place[0]}) & condition

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
        place = rows_at(places, cursor).values_list(*names).first()
        if place is None:
            raise leads_nowhere()
        rows = rows.filter(after(names, place, "lt" if backwards else "gt"))
    found = list(rows.order_by(*ordering)[: limit + 1])
    following = str(found[limit - 1].pk) if len(found) > limit else None
    return found[:limit], following


def rows_at(rows: QuerySet[Row], cursor: str) -> QuerySet[Row]:
    """Return the row that the cursor names, if it is one of these."""
    try:
        pk = rows.model._meta.pk.to_python(cursor)
    except ValidationError:
        return rows.none()
    return rows.filter(pk=pk)


def leads_nowhere() -> Invalid:
    """Return what to say of a cursor that names no row."""
    return Invalid("This cursor leads nowhere. Start again from the first page.", code="cursor_invalid")


def after(names: Sequence[str], place: tuple[Any, ...], beyond: str) -> Q:
    """Return (a, b, c) beyond the place, with a bound on the first column that an index can use."""
    condition = Q()
    for position, name in enumerate(names):
        equal = {names[before]: place[before] for before in range(position)}
        condition |= Q(**equal, **{f"{name}__{beyond}": place[position]})
    return Q(**{f"{names[0]}__{beyond}e": place[0]}) & condition

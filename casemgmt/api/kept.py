"""Statements that are put together once: on a hot path the ORM takes longer for that than PostgreSQL for the answer.

What a statement asks is written as a queryset like any other, so who may see what still stands in one place.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.db.models import QuerySet


class Kept:
    """The statement of a queryset, asked again and again with other values.

    `build` is called once, with stand-ins instead of values; each of them must be unlike anything else in the
    statement, and of the type of the values. What `build` decides by a value is decided for good: such values are no
    stand-ins, and each of them needs a statement of its own. Raises LookupError for a stand-in that is not asked for:
    the value would be ignored.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Any]], **stand_ins: Any) -> None:
        names = {stand_in: name for name, stand_in in stand_ins.items()}
        self.sql, params = build(**stand_ins).query.sql_with_params()
        self._slots = [(names.get(each), each) for each in params]
        if unused := set(stand_ins) - {name for name, _ in self._slots}:
            raise LookupError(f"The statement does not ask for {', '.join(sorted(unused))}.")

    def rows(self, **values: Any) -> list[tuple[Any, ...]]:
        """Return the rows for these values, as PostgreSQL gives them."""
        params = [each if name is None else values[name] for name, each in self._slots]
        with connection.cursor() as cursor:
            cursor.execute(self.sql, params)
            found: list[tuple[Any, ...]] = cursor.fetchall()
        return found

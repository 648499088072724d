"""Every list of the API: as many statements for a hundred rows as for one, and none that counts or skips rows (P7, P8).

The rows of a page are multiplied where Django reads them, each copy with the relations that came with it and no others:
whatever asks once for a row asks a hundred times for a hundred.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle, islice
from typing import Any

import pytest
from django.db import connection
from django.db.models import Model, QuerySet
from django.test.utils import CaptureQueriesContext

from casemgmt.episodes.models import Episode
from tests.factories import episodes, people

from .bodies import Bodies, description
from .rooms import rooms
from .world import actors, settle

LIMITS = {"directory/hsds/": 20}  # the rows a page holds at most, where they are not
MOST = 100
COUNTING = {"conversations/"}  # each row says how many of its own texts nobody has read; the list itself is not counted
SKIPPING = re.compile(r"\bCOUNT\(|\bOFFSET (?!0\b)", re.IGNORECASE)  # OFFSET 0 skips nothing: see EachRowAsks

# Lists of which nobody in the matrix's world sees a row, or that hold the catalog and no rows (policies). A new list is
# filled there, or stands here and is counted by a test of its room.
UNFILLED = {
    "attendances/<uuid:pk>/moves/",
    "business-calendar/closures/",
    "business-calendar/weeks/",
    "checkups/",
    "clients/",  # read past the ORM: counted in tests/rooms/clients/test_list.py
    "combinations/history/",
    "consents/<uuid:pk>/recipients/",
    "consents/<uuid:pk>/steps/",
    "credential-overrides/",
    "decline-rules/history/",
    "episodes/<uuid:pk>/guidance/decisions/",
    "notes/counseling/<uuid:pk>/readings/",
    "notice-mails/",
    "offers/<uuid:pk>/skips/",
    "policies/",
    "policies/history/",
    "programs/<uuid:pk>/waitlist/",
    "waitlist-entries/<uuid:pk>/skips/",
    "waitlist-rules/",
}


def lists() -> set[str]:
    """Return the routes that answer pages, as the API describes itself."""
    found, document = set(), description()
    for path, operations in document["paths"].items():
        answer = operations.get("get", {}).get("responses", {}).get("200", {})
        shape = answer.get("content", {}).get("application/json", {}).get("schema", {})
        shape = document["components"]["schemas"].get(shape.get("$ref", "").rpartition("/")[2], shape)
        if {"results", "next"} <= shape.get("properties", {}).keys():
            found.add(path.removeprefix("/api/v1/").replace("{id}", "<uuid:pk>"))
    return found


@contextmanager
def multiplied(rows: int, *, limit: int = MOST) -> Iterator[list[int]]:
    """Let each page that is read hold so many rows; tell how many pages were."""
    fetch, pages = QuerySet._fetch_all, []

    def fetch_more(self: Any) -> None:
        if self._result_cache is None and self.query.high_mark == limit + 1:
            self._result_cache = list(self._iterable_class(self))
            if self._result_cache:
                pages.append(rows)
                self._result_cache = [_another(row) for row in islice(cycle(self._result_cache), rows)]
        fetch(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(QuerySet, "_fetch_all", fetch_more)
        yield pages


def _another(row: Any) -> Any:
    return copy.copy(row) if isinstance(row, Model) else row


def statements(ask: Any) -> list[str]:
    """Return the SQL of what a request does."""
    seen: list[str] = []

    def note(execute: Any, sql: str, *rest: Any) -> Any:
        seen.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        answer = ask()
    assert answer.status_code == 200, answer.content
    return seen


@pytest.mark.timeout(400)
def test_every_list_costs_the_same_for_a_hundred_rows_as_for_one(cast, api) -> None:
    """P7, P8."""
    found = sorted(lists())
    world = settle(cast, api)
    bodies = Bodies(world)
    screens = {name: api(actor) for name, actor in actors(cast).items()}
    letters = {route: line for lines in rooms().values() for method, route, line in lines if method == "get"}
    wrong: list[str] = []
    unfilled = set()

    for route in found:
        seeing = next(
            (web for web, letter in zip(screens.values(), letters[route], strict=True) if letter == "y"), None
        )
        path = (
            world.path(route)
            + (f"{bodies.query(route)}&" if bodies.query(route) else "?")
            + f"limit={LIMITS.get(route, MOST)}"
        )
        counts = {} if seeing is None else _counts(seeing, path, route, wrong)
        if not counts:
            unfilled.add(route)
        elif len(set(counts.values())) > 1:
            wrong.append(f"{route} takes {counts} statements for so many rows")

    assert not wrong, "\n".join(wrong)
    assert unfilled == UNFILLED, " ".join(sorted(unfilled))


def _counts(web: Any, path: str, route: str, wrong: list[str]) -> dict[int, int]:
    """Return how many statements a list takes by its rows, none when it holds no row."""
    counts, limit = {}, LIMITS.get(route, MOST)
    for rows in (1, 10, limit):
        with multiplied(rows, limit=limit) as pages:
            seen = statements(lambda: web.get(path))
        if not pages:
            return {}
        counts[rows] = len(seen)
        wrong += [
            f"{route} counts or skips: {sql[:200]}" for sql in seen if SKIPPING.search(sql) and route not in COUNTING
        ]
    return counts


def test_a_statement_for_each_row_would_be_seen(cast) -> None:
    """The way of counting is not blind: a client looked up row by row shows."""
    episodes.episode(people.client(cast.north))

    def name_each() -> None:
        for episode in Episode.objects.all()[: MOST + 1]:
            assert episode.client.family_name

    with multiplied(10) as pages, CaptureQueriesContext(connection) as seen:
        name_each()

    assert pages == [10]
    assert len(seen) == 11

"""Every list of the API has indexes that serve it: no page needs to read a table that grows, or to sort one (P6, P7).

With sequential scans and sorts forbidden, PostgreSQL still uses one where nothing else leads to the answer, and marks
it. What is marked has no index. That is so for ten rows as for ten million.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.db import connection

from casemgmt.clients.models import Client

from .bodies import Bodies
from .rooms import rooms
from .test_lists import LIMITS, MOST, lists
from .world import actors, settle

WAYS = ("seqscan", "sort", "incremental_sort", "bitmapscan")
FORBIDDEN = "".join(f"SET enable_{way} = off;" for way in WAYS)
ALLOWED = "".join(f"RESET enable_{way};" for way in WAYS)

# Sorted although no index has that order, because there are never many.
SHORT = {
    ("clients/", "u0_1.expires_at DESC"),  # the broken glass of one person at one client
    ("directory/hsds/", '"position", id'),  # the hours and sites of one program
    ("programs/", '"position", id'),  # the same
    ("residences/<uuid:pk>/beds/", "places_bed.room, places_bed.name, places_bed.id"),  # the beds of a house
    (
        "returns-to-use/<uuid:pk>/reviews/",
        "chart_returntousereview.recorded_at DESC, chart_returntousereview.id DESC",
    ),  # a review and its amendments
}


@contextmanager
def judged(found: list[tuple[str, dict[str, Any]]]) -> Iterator[None]:
    """Collect the plans of what is read."""

    def explain(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith(("SELECT", "WITH")) and "FOR UPDATE" not in sql and "FOR NO KEY" not in sql:
            with psycopg.ClientCursor(connection.connection) as cursor:
                cursor.execute(FORBIDDEN)
                cursor.execute("EXPLAIN (FORMAT JSON) " + sql, params)
                (plan,) = cursor.fetchone()
                cursor.execute(ALLOWED)
            found.append((sql, plan[0]["Plan"]))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        yield


def marked(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Give the nodes that were forbidden and used."""
    if plan.get("Disabled"):
        yield plan
    for part in plan.get("Plans", []):
        yield from marked(part)


@pytest.mark.timeout(600)
def test_every_list_has_the_indexes_it_needs(cast, api) -> None:
    world = settle(cast, api)
    bodies = Bodies(world)
    screens = {name: api(actor) for name, actor in actors(cast).items()}
    letters = {route: line for lines in rooms().values() for method, route, line in lines if method == "get"}
    wrong, seen = [], set()
    for route in sorted(lists()):
        seeing = next((w for w, letter in zip(screens.values(), letters[route], strict=True) if letter == "y"), None)
        if seeing is None:
            continue
        query = f"{bodies.query(route)}&" if bodies.query(route) else "?"
        found: list[tuple[str, dict[str, Any]]] = []
        with judged(found):
            assert seeing.get(world.path(route) + query + f"limit={LIMITS.get(route, MOST)}").status_code == 200
        seen.add(route)
        for sql, plan in found:
            for node in marked(plan):
                what = node.get("Relation Name") or ", ".join(node.get("Sort Key", ()))
                if (route, what) not in SHORT:
                    wrong.append(f"{route}: {node['Node Type']} of {what}: {sql[:400]}")

    assert not wrong, "\n".join(wrong)
    assert len(seen) > len(lists()) / 2


def test_a_list_without_an_index_would_be_seen(cast) -> None:
    found: list[tuple[str, dict[str, Any]]] = []

    with judged(found):
        list(Client.objects.order_by("city")[:10])
        list(Client.objects.filter(city="Chicago")[:10])

    assert [[node["Node Type"] for node in marked(plan)] for _, plan in found] == [["Sort", "Seq Scan"], ["Seq Scan"]]

"""Asking one operation as one actor, and saying in a letter how it ended."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.urls import URLPattern, URLResolver, get_resolver

from casemgmt.audit.models import AuditEvent
from casemgmt.clients.models import Client
from tests.web import Web

from .bodies import Bodies
from .world import World

METHODS = ("get", "post", "patch", "put", "delete")
REFUSED = {401: "u", 403: "f", 404: "h"}
ID = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

# Written whether or not somebody is let in: the trail, counts of guesses, when a key was last used, kept answers.
NOTED = ("audit_auditevent", "accounts_guesscount", "accounts_apitoken", "api_idempotencykey")
TABLES = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY relname"


@dataclass(frozen=True)
class Heard:
    """How an operation ended: its letter and body, whether a refusal changed any row, and what the trail says of it."""

    letter: str
    body: bytes
    changed: bool
    refusals: int
    unseen: frozenset[UUID]  # clients whom the answer names and the trail does not


def operations() -> dict[tuple[str, str], Any]:
    """Return every (method, route) below /api/v1/ that some view answers, from the resolver."""
    found = {}
    for route, pattern in _walk(get_resolver(), ""):
        view = getattr(pattern.callback, "view_class", None)
        if route.startswith("api/v1/") and view is not None:
            allowed = [name for name in METHODS if hasattr(view, name) and name in view.http_method_names]
            found |= {(name, route.removeprefix("api/v1/")): view for name in allowed}
    return found


def _walk(resolver: URLResolver, prefix: str) -> list[tuple[str, URLPattern]]:
    found: list[tuple[str, URLPattern]] = []
    for each in resolver.url_patterns:
        path = prefix + str(each.pattern)
        found += _walk(each, path) if isinstance(each, URLResolver) else [(path, each)]
    return found


class Asker:
    """Asks, and takes back what was changed."""

    def __init__(self, world: World) -> None:
        self.world, self.bodies = world, Bodies(world)
        with connection.cursor() as cursor:
            cursor.execute(TABLES)
            tables = [name for (name,) in cursor.fetchall() if name not in NOTED]
        parts = (f"SELECT '{name}', count(*), max(xmin::text::bigint) FROM {name}" for name in tables)
        self.state = " UNION ALL ".join(parts)
        self.before = self._look()
        self.refusals = AuditEvent.objects.filter(outcome="refused").count()
        self.clients = frozenset(Client.objects.values_list("id", flat=True))

    def ask(self, web: Web, method: str, route: str, *, absent: bool = False) -> Heard:
        """Return how one operation ended, which leaves nothing behind. `absent`: for a row that does not exist."""
        path = self.world.path(route, absent=absent)
        place, told = transaction.savepoint(), _newest()
        if method in ("get", "delete"):
            answer = getattr(web, method)(path + (self.bodies.query(route) if method == "get" else ""))
        else:
            answer = getattr(web, method)(path, self.bodies.body(method, route), If_Match='"1"')
        letter = letter_of(answer)
        changed = method != "get" and letter in REFUSED.values() and self._look() != self.before
        refusals = AuditEvent.objects.filter(outcome="refused").count() - self.refusals
        unseen = self._named(answer.content) - _on_record(told) if letter == "y" else frozenset()
        transaction.savepoint_rollback(place)
        return Heard(letter, answer.content, changed, refusals, unseen)

    def _named(self, body: bytes) -> frozenset[UUID]:
        return frozenset(UUID(each.decode()) for each in ID.findall(body)) & self.clients

    def _look(self) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(self.state)
            return list(cursor.fetchall())


def _newest() -> int:
    return AuditEvent.objects.order_by("-id").values_list("id", flat=True).first() or 0


def _on_record(since: int) -> frozenset[UUID]:
    rows: Iterable[list[UUID]] = AuditEvent.objects.filter(id__gt=since).values_list("client_ids", flat=True)
    return frozenset(each for row in rows for each in row)


def letter_of(answer: Any) -> str:
    """Return y (done or shown), e (an empty list), f (403), h (404), u (401), or o: let in, refused for a reason."""
    if answer.status_code < 300:
        told = answer.json() if answer.content and "json" in answer["Content-Type"] else {}
        return "e" if isinstance(told, dict) and told.get("results") == [] else "y"
    assert answer.status_code < 500, answer.content
    return REFUSED.get(answer.status_code, "o")

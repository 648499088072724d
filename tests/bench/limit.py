"""The limit: the same rows by raw psycopg behind a bare WSGI function, with statements that the connection keeps."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import dict_row

from casemgmt.kernel.ids import new_id

from .asking import ask, timed

LOGIN = """
SELECT t.user_id, t.organization_id FROM accounts_apitoken t WHERE t.digest = %s AND t.revoked_at IS NULL
  AND t.expires_at > now()
"""
CLIENTS = """
SELECT c.id, c.organization_id, c.given_name, c.family_name, c.birth_date, c.language, c.residence_state, c.city,
  c.timezone, c.deceased, c.deceased_on, c.source_system, c.source_id, c.version
FROM clients_client c WHERE c.organization_id = %s AND EXISTS (
  SELECT FROM access_grant g WHERE g.client_id = c.id AND g.organization_id = %s AND g.revoked_at IS NULL
    AND g.scope = 'record' AND (g.user_id IS NULL OR g.user_id = %s))
ORDER BY c.family_name, c.given_name, c.id LIMIT 51
"""
POINTS = """
SELECT client_id, id, kind, value, status, preferred, ended_at, version FROM clients_contactpoint
WHERE client_id = ANY (%s) AND ended_at IS NULL
"""
LOCK = """
SELECT e.stage, e.version, e.client_id FROM episodes_episode e WHERE e.id = %s AND EXISTS (
  SELECT FROM access_grant g WHERE g.client_id = e.client_id AND g.organization_id = %s AND g.revoked_at IS NULL
    AND g.scope = 'record' AND (g.user_id IS NULL OR g.user_id = %s)) FOR NO KEY UPDATE
"""
MOVE = """
UPDATE episodes_episode SET stage = 'on_hold', held_stage = %s, version = version + 1, updated_at = now() WHERE id = %s
"""
ROW = """
INSERT INTO episodes_stagemove (verb, rule, from_stage, to_stage, enters, direction, effective_at, actor_kind, actor_id,
  actor_roles, reason, given, facts, request_id, episode_id, definition, on_behalf_of)
VALUES ('hold', 'T11', %s, 'on_hold', 'on_hold', '', now(), 'staff', %s, '{}', 'Away', '{}', '{}', '', %s, '', '')
RETURNING seq, at
"""
AUDIT = """
INSERT INTO audit_auditevent (actor_kind, actor_id, actor_name, roles, organization_id, action, object_type, object_id,
  client_ids, outcome, reason_code, request_id)
VALUES ('staff', %s, '', '{}', %s, 'episode.held', 'episode', %s, ARRAY[%s]::uuid[], 'ok', '', '')
"""
OUTBOX = """
INSERT INTO outbox_outboxevent (id, topic, subject_id, client_id, organization_id, payload, actor_kind, actor_id,
  attempts, done_at, last_error) VALUES (%s, 'bench.held', %s, %s, %s, '{}', 'staff', %s, 0, now(), '')
"""


class Contestant:
    """Answers the same two requests as the others."""

    def __init__(self) -> None:
        self.connection = psycopg.connect(
            os.environ["DATABASE_URL"], options="-c casemgmt.actor_kind=system", row_factory=dict_row, autocommit=True
        )
        self.connection.prepare_threshold = 1
        self.key = f"Bearer {os.environ['BENCH_TOKEN']}"

    def list(self, times: int, limit: int = 50) -> list[float]:
        """Return the seconds of each list of 50 clients."""
        return [timed(lambda: ask(self.serve, "GET", "/clients", key=self.key)) for _ in range(times)]

    def move(self, episodes: list[str]) -> list[float]:
        """Return the seconds of each move."""
        return [timed(lambda one=one: ask(self.serve, "POST", f"/move/{one}", key=self.key)) for one in episodes]

    def serve(self, environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
        """The bare WSGI function."""
        digest = hashlib.sha256(environ["HTTP_AUTHORIZATION"].split()[1].encode()).hexdigest()
        who = self.connection.execute(LOGIN, [digest]).fetchone()
        assert who is not None
        move = environ["PATH_INFO"].startswith("/move/")
        told = self._move(UUID(environ["PATH_INFO"][6:]), who) if move else self._clients(who)
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps(told, default=str).encode()]

    def _clients(self, who: dict[str, UUID]) -> dict[str, Any]:
        organization = who["organization_id"]
        found = self.connection.execute(CLIENTS, [organization, organization, who["user_id"]]).fetchall()[:50]
        by_client: dict[UUID, list[dict[str, Any]]] = {row["id"]: [] for row in found}
        for point in self.connection.execute(POINTS, [list(by_client)]):
            by_client[point.pop("client_id")].append(point)
        for row in found:
            row["contact_points"] = by_client[row["id"]]
        return {"results": found, "next": str(found[-1]["id"])}

    def _move(self, episode: UUID, who: dict[str, UUID]) -> dict[str, Any]:
        user, organization = who["user_id"], who["organization_id"]
        with self.connection.transaction():
            there = self.connection.execute(LOCK, [episode, organization, user]).fetchone()
            assert there is not None
            self.connection.execute(MOVE, [there["stage"], episode])
            row = self.connection.execute(ROW, [there["stage"], user, episode]).fetchone()
            assert row is not None
            self.connection.execute(AUDIT, [user, organization, episode, there["client_id"]])
            self.connection.execute(OUTBOX, [new_id(), episode, there["client_id"], organization, user])
        return {**row, "from_stage": there["stage"], "to_stage": "on_hold"}

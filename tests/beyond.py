"""One row of any kind, made past all promises by a superuser, in a transaction that is never committed.

For tests that ask PostgreSQL by SQL of their own what it shows and takes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

import psycopg
from django.db import connections
from psycopg.errors import InsufficientPrivilege

from casemgmt.walls import WALLED

COLUMNS = """
SELECT column_name, udt_name FROM information_schema.columns
WHERE table_name = %s AND is_generated = 'NEVER' AND (is_nullable = 'NO' OR column_name = ANY (%s))
"""
KEY = """
SELECT a.attname FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
WHERE c.conrelid = %s::regclass AND c.contype = 'p'
"""
CHECKS = "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'c'"
SAMPLES = {
    "text": "x",
    "varchar": "x",
    "int2": 1,
    "int4": 1,
    "int8": 1,
    "bool": False,
    "jsonb": "{}",
    "timestamptz": "2026-01-05T12:00:00Z",
    "date": "2026-01-05",
    "time": "12:00",
    "numeric": 1,
    "float8": 1,
    "inet": "192.0.2.1",
    "interval": "1 hour",
    "bytea": b"x",
}
TELL = """
SELECT set_config('casemgmt.actor_kind', %s, true), set_config('casemgmt.organization', %s, true),
       set_config('casemgmt.user', %s, true)
"""


class Beyond:
    """A superuser's transaction in the test database that makes rows, and then acts as the application's role."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection
        self.client, self.home, self.other, self.person = uuid4(), uuid4(), uuid4(), uuid4()
        connection.execute("SET LOCAL session_replication_role = replica")

    def row(self, table: str, **more: Any) -> tuple[str, Any, dict[str, Any]]:
        """Make a row of the client at home, with the rows it belongs to; return its key's column, key and values."""
        rules = WALLED.get(table, {})
        given: dict[str, Any] = {**more}
        if rules.get("client"):
            given[rules["client"]] = self.client
        if rules.get("own"):
            given[rules["own"]] = self.home
        if rules.get("author"):
            given[rules["author"]] = self.person
        if "parent" in rules and rules["parent"][1] not in given:
            given[rules["parent"][1]] = self.row(rules["parent"][0])[1]
        return self._insert(table, given)

    def grant(self, organization: UUID, **fields: Any) -> None:
        given = {"client_id": self.client, "organization_id": organization, "scope": "record", "reason": "care"}
        self._insert("access_grant", {**given, **fields})

    def _insert(self, table: str, given: dict[str, Any]) -> tuple[str, Any, dict[str, Any]]:
        for (check,) in self.connection.execute(CHECKS, [table]).fetchall():
            self.connection.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{check}"')
        values = {}
        for name, kind in self.connection.execute(COLUMNS, [table, list(given)]).fetchall():
            fresh = uuid4() if kind == "uuid" else "{}" if kind.startswith("_") else SAMPLES[kind]
            values[name] = given.get(name, fresh)
        (key,) = self.connection.execute(KEY, [table]).fetchone() or ("",)
        self.connection.execute(*insert(table, values))
        return key, values[key], values

    def act(self, kind: str, organization: UUID | str = "", user: UUID | str = "") -> None:
        self.connection.execute("SET LOCAL ROLE casemgmt_app")
        self.connection.execute(TELL, [kind, str(organization), str(user)])

    def sees(self, table: str, key: str, value: Any) -> int:
        rows = self.connection.execute(f"SELECT count(*) FROM {table} WHERE {key} = %s", [value]).fetchone()
        assert rows is not None
        return int(rows[0])

    def writes(self, statement: str, values: list[Any]) -> int:
        """Return how many rows a statement writes; 0 also when it is refused."""
        try:
            with self.connection.transaction():
                return self.connection.execute(statement, values).rowcount
        except InsufficientPrivilege:
            return 0


def insert(table: str, values: dict[str, Any]) -> tuple[str, list[Any]]:
    names, marks = ", ".join(f'"{name}"' for name in values), ", ".join(["%s"] * len(values))
    return f"INSERT INTO {table} ({names}) OVERRIDING SYSTEM VALUE VALUES ({marks})", list(values.values())


@contextmanager
def beyond() -> Iterator[Beyond]:
    """Give a superuser's transaction, and take back what it did."""
    server = connections["default"].settings_dict
    address = {"host": server["HOST"], "dbname": server["NAME"], "user": "postgres"}
    with psycopg.connect(**address) as connection:
        yield Beyond(connection)
        connection.rollback()

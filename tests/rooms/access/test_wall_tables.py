"""Every walled table, asked by raw SQL as the application's role: rows of others can be neither seen nor written.

One row of each kind is made past all promises by a superuser, in a transaction that is never committed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from django.db import connections
from psycopg.errors import InsufficientPrivilege

from casemgmt.walls import WALLED

COLUMNS = """
SELECT column_name, udt_name FROM information_schema.columns
WHERE table_name = %s AND is_generated = 'NEVER' AND (is_nullable = 'NO' OR column_name = ANY (%s))
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

    def row(self, table: str) -> tuple[str, Any, dict[str, Any]]:
        """Make a row of the client at home, with the rows it belongs to; return its key's column, key and values."""
        rules = WALLED[table]
        given: dict[str, Any] = {}
        if rules.get("client"):
            given[rules["client"]] = self.client
        if rules.get("own"):
            given[rules["own"]] = self.home
        if rules.get("author"):
            given[rules["author"]] = self.person
        if "parent" in rules:
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
        key = "seq" if "id" not in values else "id"
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


@pytest.fixture
def beyond(django_db_setup: None, django_db_blocker: Any) -> Iterator[Beyond]:
    server = connections["default"].settings_dict
    address = {"host": server["HOST"], "dbname": server["NAME"], "user": "postgres"}
    with psycopg.connect(**address) as connection:
        yield Beyond(connection)
        connection.rollback()


BY_GRANT = [table for table, rules in WALLED.items() if rules.get("client") or "parent" in rules]
HIDDEN = [table for table, rules in WALLED.items() if not rules]


@pytest.mark.parametrize("table", WALLED)
def test_nobody_and_another_organization_see_and_write_nothing(beyond, table) -> None:
    """S6, P2-41: neither a row, nor a change, nor whether a key is taken."""
    key, value, values = beyond.row(table)
    for who in (("",), ("anonymous",), ("staff",), ("staff", beyond.other, beyond.person)):
        beyond.act(*who)

        assert beyond.sees(table, key, value) == 0
        assert beyond.writes(*insert(table, values)) == 0
        assert beyond.writes(f"UPDATE {table} SET {key} = {key} WHERE {key} = %s", [value]) == 0
        assert beyond.writes(f"DELETE FROM {table} WHERE {key} = %s", [value]) == 0
    beyond.act("system")
    assert beyond.sees(table, key, value) == 1


@pytest.mark.parametrize("table", BY_GRANT)
def test_a_live_grant_opens_the_row_and_its_end_closes_it_at_the_next_statement(beyond, table) -> None:
    """S6, P2-41: revoked, expired, and given to somebody else are as good as none."""
    key, value, _ = beyond.row(table)
    beyond.grant(beyond.other)
    beyond.act("staff", beyond.other, beyond.person)
    assert beyond.sees(table, key, value) == 1
    for ended in ("revoked_at = now()", "expires_at = now()", f"user_id = '{uuid4()}'", "scope = 'packet'"):
        if ended.startswith("scope") and WALLED[table].get("packet") == "*":
            continue
        beyond.connection.execute("RESET ROLE")
        beyond.connection.execute("UPDATE access_grant SET revoked_at = NULL, expires_at = NULL, user_id = NULL")
        beyond.connection.execute(f"UPDATE access_grant SET {ended}")
        beyond.act("staff", beyond.other, beyond.person)

        assert beyond.sees(table, key, value) == 0


@pytest.mark.parametrize("table", HIDDEN)
def test_tables_for_machines_show_staff_nothing(beyond, table) -> None:
    """S6: facts on their way, and what carriers told us."""
    key, value, _ = beyond.row(table)
    beyond.act("staff", beyond.home, beyond.person)

    assert beyond.sees(table, key, value) == 0


def test_a_packets_grant_opens_its_referral_and_whom_it_is_about(beyond) -> None:
    """REF-04: not the record, and not another referral of the client."""
    rows = {table: beyond.row(table)[:2] for table in ("clients_client", "episodes_episode", "consent_consent")}
    _, sent, _ = beyond.row("referrals_referral")
    _, another, _ = beyond.row("referrals_referral")
    beyond.grant(beyond.other, scope="packet", source_id=sent)
    beyond.act("staff", beyond.other, beyond.person)

    assert beyond.sees("referrals_referral", "id", sent) == 1
    assert beyond.sees("referrals_referral", "id", another) == 0
    assert {table: beyond.sees(table, *row) for table, row in rows.items()} == {
        "clients_client": 1,
        "episodes_episode": 0,
        "consent_consent": 0,
    }


def test_staff_give_no_grant_for_a_client_they_do_not_see_and_take_none_back(beyond) -> None:
    """S6: the key to the wall is behind the wall; the organization that registers a client gives itself the first."""
    beyond.row("clients_client")
    beyond.grant(beyond.home)
    given = {"client_id": beyond.client, "organization_id": beyond.other, "scope": "record", "reason": "care"}
    columns = {"id": uuid4(), "version": 1, **given}
    beyond.act("staff", beyond.other, beyond.person)
    assert beyond.writes(*insert("access_grant", columns)) == 0
    assert beyond.sees("access_grant", "client_id", beyond.client) == 0

    beyond.act("staff", beyond.home, beyond.person)
    assert beyond.writes("UPDATE access_grant SET expires_at = NULL WHERE client_id = %s", [beyond.client]) == 0
    assert beyond.writes("DELETE FROM access_grant WHERE client_id = %s", [beyond.client]) == 0
    own = {**columns, "organization_id": beyond.home, "user_id": beyond.person}
    assert beyond.writes(*insert("access_grant", own)) == 1

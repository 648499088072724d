"""Mutants of the database: row policies and triggers, taken away for a moment."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connections

from casemgmt.kernel.promises import MACHINE, visible_rows
from casemgmt.walls import GRANTS, WALLED

POLICIES = """
SELECT tablename, policyname, qual, with_check FROM pg_policies WHERE schemaname = 'public' ORDER BY 1, 2
"""
TRIGGERS = """
SELECT c.relname, t.tgname, pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE NOT t.tgisinternal AND c.relnamespace = 'public'::regnamespace ORDER BY 1, 2
"""
# What a grant must be to open a row: each is one mutant of each table that grants open. That it is one's organization's
# is not among them: policies see grants through the wall of grants, which shows no others (a mutant of its own).
CONJUNCTS = {
    "of this client": r"g\.client_id = \S+ AND ",
    "not revoked": r"\s+AND g\.revoked_at IS NULL",
    "for whom it was given": r" AND \(g\.user_id IS NULL OR g\.user_id = \(SELECT nullif.*?::uuid\)\)",
    "not expired": r"\s+AND \(g\.expires_at IS NULL OR g\.expires_at > casemgmt_now\(\)\)",
    "of the record": r" AND g\.scope = 'record'",
    "of the record or this packet": r" AND \(g\.scope = 'record' OR g\.source_id = [^)]*\)",
    "not through broken glass": r" AND g\.reason <> 'break_glass'",
}
BY_AUTHOR = r" AND \w+\.author_id = \(SELECT nullif.*?::uuid\)"


@dataclass(frozen=True)
class Wall:
    """One change of the database, and how it is undone."""

    table: str
    name: str
    what: str
    change: str
    undo: str

    def __str__(self) -> str:
        return f"{self.table}: {self.name}: {self.what}"


def walls() -> list[Wall]:
    """Return every mutant of the migrated database."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(POLICIES)
        policies = cursor.fetchall()
        cursor.execute(TRIGGERS)
        triggers = cursor.fetchall()
    found = [each for row in policies for each in _policy(*row)]
    found += [each for table in WALLED for each in _narrower(table)]
    for table, name, definition in triggers:
        found.append(Wall(table, name, "trigger dropped", f'DROP TRIGGER "{name}" ON {table}', definition))
    return found


def _policy(table: str, name: str, qual: str | None, check: str | None) -> Iterator[Wall]:
    """Each expression of a policy made true."""
    for word, text in (("USING", qual), ("WITH CHECK", check)):
        if text is not None:
            alter = f"ALTER POLICY {name} ON {table} {word}"
            yield Wall(table, name, f"{word} made true", f"{alter} (true)", f"{alter} ({text})")


def _narrower(table: str) -> Iterator[Wall]:
    """Each condition of a live grant, and of an author, dropped from a table's policy."""
    rows = visible_rows(table, **WALLED[table])
    alter = f"ALTER POLICY {table}_wall ON {table} USING"
    undo = f"{alter} ((SELECT {MACHINE}){rows})"
    for what, pattern in {**CONJUNCTS, "of the author": BY_AUTHOR}.items():
        mutated = re.sub(pattern, "", rows, count=1, flags=re.DOTALL)
        if mutated != rows:
            yield Wall(table, f"{table}_wall", f"{what}: dropped", f"{alter} ((SELECT {MACHINE}){mutated})", undo)


@contextmanager
def without(wall: Wall) -> Iterator[None]:
    """Let the database be without this wall."""
    _execute(wall.change)
    try:
        yield
    finally:
        _execute(wall.undo)


@contextmanager
def lifted() -> Iterator[None]:
    """Let no row policy be in force, so that code must stand alone."""
    tables = (*WALLED, GRANTS)
    _execute(";".join(f"ALTER TABLE {each} DISABLE ROW LEVEL SECURITY" for each in tables))
    try:
        yield
    finally:
        _execute(";".join(f"ALTER TABLE {each} ENABLE ROW LEVEL SECURITY" for each in tables))


def _execute(statement: str) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(statement)
    connections["owner"].close()

"""What tests do to the database behind the product's back: empty it, and move its clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime

import psycopg
from django.db import connection, connections

# Filled by migrations, not by tests.
REFERENCE_TABLES = ("django_migrations", "django_content_type", "auth_permission")

TABLES = """
SELECT c.relname, EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal)
FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND c.relname <> ALL (%s)
"""


def empty_all_tables() -> None:
    """Truncate every table but the reference data, as their owner, past the triggers that forbid it."""
    connections["default"].close()  # an open transaction would hold its locks
    with connections["owner"].cursor() as cursor:
        cursor.execute(TABLES, [list(REFERENCE_TABLES)])
        tables = {f'"{name}"': has_triggers for name, has_triggers in cursor.fetchall()}
        if not tables:
            return
        guarded = [table for table, has_triggers in tables.items() if has_triggers]
        off = "".join(f"ALTER TABLE {table} DISABLE TRIGGER USER;" for table in guarded)
        on = "".join(f"ALTER TABLE {table} ENABLE TRIGGER USER;" for table in guarded)
        cursor.execute(f"BEGIN;{off} TRUNCATE {', '.join(tables)} RESTART IDENTITY; {on} COMMIT;")


def arrange_as_machine() -> None:
    """Let what tests do by themselves see every row. What the product does tells PostgreSQL who acts, by itself."""
    options = connections["default"].settings_dict["OPTIONS"]
    options["options"] += " -c casemgmt.actor_kind=system"


@contextmanager
def traveling() -> Iterator[Callable[[datetime], None]]:
    """Give a function that sets the database's clock, for this connection and those that threads open later."""
    settings = connection.settings_dict["OPTIONS"]
    before = settings["options"]

    def to(moment: datetime) -> None:
        assert moment.tzinfo is not None, "travel to an aware moment"
        with connection.cursor() as cursor:
            cursor.execute("SELECT extract(epoch FROM %s - now())", [moment])
            seconds = float(cursor.fetchone()[0])
            cursor.execute("SELECT set_config('casemgmt.clock_offset', %s, false)", [str(seconds)])
        settings["options"] = f"{before} -c casemgmt.clock_offset={seconds}"

    try:
        yield to
    finally:
        settings["options"] = before
        with suppress(psycopg.Error):  # a failed or closed transaction took the setting with it
            if connection.connection is not None:
                connection.connection.execute("RESET casemgmt.clock_offset")

"""Nobody changes the trail: not the application, not by ORM, not by SQL, not its owner (HIP-02, F24)."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, connections, transaction

from casemgmt.audit.models import AuditEvent
from casemgmt.audit.record import record
from casemgmt.kernel.actor import Actor

LEDGERS = ["audit_auditevent", "episodes_stagemove"]


@pytest.mark.parametrize("table", LEDGERS)
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {} SET request_id = 'x'",
        "DELETE FROM {}",
        "TRUNCATE {} CASCADE",
        "ALTER TABLE {} DISABLE TRIGGER ALL",
        "DROP TABLE {} CASCADE",
    ],
)
def test_the_application_may_not(db, table, statement) -> None:
    record("test.done", actor=Actor.system("test"), object_type="test")

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table))

    assert AuditEvent.objects.filter(action="test.done", request_id="").count() == 1


@pytest.mark.parametrize("setting", ["session_replication_role = replica", "ROLE casemgmt_owner"])
def test_the_application_may_not_get_around_it(db, setting) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL {setting}")


@pytest.mark.parametrize("table", LEDGERS)
@pytest.mark.parametrize("statement", ["UPDATE {} SET request_id = 'x'", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_their_owner_may_not_either(committed_db, table, statement) -> None:
    with pytest.raises(DatabaseError, match="append-only"), connections["owner"].cursor() as cursor:
        cursor.execute(statement.format(table))

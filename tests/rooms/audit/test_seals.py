"""HIP-02, S7: the sealed trail shows every kind of tampering; sealing waits for writers, they do not wait for it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, connections, transaction

from casemgmt.audit.models import AuditEvent, AuditSeal
from casemgmt.audit.record import record
from casemgmt.audit.sealing import first_tampered, seal_trail
from casemgmt.kernel.actor import Actor

SYSTEM = Actor.system("test")


def write(count: int) -> None:
    for number in range(count):
        record(f"test.{number}", actor=SYSTEM, object_type="test")


def as_intruder(statement: str) -> None:
    """Change the trail as somebody who owns the database and switches its triggers off."""
    with connections["owner"].cursor() as cursor:
        for table in ("audit_auditevent", "audit_auditseal"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(statement)
        for table in ("audit_auditevent", "audit_auditseal"):
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


@pytest.fixture
def sealed(committed_db) -> list[int]:
    """Six rows under two seals."""
    write(3)
    seal_trail()
    write(3)
    seal_trail()
    return list(AuditEvent.objects.order_by("id").values_list("id", flat=True))


def test_an_untouched_trail_is_whole(sealed) -> None:
    assert AuditSeal.objects.count() == 2
    assert first_tampered() is None
    out = StringIO()
    call_command("verify_audit", stdout=out)
    assert "2 seals" in out.getvalue()


def test_sealing_again_seals_nothing_twice(sealed) -> None:
    assert seal_trail() == 0
    assert AuditSeal.objects.count() == 2


TAMPERING: dict[str, Callable[[list[int]], str]] = {
    "a flipped byte": lambda ids: f"UPDATE audit_auditevent SET action = 'test.X' WHERE id = {ids[1]}",
    "a flipped byte under the last seal": lambda ids: (
        f"UPDATE audit_auditevent SET reason_code = 'x' WHERE id = {ids[5]}"
    ),
    "a deleted row": lambda ids: f"DELETE FROM audit_auditevent WHERE id = {ids[4]}",
    "two swapped rows": lambda ids: (
        f"UPDATE audit_auditevent SET action = CASE id WHEN {ids[0]} THEN 'test.1' ELSE 'test.0' END "
        f"WHERE id IN ({ids[0]}, {ids[1]})"
    ),
    "an inserted row": lambda ids: (
        "INSERT INTO audit_auditevent (id, at, actor_kind, actor_name, roles, action, object_type, client_ids, outcome,"
        f" reason_code, request_id) SELECT {ids[0] - 1}, at, actor_kind, actor_name, roles, action, object_type,"
        f" client_ids, outcome, reason_code, request_id FROM audit_auditevent WHERE id = {ids[0]}"
    ),
    "a cut end": lambda ids: f"DELETE FROM audit_auditevent WHERE id >= {ids[3]}",
    "a missing seal": lambda ids: "DELETE FROM audit_auditseal WHERE seq = 1",
    "a seal made over": lambda ids: "UPDATE audit_auditseal SET hash = repeat('a', 64) WHERE seq = 2",
}


@pytest.mark.parametrize("kind", TAMPERING)
def test_tampering_is_found_and_named(sealed, kind) -> None:
    as_intruder(TAMPERING[kind](sealed))

    found = first_tampered()

    assert found is not None
    assert found.seal == (
        1 if kind in ("a flipped byte", "two swapped rows", "an inserted row", "a missing seal") else 2
    )
    with pytest.raises(CommandError, match=f"seal {found.seal} "):
        call_command("verify_audit", stdout=StringIO())


def test_a_trail_cut_together_with_its_seals_is_found_by_a_seal_noted_elsewhere(sealed) -> None:
    noted = AuditSeal.objects.get(seq=2)
    as_intruder(f"DELETE FROM audit_auditevent WHERE id >= {sealed[3]}")
    as_intruder("DELETE FROM audit_auditseal WHERE seq = 2")
    assert first_tampered() is None

    found = first_tampered(anchor=(noted.seq, noted.hash))

    assert found is not None
    with pytest.raises(CommandError, match="noted elsewhere"):
        call_command("verify_audit", anchor=(noted.seq, noted.hash), stdout=StringIO())


def test_a_row_that_is_still_being_written_is_waited_for_and_never_appears_under_a_seal(committed_db) -> None:
    wrote, may_commit = threading.Event(), threading.Event()

    def slow_writer() -> None:
        try:
            with transaction.atomic():
                write(1)
                wrote.set()
                may_commit.wait(10)
        finally:
            connection.close()

    thread = threading.Thread(target=slow_writer)
    thread.start()
    wrote.wait(10)
    write(1)  # commits first, with the higher id
    assert seal_trail() == 0  # the lower id is still under way
    assert AuditSeal.objects.count() == 0
    may_commit.set()
    thread.join(10)

    assert seal_trail() == 2
    assert first_tampered() is None


def test_two_sealers_at_once_make_one_chain(committed_db) -> None:
    write(20)

    def sealing() -> None:
        try:
            seal_trail()
        finally:
            connection.close()

    threads = [threading.Thread(target=sealing) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert sum(AuditSeal.objects.values_list("count", flat=True)) == 20
    assert first_tampered() is None


@pytest.mark.parametrize("statement", ["UPDATE audit_auditseal SET count = 1", "DELETE FROM audit_auditseal"])
def test_the_application_may_not_touch_a_seal(sealed, statement) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)

    assert first_tampered() is None

"""Session logs of before are carried over whole: rows before and after the migrations that retire their table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connections, transaction
from django.db.migrations.executor import MigrationExecutor

from casemgmt.kernel.ids import new_id
from casemgmt.sessions.models import Attendance, AttendanceMove, ClinicalNote, ContactNote, PeerNote, Session
from tests.cast import gather
from tests.factories import episodes, people

BEFORE = [("programs", "0005_directory"), ("sessions", "0006_notes_promises")]
THEN = datetime(2026, 3, 2, 15, tzinfo=UTC)


def migrate(to: list[tuple[str, str]]) -> Any:
    """Bring the database to a state, as its owner; return the models of that state."""
    executor = MigrationExecutor(connections["owner"])
    executor.migrate(to)
    return MigrationExecutor(connections["owner"]).loader.project_state(to).apps


def today() -> list[tuple[str, str]]:
    """Return the last migration of every room: others depend on the one that is proven."""
    return MigrationExecutor(connections["owner"]).loader.graph.leaf_nodes()


@pytest.fixture
def before(committed_db):
    """Return the models as they were; afterwards the database is as it is today, whatever happened."""
    try:
        yield migrate(BEFORE)
    finally:
        migrate(today())


@pytest.mark.timeout(400)
def test_every_log_becomes_a_session_an_attendance_and_a_signed_note(before) -> None:
    """PEER-05: nothing that a log held is lost, and each keeps its id, which alerts and the trail name."""
    with transaction.atomic():
        cast = gather()
        client = people.client(cast.north)
        episode = episodes.episode(client)
    old, told = before.get_model("programs", "SessionLog").objects.using("owner"), {}
    for number, kind in enumerate(("peer", "clinical", "contact", "house")):
        begins = THEN + timedelta(days=number)
        worried = kind == "peer"
        told[kind] = {
            "id": new_id(),
            "client_id": client.id,
            "episode_id": episode.id if worried else None,
            "organization_id": cast.north.id,
            "staff_id": cast.peer.id,
            "kind": kind,
            "mode": "group" if kind == "house" else "phone",
            "started_at": begins,
            "ended_at": begins + timedelta(minutes=40),
            "minutes": 40,
            "summary": f"Talked, {kind}.",
            "distress": worried,
            "handoff_to_id": cast.therapist.id if worried else None,
            "handoff_method": "phone" if worried else "",
            "handoff_at": begins + timedelta(minutes=30) if worried else None,
            "late_reason": "Was ill.",
            "recorded_at": begins + timedelta(days=5),
        }
        old.create(**told[kind])

    migrate(today())

    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT to_regclass('programs_sessionlog'), to_regtype('programs_uuidrange')")
        assert cursor.fetchone() == (None, None)
    tables = {"peer": PeerNote, "clinical": ClinicalNote, "contact": ContactNote, "house": ContactNote}
    for kind, log in told.items():
        session, part = Session.objects.get(pk=log["id"]), Attendance.objects.get(pk=log["id"])
        note = tables[kind].objects.get(pk=log["id"])
        assert again(session, part, note) == log
        assert (session.stage, session.timezone) == ("held", cast.north.timezone)
        assert list(session.moves.order_by("seq").values_list("to_stage", flat=True)) == ["scheduled", "held"]
        assert AttendanceMove.objects.get(attendance=part).to_state == part.state == "attended"
        assert (note.line_id, note.session_id, note.signed_at) == (note.id, session.id, log["recorded_at"])
    assert Session.objects.count() == PeerNote.objects.count() + ClinicalNote.objects.count() + 2


def again(session: Session, part: Attendance, note: Any) -> dict[str, Any]:
    """Return what the log said, put together from what it became."""
    return {
        "id": session.id,
        "client_id": part.client_id,
        "episode_id": note.episode_id,
        "organization_id": session.organization_id,
        "staff_id": session.staff_id,
        "kind": session.discipline,
        "mode": "group" if session.format == "group" else session.mode,
        "started_at": session.starts_at,
        "ended_at": session.ends_at,
        "minutes": part.minutes,
        "summary": note.summary,
        "distress": note.distress,
        "handoff_to_id": note.handoff_to_id,
        "handoff_method": note.handoff_method,
        "handoff_at": note.handoff_at,
        "late_reason": note.late_reason,
        "recorded_at": note.created_at,
    }

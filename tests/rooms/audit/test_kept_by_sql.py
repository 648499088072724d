"""What PostgreSQL keeps of rows that were said, and of stages and their ledgers, asked by raw SQL past all code."""

from __future__ import annotations

from typing import Any

import pytest
from psycopg.errors import IntegrityConstraintViolation, RestrictViolation

THEN = "2026-01-05T12:00:00Z"
NOTES = ("sessions_peernote", "sessions_clinicalnote", "sessions_contactnote", "sessions_counselingnote")
# Table, what makes a row stay, and a column that then stays.
KEPT: list[tuple[str, dict[str, Any], str]] = [
    ("consent_restrictionrequest", {"decision": "agreed", "terminated_at": None}, "effective_from"),
    ("consent_restrictionrequest", {"decision": "pending", "terminated_at": THEN}, "version"),
    ("consent_consent", {"status": "active"}, "client_name"),
    ("disclosures_accountingrequest", {"delivered_at": THEN}, "version"),
    ("disclosures_emergencydisclosure", {"closed_at": THEN, "reviewed_at": None}, "created_at"),
    ("disclosures_emergencydisclosure", {"closed_at": None, "reviewed_at": THEN}, "version"),
    ("disclosures_oraldisclosure", {"statement_at": THEN}, "version"),
    *((note, {"signed_at": THEN, "cosigned_at": None}, "created_at") for note in NOTES),
    *((note, {"signed_at": THEN, "cosigned_at": THEN}, "version") for note in NOTES),
    ("sessions_credential", {}, "expires_on"),
    ("referrals_referral", {"packet_sha256": "x"}, "sent_at"),
    ("referrals_referral", {"packet_sha256": ""}, "organization_id"),
]
# A process, its ledger, and the ledger's column that names the process.
AGREE = [
    ("episodes_episode", "episodes_stagemove", "episode_id"),
    ("places_waitlistentry", "places_waitlistmove", "entry_id"),
    ("programs_enrollment", "programs_enrollmentmove", "enrollment_id"),
    ("referrals_referral", "referrals_referralmove", "referral_id"),
    ("safety_riskalert", "safety_alertmove", "alert_id"),
    ("sessions_session", "sessions_sessionmove", "session_id"),
]
OTHER = {
    "timestamptz": "2026-02-02T12:00:00Z",
    "uuid": "00000000-0000-4000-8000-000000000001",
    "date": "2026-02-02",
    "int4": 7,
}
KIND = "SELECT udt_name FROM information_schema.columns WHERE table_name = %s AND column_name = %s"
PROMISES = "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND tgname LIKE '%%_agrees_with_%%'"


def other(beyond: Any, table: str, column: str) -> Any:
    """Return a value that no row of these tests has in this column."""
    (kind,) = beyond.connection.execute(KIND, [table, column]).fetchone()
    return OTHER.get(kind, "other")


@pytest.mark.parametrize(("table", "said", "column"), KEPT)
def test_what_was_said_stays_as_it_was_said(beyond, table, said, column) -> None:
    """P2-18, P2-50, P2-55, P2-61, PEER-05, F4: whoever writes, and whatever the code believes."""
    key, value, _ = beyond.row(table, **said)
    beyond.connection.execute("SET LOCAL session_replication_role = origin")
    with pytest.raises(RestrictViolation):
        beyond.connection.execute(
            f"UPDATE {table} SET {column} = %s WHERE {key} = %s", [other(beyond, table, column), value]
        )


@pytest.mark.parametrize(("process", "ledger", "column"), AGREE)
def test_a_stage_that_its_ledger_does_not_tell_is_refused(beyond, process, ledger, column) -> None:
    """STG-12: from the side of the process."""
    key, value, _ = beyond.row(process)
    enforce(beyond, process)
    with pytest.raises(IntegrityConstraintViolation, match="disagrees with its ledger"):
        beyond.connection.execute(f"UPDATE {process} SET stage = 'other' WHERE {key} = %s", [value])


@pytest.mark.parametrize(("process", "ledger", "column"), AGREE)
def test_a_ledger_row_that_the_process_does_not_follow_is_refused(beyond, process, ledger, column) -> None:
    """STG-12: from the side of the ledger."""
    _, value, _ = beyond.row(process)
    enforce(beyond, ledger)
    with pytest.raises(IntegrityConstraintViolation, match="disagrees with its ledger"):
        beyond.row(ledger, **{column: value, "from_stage": "", "to_stage": "other"})


def enforce(beyond: Any, table: str) -> None:
    """Let a table's promise be judged at each statement, as it is at the commit."""
    beyond.connection.execute("SET LOCAL session_replication_role = origin")
    for (name,) in beyond.connection.execute(PROMISES, [table]).fetchall():
        beyond.connection.execute(f"SET CONSTRAINTS {name} IMMEDIATE")

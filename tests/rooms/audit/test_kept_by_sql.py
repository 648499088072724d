"""What PostgreSQL keeps of rows that were said, and of stages and their ledgers, asked by raw SQL past all code."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
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
    ("notifications_ownwording", {"ended_at": THEN}, "ended_by"),
    ("programs_placehold", {"ended_at": None}, "program_id"),
    ("programs_placehold", {"ended_at": THEN}, "version"),
    ("referrals_referrallink", {"ended_at": None}, "created_at"),
    ("referrals_referrallink", {"ended_at": THEN}, "version"),
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
PROMISES = "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND tgname LIKE %s AND tgconstraint <> 0"


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


def test_a_consent_to_text_that_its_ledger_does_not_tell_is_refused(beyond) -> None:
    """SMS-01: from both sides."""
    _, consent, _ = beyond.row("notifications_textingconsent", state="none")
    enforce(beyond, "notifications_textingconsent")
    enforce(beyond, "notifications_textingconsentevent")
    with refused(beyond, "disagrees with its ledger"):
        beyond.connection.execute("UPDATE notifications_textingconsent SET state = 'on' WHERE id = %s", [consent])
    with refused(beyond, "disagrees with its ledger"):
        beyond.row("notifications_textingconsentevent", consent_id=consent, state_after="on")


def test_a_waitlist_entry_that_its_offers_do_not_bear_out_is_refused(beyond) -> None:
    """F5: from both sides."""
    _, entry, _ = beyond.row("places_waitlistentry", stage="waiting")
    enforce(beyond, "places_waitlistentry", only="places_entry_agrees_with_offers")
    enforce(beyond, "places_offer")
    with refused(beyond, "disagrees with its offers"):
        beyond.connection.execute("UPDATE places_waitlistentry SET stage = 'offered' WHERE id = %s", [entry])
    with refused(beyond, "disagrees with its offers"):
        beyond.row("places_offer", entry_id=entry, outcome="open")


def test_a_residence_at_a_published_street_and_a_program_at_a_site_that_ended_are_refused(beyond) -> None:
    """§7: from the side of the site, of the program and of the link between them."""
    _, site, _ = beyond.row("programs_site", ended_at=None, street_published=True)
    _, program, _ = beyond.row("programs_program", kind="other")
    beyond.row("programs_program_sites", program_id=program, site_id=site)
    _, gone, _ = beyond.row("programs_site", ended_at=THEN, street_published=False)
    for name in ("programs_site", "programs_program", "programs_program_sites"):
        enforce(beyond, name, like="%_fits")
    for statement in (
        "UPDATE programs_site SET ended_at = now() WHERE id = %s",
        "UPDATE programs_program SET kind = 'sober_living' WHERE id = %s",
    ):
        with refused(beyond, "at a site that ended, or a residence at a published street"):
            beyond.connection.execute(statement, [site if "_site " in statement else program])
    with refused(beyond, "at a site that ended, or a residence at a published street"):
        beyond.row("programs_program_sites", id=2, program_id=program, site_id=gone)


@contextmanager
def refused(beyond: Any, words: str) -> Iterator[None]:
    """Expect that a promise refuses what is done inside, and go on as before it."""
    with pytest.raises(IntegrityConstraintViolation, match=words), beyond.connection.transaction():
        yield


def enforce(beyond: Any, table: str, *, only: str = "", like: str = "%_agrees_with_%") -> None:
    """Let a table's promises be judged at each statement, as they are at the commit."""
    beyond.connection.execute("SET LOCAL session_replication_role = origin")
    for (name,) in beyond.connection.execute(PROMISES, [table, only or like]).fetchall():
        beyond.connection.execute(f"SET CONSTRAINTS {name} IMMEDIATE")

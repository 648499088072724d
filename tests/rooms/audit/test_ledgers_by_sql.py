"""Every table whose rows stay, asked by raw SQL as its owner: no row is edited, taken out or emptied away (HIP-02)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import connections
from psycopg.errors import InsufficientPrivilege, RestrictViolation

# A row of these is never edited.
APPEND = """
audit_auditevent audit_auditseal calendars_businessweek calendars_closure chart_contactattempt
chart_continuingcareplan chart_iopreview chart_levelofcareassessment chart_returntouse chart_returntousereview
consent_consentrevocation consent_consentstep consent_disclosure consent_noticedelivery disclosures_emergencycontent
episodes_stagemove guidance_guidancedecision guidance_statement measures_instrumentlicenseacceptance
measures_instrumenttext measures_response notifications_attempt notifications_attemptoutcome
notifications_checkinpreference notifications_silencestep notifications_stafftext notifications_textingconsentevent
notifications_textreading notifications_wordingapproval places_offerskip places_waitlistmove places_waitlistrule
policies_policysetting programs_capacityreport programs_combinationrule programs_enrollmentmove programs_houseagreement
referrals_declinerule referrals_referralconfirmation referrals_referralmove referrals_referralsupplement
safety_alertmove safety_alertnote safety_alertpage sessions_attendancemove sessions_counselingreading
sessions_credentialoverride sessions_sessionmove
"""
# A row of these is filled in, and never taken out.
REMAIN = """
consent_restrictionrequest disclosures_accountingrequest disclosures_emergencydisclosure disclosures_oraldisclosure
notifications_ownwording programs_placehold referrals_referrallink sessions_clinicalnote sessions_contactnote
sessions_counselingnote sessions_credential sessions_peernote
"""
APPEND_ONLY, NEVER_REMOVED = APPEND.split(), REMAIN.split()
COLUMN = """
SELECT column_name FROM information_schema.columns
WHERE table_name = %s AND is_generated = 'NEVER' AND is_identity = 'NO' AND column_name <> 'id' LIMIT 1
"""
EDIT, REMOVE, EMPTY = 'UPDATE {0} SET "{1}" = "{1}"', "DELETE FROM {0}", "TRUNCATE {0} CASCADE"
STATEMENTS = [(table, each) for table in APPEND_ONLY for each in (EDIT, REMOVE, EMPTY)]
STATEMENTS += [(table, each) for table in NEVER_REMOVED for each in (REMOVE, EMPTY)]
LISTED = """
SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE t.tgname = c.relname || %s
"""


@pytest.fixture(scope="module")
def server(django_db_setup: None) -> dict[str, Any]:
    """Where the test database is."""
    settings = connections["owner"].settings_dict
    return {"host": settings["HOST"], "port": settings["PORT"] or None, "dbname": settings["NAME"]}


@pytest.fixture
def owner(server: dict[str, Any]) -> Iterator[psycopg.Connection[Any]]:
    """A transaction of the owner of the tables that is never committed."""
    with psycopg.connect(**server, user="casemgmt_owner") as connection:
        yield connection
        connection.rollback()


@pytest.fixture
def application(server: dict[str, Any]) -> Iterator[psycopg.Connection[Any]]:
    """A transaction of the application's role that is never committed."""
    with psycopg.connect(**server, user="casemgmt_app") as connection:
        yield connection
        connection.rollback()


def statement(connection: psycopg.Connection[Any], table: str, text: str) -> str:
    row = connection.execute(COLUMN, [table]).fetchone()
    assert row is not None
    return text.format(table, row[0])


@pytest.mark.parametrize(("table", "text"), STATEMENTS)
def test_not_even_their_owner_changes_what_was_written(owner, table, text) -> None:
    """HIP-02, F24: the statement is refused whether it meets a row or none; the refusal is of this table."""
    with pytest.raises(RestrictViolation, match=f"table {table} is append-only"):
        owner.execute(statement(owner, table, text))


@pytest.mark.parametrize(("table", "text"), [each for each in STATEMENTS if each[0] in APPEND_ONLY])
def test_the_application_has_no_right_to_change_them(application, table, text) -> None:
    """HIP-02: the second lock on the same door."""
    with pytest.raises(InsufficientPrivilege, match="permission denied"):
        application.execute(statement(application, table, text))


@pytest.mark.parametrize(("promise", "tables"), [("_append_only", APPEND_ONLY), ("_never_removed", NEVER_REMOVED)])
def test_the_lists_are_whole(owner, promise, tables) -> None:
    """A new table that makes the promise without a line here fails."""
    assert sorted(table for (table,) in owner.execute(LISTED, [promise])) == sorted(tables)

"""Every walled table, asked by raw SQL as the application's role: rows of others can be neither seen nor written.

One row of each kind is made past all promises by a superuser, in a transaction that is never committed.
"""

from __future__ import annotations

from uuid import uuid4

import pytest

from casemgmt.walls import WALLED
from tests.beyond import insert

BY_GRANT = [table for table, rules in WALLED.items() if rules.get("client") or "parent" in rules]
HIDDEN = [table for table, rules in WALLED.items() if not rules]


@pytest.mark.parametrize("table", WALLED)
def test_nobody_and_another_organization_see_and_write_nothing(beyond, table) -> None:
    """S6, P2-41: neither a row, nor a change, nor whether a key is taken; another client's grant is no help."""
    key, value, values = beyond.row(table)
    beyond.grant(beyond.home)
    beyond.grant(beyond.other, client_id=uuid4())
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


@pytest.mark.parametrize("table", [table for table, rules in WALLED.items() if rules.get("author")])
def test_what_is_its_author_s_is_seen_by_nobody_else_and_never_through_broken_glass(beyond, table) -> None:
    """P2-71, HIP-10: sight of the client is not enough, and an emergency opens no counseling note."""
    key, value, _ = beyond.row(table)
    beyond.grant(beyond.other)
    seen = []
    for person, reason in ((beyond.person, "care"), (uuid4(), "care"), (beyond.person, "break_glass")):
        beyond.connection.execute("RESET ROLE")
        beyond.connection.execute("UPDATE access_grant SET reason = %s", [reason])
        beyond.act("staff", beyond.other, person)
        seen.append(beyond.sees(table, key, value))

    assert seen == [1, 0, 0]


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

"""The statements of §2.32 are the law's words, to the letter (P2-30); the scope says what the law asks (P2-31)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from zoneinfo import ZoneInfo

from casemgmt.consent.notices import EVENTS, STATEMENTS, Scope, scope_explanation, statement
from casemgmt.consent.words import ExpiryEvent

# SHA-256 of the two statements as printed in 42 CFR 2.32(a)(1) and (2)
PRINTED = {
    1: "d82205a18044f9f45776343d91e26d8ddb44bf13e136af169ec73d755facd9a8",
    2: "79fee3d6dff7e052183c61b66bfed589f0f45dcf330bb277e07b396bd12e9774",
}


def test_both_statements_stand_as_printed() -> None:
    assert {number: sha256(text.encode()).hexdigest() for number, text in STATEMENTS.items()} == PRINTED


def test_the_long_statement_is_the_default() -> None:
    shown = statement()

    assert shown["statement"] == 1
    assert str(shown["text"]).startswith("This record which has been disclosed to you")
    assert str(shown["text"]).endswith("(see 42 CFR 2.31).")


def test_the_scope_names_recipient_purposes_information_and_end() -> None:
    scope = Scope(
        recipient="South",
        purposes=["treatment"],
        categories=["reason", "level_of_care"],
        expires_at=datetime(2027, 3, 2, tzinfo=UTC),
        tpo=False,
    )

    assert scope_explanation(scope) == (
        "The client consented to this disclosure to South. Purposes: treatment. Information: level of care, reason."
        " It ends on 2027-03-02. It is not a consent for all treatment, payment and health care operations."
        " The client may revoke it at any time."
    )


def test_the_scope_says_when_it_is_for_everything_and_without_end() -> None:
    scope = Scope(recipient="South", purposes=["treatment"], categories=["reason"], expires_at=None, tpo=True)

    told = scope_explanation(scope)

    assert "It has no end date. It is a single consent for all treatment" in told


def test_the_scope_says_the_day_as_the_discloser_s_calendar_has_it() -> None:
    """Midnight UTC is the evening before in Wichita."""
    ends = datetime(2027, 3, 2, 3, tzinfo=UTC)
    scope = Scope(recipient="South", purposes=["treatment"], categories=["reason"], expires_at=ends, tpo=False)

    assert "It ends on 2027-03-02." in scope_explanation(scope)
    assert "It ends on 2027-03-01." in scope_explanation(replace(scope, zone=ZoneInfo("America/Chicago")))


def test_the_scope_says_which_event_ends_it_and_from_when_it_may_be_revoked() -> None:
    """P2-16, P2-23, P2-31: nothing is said of a consent that is not so."""
    scope = Scope(
        recipient="South",
        purposes=["monitoring"],
        categories=["reason"],
        expires_at=None,
        tpo=False,
        revocable_from=datetime(2027, 3, 2, tzinfo=UTC),
    )

    for event in ExpiryEvent.values:
        told = scope_explanation(replace(scope, expires_event=event))
        assert f"It ends when the client{EVENTS[event].split('the client', 1)[1]}" in told
        assert "no end date" not in told
        assert told.endswith("The client may revoke it from 2027-03-02 on.")

"""The pre-send gate: each question, their order, who is exempt from which, and that none can be passed by (CHK-01)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notifications.gate import (
    GATES,
    Allowed,
    Deferred,
    Expired,
    GateFacts,
    Kind,
    Refused,
    TextingConsent,
    judge,
)
from notifications.jurisdictions import Week

NOON = datetime(2027, 6, 7, 16, tzinfo=UTC)  # in New York, a Monday
NIGHT = datetime(2027, 6, 8, 1, tzinfo=UTC)  # 21:00 in New York
MORNING = datetime(2027, 6, 8, 13, tzinfo=UTC)  # 09:00 in New York

GOOD = GateFacts(
    kind=Kind.CHECK_IN,
    at=NOON,
    due_at=NOON,
    not_after=NOON + timedelta(hours=24),
    episode_open=True,
    episode_on_hold=False,
    client_alive=True,
    plan_active=True,
    number_valid=True,
    consent=TextingConsent.OPTED_IN,
    opt_in_requests=0,
    frozen=False,
    a2p_approved=True,
    template_approved=True,
    lint=None,
    segments=1,
    sent_today=0,
    sent_this_week=0,
    human_contact_today=False,
    zones=frozenset({"America/New_York"}),
    states=frozenset({"NY"}),
)

# What makes each question answer no, in the order in which they are asked.
FAILURES: list[tuple[str, dict[str, Any]]] = [
    ("episode_not_open", {"episode_open": False}),
    ("episode_on_hold", {"episode_on_hold": True}),
    ("client_deceased", {"client_alive": False}),
    ("plan_not_active", {"plan_active": False}),
    ("sms_number_invalid", {"number_valid": False}),
    ("sms_no_consent", {"consent": TextingConsent.PENDING}),
    ("sms_opted_out", {"consent": TextingConsent.OPTED_OUT}),
    ("sms_frozen", {"frozen": True}),
    ("a2p_not_registered", {"a2p_approved": False}),
    ("template_not_approved", {"template_approved": False}),
    ("sms_template_phi", {"lint": "sms_template_phi"}),
    ("sms_template_link", {"lint": "sms_template_link"}),
    ("sms_too_long", {"segments": 2}),
    ("sms_cap_day", {"sent_today": 1}),
    ("sms_cap_week", {"sent_this_week": 3}),
    ("human_contact_today", {"human_contact_today": True}),
]


def test_a_check_in_goes_when_nothing_stands_against_it() -> None:
    assert judge(GOOD) == Allowed()


@pytest.mark.parametrize(("code", "change"), FAILURES)
def test_each_question_refuses_with_its_code(code: str, change: dict[str, Any]) -> None:
    assert judge(replace(GOOD, **change)) == Refused(code)


def test_the_first_refusal_is_the_reason() -> None:
    facts = replace(GOOD, at=NIGHT, not_after=NOON)
    for code, change in reversed(FAILURES):
        facts = replace(facts, **change)
        assert judge(facts) == Refused(code)


def test_every_gate_is_among_these_failures() -> None:
    of_other_kinds = {"sms_opt_in_already_requested", "appointment_not_standing", "sms_reminders_off"}

    assert [gate.code for gate in GATES if gate.code not in of_other_kinds] == [code for code, _ in FAILURES]


def test_a_reminder_of_an_appointment_that_was_moved_or_called_off_is_refused() -> None:
    moved = replace(GOOD, kind=Kind.APPOINTMENT, appointment_stands=False)

    assert judge(moved) == Refused("appointment_not_standing")
    assert judge(replace(moved, kind=Kind.CHECK_IN)) == Allowed()


def test_no_consent_at_all_is_refused_like_an_unconfirmed_one() -> None:
    assert judge(replace(GOOD, consent=TextingConsent.NONE)) == Refused("sms_no_consent")


def test_a_linter_that_finds_it_too_long_refuses_even_one_segment() -> None:
    assert judge(replace(GOOD, lint="sms_too_long")) == Refused("sms_too_long")


# --- kinds ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("consent", [TextingConsent.NONE, TextingConsent.PENDING])
def test_a_request_to_opt_in_goes_once_without_consent(consent: TextingConsent) -> None:
    request = replace(GOOD, kind=Kind.OPT_IN_REQUEST, consent=consent, plan_active=False)

    assert judge(request) == Allowed()
    assert judge(replace(request, opt_in_requests=1)) == Refused("sms_opt_in_already_requested")
    assert judge(replace(request, consent=TextingConsent.OPTED_OUT)) == Refused("sms_opted_out")
    assert judge(replace(request, at=NIGHT, due_at=NIGHT, not_after=MORNING)) == Deferred(MORNING, "sms_quiet_hours")


def test_a_reply_is_exempt_from_the_window_the_caps_and_the_plan() -> None:
    reply = replace(
        GOOD,
        kind=Kind.REPLY,
        at=NIGHT,
        not_after=NIGHT,
        plan_active=False,
        episode_open=False,
        sent_today=5,
        sent_this_week=9,
        zones=frozenset(),
        frozen=True,
    )

    assert judge(reply) == Allowed()


def test_only_the_confirmation_of_stop_goes_to_somebody_who_opted_out() -> None:
    out = replace(GOOD, consent=TextingConsent.OPTED_OUT, at=NIGHT, not_after=NIGHT)

    for kind in Kind:
        assert (judge(replace(out, kind=kind)) == Allowed()) is (kind == Kind.STOP_CONFIRM)


@pytest.mark.parametrize("kind", list(Kind))
def test_the_dead_are_never_texted(kind: Kind) -> None:
    assert judge(replace(GOOD, kind=kind, client_alive=False)) == Refused("client_deceased")


def test_an_appointment_needs_no_plan() -> None:
    assert judge(replace(GOOD, kind=Kind.APPOINTMENT, plan_active=False)) == Allowed()
    assert judge(replace(GOOD, kind=Kind.REMINDER, plan_active=False)) == Refused("plan_not_active")


# --- time -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", list(Kind))
def test_what_is_too_late_expires(kind: Kind) -> None:
    consent = TextingConsent.OPTED_IN
    late = replace(GOOD, kind=kind, consent=consent, not_after=NOON - timedelta(seconds=1))

    assert judge(late) == Expired("sms_too_late")
    assert judge(replace(late, not_after=NOON)) == Allowed()


def test_at_night_it_waits_for_the_morning() -> None:
    night = replace(GOOD, at=NIGHT, due_at=NIGHT, not_after=NIGHT + timedelta(hours=24))

    assert judge(night) == Deferred(MORNING, "sms_quiet_hours")


def test_it_never_waits_past_its_own_end() -> None:
    night = replace(GOOD, at=NIGHT, due_at=NIGHT, not_after=MORNING - timedelta(minutes=1))

    assert judge(night) == Expired("sms_quiet_hours")


@pytest.mark.parametrize(
    ("kind", "hours", "waits"),
    [
        (Kind.CHECK_IN, 24, True),
        (Kind.CHECK_IN, 24.1, False),
        (Kind.REMINDER, 14, True),
        (Kind.REMINDER, 14.1, False),
        (Kind.APPOINTMENT, 12, True),
        (Kind.APPOINTMENT, 12.1, False),
    ],
)
def test_it_never_waits_longer_than_the_rule_allows(kind: Kind, hours: float, waits: bool) -> None:
    due_at = MORNING - timedelta(hours=hours)
    night = replace(GOOD, kind=kind, at=NIGHT, due_at=due_at, not_after=NIGHT + timedelta(days=5))

    expected = Deferred(MORNING, "sms_quiet_hours") if waits else Expired("sms_quiet_hours")
    assert judge(night) == expected


def test_an_unknown_zone_refuses() -> None:
    assert judge(replace(GOOD, zones=frozenset())) == Refused("sms_timezone_unknown")


def test_a_window_that_never_opens_expires_it() -> None:
    assert judge(replace(GOOD, client_window=Week.daily("21:00-22:00"))) == Expired("sms_quiet_hours")


# --- property -------------------------------------------------------------------------------------------------------


@settings(max_examples=400)
@given(data=st.data())
def test_no_text_passes_with_any_question_answered_no(data: st.DataObject) -> None:
    flips = data.draw(st.lists(st.sampled_from(FAILURES), max_size=4))
    facts = replace(
        GOOD,
        kind=data.draw(st.sampled_from(list(Kind))),
        at=data.draw(st.sampled_from([NOON, NIGHT, MORNING])),
        zones=data.draw(st.sampled_from([GOOD.zones, frozenset()])),
    )
    for _, change in flips:
        facts = replace(facts, **change)

    answer = judge(facts)

    failing = [gate.code for gate in GATES if facts.kind in gate.asked_of and not gate.passes(facts)]
    if failing:
        assert answer == Refused(failing[0])
    else:
        is_exempt = facts.kind in {Kind.REPLY, Kind.STOP_CONFIRM}
        may_go = is_exempt or (facts.at != NIGHT and bool(facts.zones))
        assert (answer == Allowed()) is may_go

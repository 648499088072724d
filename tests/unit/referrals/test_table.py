"""The machine equals the table of rules.md §9: every stage, verb, side and role (REF-08). No database."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import product
from typing import Any
from uuid import UUID

import pytest

from casemgmt.accounts.roles import Role
from casemgmt.consent.permits import Lack, Verdict
from casemgmt.kernel.actor import Actor, ActorKind
from casemgmt.kernel.errors import GuardsFailed, Invalid, NotPermitted, WrongStage
from casemgmt.kernel.lifecycle import advance, options, pairs
from referrals.models import Referral
from referrals.standing import ReferralFacts, Side
from referrals.words import ReferralStage

AT = datetime(2026, 3, 2, 15, tzinfo=UTC)
GIVEN = {
    "question": "Which days suit?",
    "estimate": "2026-04-01",
    "appointment_at": AT,
    "rebook_reason": "no_show",
    "first_visit_at": AT,
    "hold_reason": "hospital",
    "decline_reason": "no_capacity",
    "declined_by": "receiver",
    "cancel_reason": "other",
    "fail_reason": "unable_to_serve",
    "error_reason": "wrong_client",
    "outcome": "not_needed",
    "client_confirmed": True,
    "stop_reason": "consent_ended",
}
COVERED = Verdict(UUID(int=5), ())
LACKING = Verdict(None, (Lack("consent_missing", "None."),))
DRAFTERS = {"case_manager", "therapist", "supervisor", "peer_specialist", "house_manager"}
SENDERS = {"case_manager", "therapist", "supervisor"}
RECEIVERS = {"intake", "case_manager", "therapist", "supervisor"}
MACHINE = SENDERS  # with the sender's rights
UNSENT = {"draft", "consent_pending", "ready"}
WAITING = {"sent", "acknowledged", "info_requested"}
TAKEN = {"accepted", "waitlisted", "scheduled", "in_progress", "on_hold"}
OPEN = UNSENT | WAITING | TAKEN
ENDED = {"completed", "declined", "expired", "failed", "cancelled", "entered_in_error"}

# (verb, side) -> the stages it starts at, where it leads, who may (rules.md §9, "set by")
TABLE: dict[tuple[str, str], tuple[set[str], str, set[str]]] = {
    ("await_consent", "sender"): ({"draft"}, "consent_pending", DRAFTERS),
    ("await_consent", "ground"): ({"ready"}, "consent_pending", MACHINE),
    ("make_ready", "sender"): ({"draft", "consent_pending"}, "ready", DRAFTERS),
    ("make_ready", "ground"): ({"consent_pending"}, "ready", MACHINE),
    ("send", "sender"): (UNSENT, "sent", SENDERS),
    ("acknowledge", "receiver"): ({"sent"}, "acknowledged", RECEIVERS),
    ("request_info", "receiver"): ({"sent", "acknowledged"}, "info_requested", RECEIVERS),
    ("answer_info", "sender"): ({"info_requested"}, "acknowledged", SENDERS),
    ("accept", "receiver"): (WAITING | {"waitlisted"}, "accepted", RECEIVERS),
    ("waitlist", "receiver"): (WAITING | {"accepted"}, "waitlisted", RECEIVERS),
    ("schedule", "sender"): ({"accepted"}, "scheduled", SENDERS),
    ("schedule", "receiver"): ({"accepted"}, "scheduled", RECEIVERS),
    ("rebook", "sender"): ({"scheduled"}, "scheduled", SENDERS),
    ("rebook", "receiver"): ({"scheduled"}, "scheduled", RECEIVERS),
    ("start", "receiver"): ({"accepted", "scheduled"}, "in_progress", RECEIVERS),
    ("hold", "receiver"): ({"in_progress"}, "on_hold", RECEIVERS),
    ("resume", "receiver"): ({"on_hold"}, "in_progress", RECEIVERS),
    ("complete", "receiver"): (TAKEN, "completed", RECEIVERS),
    ("complete", "sender"): ({"in_progress", "on_hold"}, "completed", SENDERS),
    ("decline", "receiver"): (WAITING | {"waitlisted"}, "declined", RECEIVERS),
    ("expire", "ground"): (WAITING, "expired", MACHINE),
    ("fail", "receiver"): ({"scheduled", "in_progress"}, "failed", RECEIVERS),
    ("fail", "sender"): ({"scheduled", "in_progress"}, "failed", SENDERS),
    ("cancel", "sender"): (OPEN, "cancelled", SENDERS),
    ("cancel", "receiver"): (OPEN, "cancelled", RECEIVERS),
    ("enter_in_error", "sender"): (OPEN | ENDED - {"entered_in_error"}, "entered_in_error", SENDERS),
    ("stop", "ground"): (OPEN, "cancelled", MACHINE),
}
VERBS = tuple(dict.fromkeys(verb for verb, _ in TABLE))


def standing(stage: str) -> Referral:
    return Referral(stage=stage)


def known(side: Side, verb: str) -> ReferralFacts:
    """What the guards see when nothing stands against the verb."""
    verdict = LACKING if verb == "await_consent" else COVERED
    return ReferralFacts(
        side,
        verdict=verdict,
        appointment_ahead=True,
        visit_was=True,
        outcome="not_needed",
        client_confirmed=True,
    )


def somebody(*roles: str) -> Actor:
    return Actor(ActorKind.STAFF, UUID(int=7), UUID(int=8), frozenset(roles))


def attempt(stage: str, verb: str, side: Side, role: str) -> tuple[str, str]:
    referral = standing(stage)
    try:
        advance(referral, verb, actor=somebody(role), at=AT, facts=known(side, verb), given=GIVEN)
    except (WrongStage, NotPermitted) as refusal:
        return refusal.code, str(referral.stage)
    return "moved", str(referral.stage)


def expected(stage: str, verb: str, side: Side, role: str) -> tuple[str, str]:
    sources, target, who = TABLE.get((verb, side.value), (set(), "", set()))
    if stage not in sources:
        return "wrong_stage", stage
    return ("moved", target) if role in who else ("not_permitted", stage)


@pytest.mark.parametrize("side", list(Side))
def test_every_stage_verb_and_role_is_as_the_table_says(side) -> None:
    for stage, verb, role in product(ReferralStage.values, VERBS, Role.values):
        assert attempt(stage, verb, side, role) == expected(stage, verb, side, role), (stage, verb, role)


def test_the_ledger_constraint_allows_exactly_the_tables_pairs() -> None:
    wanted = {(source, target) for sources, target, _ in TABLE.values() for source in sources}

    assert pairs(Referral) == sorted(wanted)


@pytest.mark.parametrize(
    ("stage", "side", "offered"),
    [
        ("draft", Side.SENDER, ["await_consent", "make_ready", "send", "cancel", "enter_in_error"]),
        ("sent", Side.SENDER, ["cancel", "enter_in_error"]),
        (
            "sent",
            Side.RECEIVER,
            ["acknowledge", "request_info", "accept", "waitlist", "decline", "cancel"],
        ),
        ("acknowledged", Side.RECEIVER, ["request_info", "accept", "waitlist", "decline", "cancel"]),
        ("info_requested", Side.SENDER, ["answer_info", "cancel", "enter_in_error"]),
        ("accepted", Side.RECEIVER, ["waitlist", "schedule", "start", "complete", "cancel"]),
        ("accepted", Side.SENDER, ["schedule", "cancel", "enter_in_error"]),
        ("in_progress", Side.SENDER, ["complete", "fail", "cancel", "enter_in_error"]),
        ("declined", Side.RECEIVER, []),
        ("completed", Side.SENDER, ["enter_in_error"]),
        ("entered_in_error", Side.SENDER, []),
    ],
)
def test_each_side_is_offered_only_its_own_steps(stage, side, offered) -> None:
    found = options(standing(stage), actor=somebody("case_manager"), facts=known(side, "send"))

    assert [option.verb for option in found] == offered
    assert {option.status for option in found} <= {"allowed", "blocked"}


@pytest.mark.parametrize(
    ("stage", "verb", "side", "needs"),
    [
        ("sent", "decline", Side.RECEIVER, {"decline_reason", "declined_by"}),
        ("sent", "cancel", Side.SENDER, {"cancel_reason"}),
        ("in_progress", "complete", Side.RECEIVER, {"outcome"}),
        ("in_progress", "complete", Side.SENDER, {"outcome", "client_confirmed"}),
        ("sent", "request_info", Side.RECEIVER, {"question"}),
        ("scheduled", "fail", Side.SENDER, {"fail_reason"}),
        ("accepted", "schedule", Side.SENDER, {"appointment_at"}),
        ("scheduled", "rebook", Side.RECEIVER, {"appointment_at", "rebook_reason"}),
        ("accepted", "start", Side.RECEIVER, {"first_visit_at"}),
        ("completed", "enter_in_error", Side.SENDER, {"error_reason"}),
    ],
)
def test_an_end_needs_its_coded_reason(stage, verb, side, needs) -> None:
    with pytest.raises(Invalid) as refused:
        advance(standing(stage), verb, actor=somebody("supervisor"), at=AT, facts=ReferralFacts(side), given={})

    assert refused.value.code == "data_missing"
    assert set(refused.value.extra["fields"]) == needs


def test_sending_is_blocked_with_every_reason_at_once() -> None:
    lacks = (Lack("consent_expired", "It expired."), Lack("category_not_covered", "Too much."))
    facts = ReferralFacts(Side.SENDER, Verdict(None, lacks), receiver_ready=False, client_alive=False)
    referral = standing("draft")

    with pytest.raises(GuardsFailed) as refused:
        advance(referral, "send", actor=somebody("case_manager"), at=AT, facts=facts)

    assert [each.code for each in refused.value.refusals] == [
        "consent_expired",
        "receiver_not_ready",
        "client_deceased",
    ]
    assert refused.value.refusals[0].sentence == "It expired. Too much."
    assert (str(referral.stage), referral.sent_at) == ("draft", None)


@pytest.mark.parametrize(
    ("verb", "stage", "side", "moments"),
    [
        ("send", "draft", Side.SENDER, {"sent_at"}),
        ("acknowledge", "sent", Side.RECEIVER, {"acknowledged_at"}),
        ("accept", "sent", Side.RECEIVER, {"acknowledged_at", "answered_at"}),
        ("decline", "sent", Side.RECEIVER, {"acknowledged_at", "answered_at", "ended_at"}),
        ("cancel", "sent", Side.SENDER, {"ended_at"}),
        ("complete", "in_progress", Side.RECEIVER, {"ended_at"}),
        ("request_info", "sent", Side.RECEIVER, {"acknowledged_at"}),
        ("waitlist", "sent", Side.RECEIVER, {"acknowledged_at", "answered_at"}),
        ("start", "scheduled", Side.RECEIVER, set()),
        ("expire", "sent", Side.GROUND, {"ended_at"}),
        ("fail", "scheduled", Side.SENDER, {"ended_at"}),
    ],
)
def test_each_verb_writes_its_moments(verb, stage, side, moments) -> None:
    referral = standing(stage)

    advance(referral, verb, actor=somebody("supervisor"), at=AT, facts=known(side, verb), given=GIVEN)

    names = ("sent_at", "acknowledged_at", "answered_at", "ended_at")
    written: dict[str, Any] = {name: getattr(referral, name) for name in names}
    assert {name for name, value in written.items() if value == AT} == moments
    assert referral.moved_at == AT


@pytest.mark.parametrize(
    ("stage", "verb", "side", "facts", "code"),
    [
        ("accepted", "schedule", Side.SENDER, {}, "appointment_not_ahead"),
        ("accepted", "start", Side.RECEIVER, {}, "visit_not_over"),
        ("accepted", "complete", Side.RECEIVER, {"outcome": "served"}, "visit_first"),
        ("in_progress", "complete", Side.SENDER, {"outcome": "served"}, "client_not_asked"),
        ("scheduled", "fail", Side.RECEIVER, {"gives_up": True, "no_shows": 1}, "rebook_first"),
        ("draft", "await_consent", Side.SENDER, {"verdict": COVERED}, "consent_covers"),
        ("consent_pending", "make_ready", Side.SENDER, {"verdict": LACKING}, "consent_missing"),
        ("info_requested", "answer_info", Side.SENDER, {"verdict": LACKING}, "consent_missing"),
    ],
)
def test_guards_refuse_and_nothing_moves(stage, verb, side, facts, code) -> None:
    referral = standing(stage)

    with pytest.raises(GuardsFailed) as refused:
        advance(referral, verb, actor=somebody("supervisor"), at=AT, facts=ReferralFacts(side, **facts), given=GIVEN)

    assert [each.code for each in refused.value.refusals] == [code]
    assert str(referral.stage) == stage


def test_after_two_more_appointments_missed_it_may_end() -> None:
    """§9, failed: two rebook tries first."""
    referral = standing("scheduled")
    facts = ReferralFacts(Side.RECEIVER, gives_up=True, no_shows=2)

    advance(referral, "fail", actor=somebody("intake"), at=AT, facts=facts, given={"fail_reason": "no_show"})

    assert str(referral.stage) == "failed"

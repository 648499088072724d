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
    "decline_reason": "no_capacity",
    "declined_by": "receiver",
    "cancel_reason": "other",
    "outcome": "enrolled",
    "stop_reason": "consent_ended",
}
COVERED = Verdict(UUID(int=5), ())
SENDERS = {"case_manager", "therapist", "supervisor"}
RECEIVERS = {"intake", "case_manager", "therapist", "supervisor"}

# (verb, side) -> the stages it starts at, where it leads, who may
TABLE: dict[tuple[str, str], tuple[set[str], str, set[str]]] = {
    ("send", "sender"): ({"draft"}, "sent", SENDERS),
    ("acknowledge", "receiver"): ({"sent"}, "acknowledged", RECEIVERS),
    ("accept", "receiver"): ({"sent", "acknowledged"}, "accepted", RECEIVERS),
    ("decline", "receiver"): ({"sent", "acknowledged"}, "declined", RECEIVERS),
    ("cancel", "sender"): ({"draft", "sent", "acknowledged", "accepted"}, "cancelled", SENDERS),
    ("cancel", "receiver"): ({"draft", "sent", "acknowledged", "accepted"}, "cancelled", RECEIVERS),
    ("complete", "receiver"): ({"accepted"}, "completed", RECEIVERS),
    ("stop", "ground"): ({"draft", "sent", "acknowledged", "accepted"}, "cancelled", SENDERS),
}
VERBS = ("send", "acknowledge", "accept", "decline", "cancel", "complete", "stop")


def standing(stage: str) -> Referral:
    return Referral(stage=stage)


def somebody(*roles: str) -> Actor:
    return Actor(ActorKind.STAFF, UUID(int=7), UUID(int=8), frozenset(roles))


def attempt(stage: str, verb: str, side: Side, role: str) -> tuple[str, str]:
    referral = standing(stage)
    facts = ReferralFacts(side, verdict=COVERED)
    try:
        advance(referral, verb, actor=somebody(role), at=AT, facts=facts, given=GIVEN)
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
        ("draft", Side.SENDER, ["send", "cancel"]),
        ("sent", Side.SENDER, ["cancel"]),
        ("sent", Side.RECEIVER, ["acknowledge", "accept", "decline", "cancel"]),
        ("acknowledged", Side.RECEIVER, ["accept", "decline", "cancel"]),
        ("accepted", Side.RECEIVER, ["cancel", "complete"]),
        ("accepted", Side.SENDER, ["cancel"]),
        ("declined", Side.RECEIVER, []),
        ("completed", Side.SENDER, []),
    ],
)
def test_each_side_is_offered_only_its_own_steps(stage, side, offered) -> None:
    found = options(standing(stage), actor=somebody("case_manager"), facts=ReferralFacts(side, verdict=COVERED))

    assert [option.verb for option in found] == offered
    assert {option.status for option in found} <= {"allowed"}


@pytest.mark.parametrize(
    ("stage", "verb", "side", "needs"),
    [
        ("sent", "decline", Side.RECEIVER, {"decline_reason", "declined_by"}),
        ("sent", "cancel", Side.SENDER, {"cancel_reason"}),
        ("accepted", "complete", Side.RECEIVER, {"outcome"}),
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
        ("complete", "accepted", Side.RECEIVER, {"ended_at"}),
    ],
)
def test_each_verb_writes_its_moments(verb, stage, side, moments) -> None:
    referral = standing(stage)
    facts = ReferralFacts(side, verdict=COVERED)

    advance(referral, verb, actor=somebody("supervisor"), at=AT, facts=facts, given=GIVEN)

    names = ("sent_at", "acknowledged_at", "answered_at", "ended_at")
    written: dict[str, Any] = {name: getattr(referral, name) for name in names}
    assert {name for name, value in written.items() if value == AT} == moments
    assert referral.moved_at == AT

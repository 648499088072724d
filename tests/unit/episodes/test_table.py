"""The machine equals the table: every pair of stages, every role, every held stage (STG-12). No database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import product
from uuid import UUID

import pytest

from casemgmt.accounts.roles import Role
from casemgmt.episodes.facts import EnrollmentFact, Facts
from casemgmt.episodes.models import Episode
from casemgmt.episodes.stages import Stage
from casemgmt.kernel.actor import Actor, ActorKind
from casemgmt.kernel.errors import GuardsFailed, Invalid, NotPermitted, WrongStage
from casemgmt.kernel.lifecycle import advance, options, pairs

from .table import CARE, GIVEN, VERB_INTO, expected

AT = datetime(2026, 1, 5, 15, tzinfo=UTC)
HERE = "00000000-0000-7000-8000-000000000009"
ROLES = [role.value for role in Role]


def enrollment(kind: str, status: str = "planned") -> EnrollmentFact:
    return EnrollmentFact(kind, kind, status, HERE, kind, "somebody", has_place=True)


READY = Facts(
    organization_id=HERE,
    has_name=True,
    has_birth_date=True,
    has_contact_route=True,
    has_residence_state=True,
    notice_required=True,
    notice_delivered=True,
    treatment_consent=True,
    enrollments=tuple(enrollment(kind) for kind in CARE),
    referrals=(),
)
NOTHING = replace(READY, has_birth_date=False, notice_delivered=False, treatment_consent=False, enrollments=())


def standing(stage: str, held: str = "therapy") -> Episode:
    return Episode(stage=stage, held_stage=held if stage == "on_hold" else "")


def somebody(*roles: str) -> Actor:
    return Actor(ActorKind.STAFF, UUID(int=7), UUID(HERE), frozenset(roles))


@pytest.mark.parametrize("held", CARE)
def test_every_pair_and_role_is_as_the_table_says(held: str) -> None:
    for origin, target, role in product([s.value for s in Stage], VERB_INTO, ROLES):
        wanted = expected(origin, target, held=held)
        outcome = ("wrong_stage", origin, None)
        if wanted is not None:
            outcome = (wanted[0], target, None) if role in wanted[1] else ("not_permitted", origin, sorted(wanted[1]))

        assert attempt(origin, target, role, held) == outcome, (origin, target, role)


def attempt(origin: str, target: str, role: str, held: str) -> tuple[str, str, list[str] | None]:
    """Return the rule that let the role pass or the code that refused it, the stage after it, and who may."""
    episode = standing(origin, held)
    told = GIVEN | {"review_date": AT}
    try:
        change = advance(episode, VERB_INTO[target], actor=somebody(role), at=AT, facts=READY, given=told)
    except (WrongStage, NotPermitted) as refusal:
        return refusal.code, str(episode.stage), refusal.extra.get("who")
    return change.rule, str(episode.stage), None


def test_the_ledger_constraint_allows_exactly_the_tables_pairs() -> None:
    stages = [stage.value for stage in Stage]
    wanted = sorted(pair for pair in product(stages, stages) if any(expected(*pair, held=held) for held in CARE))

    assert pairs(Episode) == wanted


def test_therapy_beside_sober_living_makes_aftercare_a_plain_step_down() -> None:
    beside = replace(READY, enrollments=(*READY.enrollments, enrollment("therapy", "active")))

    change = advance(
        standing("sober_living"), "enter_aftercare", actor=somebody("case_manager"), at=AT, facts=beside, given=GIVEN
    )

    assert change.rule == expected("sober_living", "aftercare", held="", therapy_beside=True)[0] == "T9"


def test_all_failing_guards_are_returned_together() -> None:
    with pytest.raises(GuardsFailed) as refused:
        advance(standing("intake"), "enter_iop", actor=somebody("therapist"), at=AT, facts=NOTHING, given=GIVEN)

    assert [refusal.guard for refusal in refused.value.refusals] == ["G1", "G2", "G3", "G6"]
    assert [refusal.code for refusal in refused.value.refusals] == [
        "identity_incomplete",
        "part2_notice_missing",
        "treatment_consent_missing",
        "provider_missing",
    ]
    assert all(refusal.sentence and refusal.remedy for refusal in refused.value.refusals)


def test_what_a_rule_needs_is_named_field_by_field() -> None:
    with pytest.raises(Invalid) as refused:
        advance(standing("therapy"), "hold", actor=somebody("case_manager"), at=AT, facts=READY, given={})

    assert refused.value.code == "data_missing"
    assert set(refused.value.extra["fields"]) == {"hold_reason", "review_date"}


def test_an_unknown_verb_is_told_apart_from_a_wrong_stage() -> None:
    with pytest.raises(Invalid) as refused:
        advance(standing("intake"), "enter_moon", actor=somebody("supervisor"), at=AT, facts=READY, given=GIVEN)

    assert refused.value.code == "unknown_verb"


def test_the_system_may_decide_nothing() -> None:
    """STG-11."""
    for origin, target in product([s.value for s in Stage], VERB_INTO):
        if expected(origin, target, held="therapy") is None:
            continue
        with pytest.raises(NotPermitted):
            advance(standing(origin), VERB_INTO[target], actor=Actor.system("test"), at=AT, facts=READY, given=GIVEN)


def test_looking_ahead_says_allowed_blocked_and_who_must_approve() -> None:
    seen = {each.verb: each for each in options(standing("intake"), actor=somebody("case_manager"), facts=READY)}

    assert seen["enter_iop"].status == "needs_approval"
    assert seen["enter_peer_support"].status == "allowed"
    assert seen["record_death"].status == "needs_approval"
    assert "hold" not in seen
    blocked = {each.verb: each for each in options(standing("intake"), actor=somebody("case_manager"), facts=NOTHING)}
    assert blocked["enter_peer_support"].status == "blocked"
    assert blocked["cancel"].status == "allowed"


@pytest.mark.parametrize(
    ("status", "provider", "place", "organization", "code"),
    [
        ("planned", None, True, HERE, "provider_missing"),
        ("planned", "x", False, HERE, "capacity_full"),
        ("planned", "x", True, "elsewhere", "referral_not_accepted"),
    ],
)
def test_g6_says_what_is_wrong_with_the_enrollment(status, provider, place, organization, code) -> None:
    fact = EnrollmentFact("1", "iop", status, organization, "1", provider, has_place=place)
    facts = replace(READY, enrollments=(fact,))

    with pytest.raises(GuardsFailed) as refused:
        advance(standing("intake"), "enter_iop", actor=somebody("therapist"), at=AT, facts=facts, given=GIVEN)

    assert [refusal.code for refusal in refused.value.refusals] == [code]

"""The machine equals the table: every pair of stages, every role, every held stage (STG-12). No database."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from casemgmt.episodes.models import Episode
from casemgmt.episodes.stages import Stage
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import GuardsFailed, Invalid, NotPermitted, WrongStage
from casemgmt.kernel.lifecycle import advance, options, pairs

from .known import AT, NOTHING, READY, ROLES, enrollment, ready_for, somebody, standing
from .table import AHEAD, CARE, DISCHARGES, GIVEN, STEPS, VERB_INTO, expected

STAGES = [stage.value for stage in Stage]
Outcome = tuple[str, str, list[str]]


def attempt(origin: str, target: str, role: str, held: str = "therapy", **told: Any) -> Outcome:
    """Return the rule that let the role pass or the code that refused it, the stage after it, and who may or signs."""
    episode, given = standing(origin, held), GIVEN | told
    facts = replace(ready_for(target), told=given)
    try:
        change = advance(episode, VERB_INTO[target], actor=somebody(role), at=AT, facts=facts, given=given)
    except (WrongStage, NotPermitted) as refusal:
        return refusal.code, str(episode.stage), refusal.extra.get("who", [])
    return change.rule, str(episode.stage), sorted(change.cosign)


@pytest.mark.parametrize("held", CARE)
def test_every_pair_and_role_is_as_the_table_says(held: str) -> None:
    """STG-10, STG-12: 13 x 13 x roles; what is not in the table does not start."""
    for origin, target, role in product(STAGES, VERB_INTO, ROLES):
        wanted = expected(origin, target, held=held)
        outcome: Outcome = ("wrong_stage", origin, [])
        if wanted is not None:
            outcome = (wanted[0], target, []) if role in wanted[1] else ("not_permitted", origin, sorted(wanted[1]))

        assert attempt(origin, target, role, held) == outcome, (origin, target, role)


@pytest.mark.parametrize("held", CARE)
def test_who_goes_ahead_is_a_case_manager_stepping_up_into_clinical_care(held: str) -> None:
    """T8: with `expedite`; everywhere else the word changes nothing."""
    for origin, target, role in product(STAGES, VERB_INTO, ROLES):
        plain = attempt(origin, target, role, held)
        lead = held if origin == "on_hold" else origin
        if role == "case_manager" and (lead, target) in AHEAD:
            rule = "T13" if origin == "on_hold" else "T8"
            plain = (rule, target, ["supervisor", "therapist"])

        assert attempt(origin, target, role, held, expedite=True) == plain, (origin, target, role)


def test_going_ahead_has_to_be_said() -> None:
    """T8: anything but a plain yes is no."""
    for told in (None, False, "", "yes", 1):
        assert attempt("peer_support", "iop", "case_manager", expedite=told)[0] == "not_permitted"


def test_a_step_up_after_a_return_to_use_is_named_so() -> None:
    """T19: like T8 in everything but its name and the recorded return to use it needs."""
    for (origin, target), (rule, who) in STEPS.items():
        told = {"trigger": "return_to_use"}
        wanted = "T19" if rule == "T8" else rule
        for role in ROLES:
            outcome = (wanted, target, []) if role in who else ("not_permitted", origin, sorted(who))
            assert attempt(origin, target, role, **told) == outcome
        if rule == "T8":
            assert attempt("on_hold", target, "supervisor", held=origin, **told)[0] == "T13"
            with pytest.raises(Invalid) as refused:
                attempt(origin, target, "supervisor", **told, return_to_use=None)
            assert list(refused.value.extra["fields"]) == ["return_to_use"]


@pytest.mark.parametrize("reason", DISCHARGES)
def test_who_discharges_depends_on_the_reason(reason: str) -> None:
    """T15: from every stage of care and from hold, for every reason and role (CLN-30: a supervisor terminates)."""
    decides, starts, signs = DISCHARGES[reason]
    for origin, role in product((*CARE, "on_hold"), ROLES):
        outcome: Outcome = ("not_permitted", origin, sorted(decides))
        if role in decides | starts:
            outcome = ("T15", "discharged", [] if role in decides else sorted(signs))

        assert attempt(origin, "discharged", role, discharge_reason=reason) == outcome, (origin, role)


def test_the_ledger_constraint_allows_exactly_the_tables_pairs() -> None:
    """STG-12."""
    wanted = sorted(pair for pair in product(STAGES, STAGES) if any(expected(*pair, held=held) for held in CARE))

    assert pairs(Episode) == wanted


def test_therapy_beside_sober_living_makes_aftercare_a_plain_step_down() -> None:
    """T9, T10: what runs beside the house is not passed over."""
    beside = replace(READY, enrollments=(*READY.enrollments, enrollment("therapy", "active")))

    change = advance(
        standing("sober_living"), "enter_aftercare", actor=somebody("case_manager"), at=AT, facts=beside, given=GIVEN
    )

    assert change.rule == expected("sober_living", "aftercare", held="", therapy_beside=True)[0] == "T9"


def test_what_a_rule_needs_is_named_field_by_field() -> None:
    """T11."""
    with pytest.raises(Invalid) as refused:
        advance(standing("therapy"), "hold", actor=somebody("case_manager"), at=AT, facts=READY, given={})

    assert refused.value.code == "data_missing"
    assert set(refused.value.extra["fields"]) == {"hold_reason", "review_date"}


def test_an_unknown_verb_is_told_apart_from_a_wrong_stage() -> None:
    """STG-10."""
    with pytest.raises(Invalid) as refused:
        advance(standing("intake"), "enter_moon", actor=somebody("supervisor"), at=AT, facts=READY, given=GIVEN)

    assert refused.value.code == "unknown_verb"


def test_the_system_may_decide_nothing() -> None:
    """STG-11: not ahead of anybody either."""
    for origin, target, reason in product(STAGES, VERB_INTO, DISCHARGES):
        if expected(origin, target, held="therapy") is None:
            continue
        given = GIVEN | {"expedite": True, "discharge_reason": reason}
        with pytest.raises(NotPermitted):
            advance(standing(origin), VERB_INTO[target], actor=Actor.system("test"), at=AT, facts=READY, given=given)


def test_looking_ahead_says_allowed_blocked_and_who_must_approve() -> None:
    seen = {each.verb: each for each in options(standing("intake"), actor=somebody("case_manager"), facts=READY)}

    assert seen["enter_iop"].status == "needs_approval"
    assert seen["enter_peer_support"].status == "allowed"
    assert seen["record_death"].status == "needs_approval"
    assert "hold" not in seen
    blocked = {each.verb: each for each in options(standing("intake"), actor=somebody("case_manager"), facts=NOTHING)}
    assert blocked["enter_peer_support"].status == "blocked"
    assert blocked["cancel"].status == "allowed"


def test_looking_ahead_lists_special_cases_before_the_plain_one() -> None:
    """T8, T15, T19: what the same verb means when something else is told."""
    seen = options(standing("peer_support"), actor=somebody("case_manager"), facts=READY)

    listed = [(each.rule.code, each.rule.case, each.status) for each in seen if each.verb in ("enter_iop", "discharge")]
    assert listed == [
        ("T19", ("trigger", "return_to_use"), "needs_cosign"),
        ("T8", None, "needs_cosign"),
        ("T15", ("discharge_reason", "dropped_out"), "needs_cosign"),
        ("T15", ("discharge_reason", "terminated_by_facility"), "needs_approval"),
        ("T15", None, "needs_approval"),
    ]


def test_what_is_only_told_does_not_block_who_looks_ahead() -> None:
    """G10: the reason of a skip is needed, and nobody has told anything yet."""
    seen = {each.verb: each for each in options(standing("iop"), actor=somebody("therapist"), facts=READY)}

    assert seen["enter_peer_support"].status == "allowed"
    assert seen["enter_peer_support"].rule.needs == ("skip_reason", "client_view")
    short = GIVEN | {"skip_reason": "Wants it."}
    facts = replace(READY, told=short)
    with pytest.raises(GuardsFailed):
        advance(standing("iop"), "enter_peer_support", actor=somebody("therapist"), at=AT, facts=facts, given=short)

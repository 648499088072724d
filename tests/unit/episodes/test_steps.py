"""Each transition asks for exactly the guards and words that the table names (T2-T17, T19). No database."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from casemgmt.kernel.errors import GuardsFailed, Invalid
from casemgmt.kernel.lifecycle import Change, advance

from .known import AT, FAILING, NOTHING, READY, alerted, ready_for, somebody, standing
from .table import CARE, ENTERING, GIVEN, OPEN, STEPS, VERB_INTO

G10 = {"skip_reason", "client_view"}


def take(origin: str, target: str, changed: dict[str, Any] | None = None, held: str = "therapy", **told: Any) -> Change:
    """Take a step as a supervisor, with facts that satisfy everything but `changed`."""
    given = GIVEN | told
    facts = replace(ready_for(target), **(changed or {}), told=given)
    episode = standing(origin, held)
    return advance(episode, VERB_INTO[target], actor=somebody("supervisor"), at=AT, facts=facts, given=given)


def asks_for(origin: str, target: str, **told: Any) -> set[str]:
    """Return every guard that stands against a step when what it asks for is missing, each tried alone."""
    found = set()
    for guard, changed in FAILING.items():
        stands = refusing(origin, target, changed, **told)
        assert stands in (set(), {guard})
        found |= stands
    return found | refusing(origin, target, **(told | {"skip_reason": "Short."}))


def refusing(origin: str, target: str, changed: dict[str, Any] | None = None, **told: Any) -> set[str]:
    """Return the guards that stand against a step."""
    try:
        take(origin, target, changed, **told)
    except GuardsFailed as refused:
        return {each.guard for each in refused.refusals}
    return set()


def needs(origin: str, target: str, **told: Any) -> set[str]:
    """Return what has to be told."""
    given = {name: None for name in GIVEN} | told
    with pytest.raises(Invalid) as refused:
        take(origin, target, **given)
    return set(refused.value.extra["fields"])


def test_t2_waiting_asks_who_the_client_is_and_for_the_notice() -> None:
    """T2: G1, G2; why, for what, how urgent."""
    assert asks_for("intake", "waitlist") == {"G1", "G2"}
    assert needs("intake", "waitlist") == {"wait_reason", "target_service", "priority"}


@pytest.mark.parametrize(
    ("rule", "target", "told"),
    [
        ("T3", "iop", {"start_date", "level_of_care"}),
        ("T3", "therapy", {"start_date", "level_of_care"}),
        ("T4", "peer_support", {"peer", "goals"}),
        ("T5", "sober_living", {"residence", "move_in"}),
        ("T6", "aftercare", {"prior_treatment_end"}),
    ],
)
def test_t3_t4_t5_t6_entering_care(rule: str, target: str, told: set[str]) -> None:
    """T3: G1-G6. T4: G1-G4, G6, G7. T5: G1-G4, G6, G8. T6: G1-G4, G6, G9."""
    for origin in ("intake", "waitlist"):
        assert take(origin, target).rule == rule
        assert asks_for(origin, target) == ENTERING[target]
        assert needs(origin, target) == told


@pytest.mark.parametrize("target", CARE)
def test_entering_care_with_a_high_alert_open(target: str) -> None:
    """T3, T4, T5, T6: clinical care is open to who is at risk; what is not clinical waits (G4)."""
    changed = {"alerts": alerted("high").alerts}
    if target in ("iop", "therapy"):
        assert take("intake", target, changed).target == target
        return
    with pytest.raises(GuardsFailed) as refused:
        take("intake", target, changed)
    assert "high_alert_open" in [each.code for each in refused.value.refusals]


def test_all_failing_guards_are_returned_together() -> None:
    """T3: one visit mends all."""
    facts = replace(NOTHING, told=GIVEN)
    with pytest.raises(GuardsFailed) as refused:
        advance(standing("intake"), "enter_iop", actor=somebody("therapist"), at=AT, facts=facts, given=GIVEN)

    assert [(each.guard, each.code) for each in refused.value.refusals] == [
        ("G1", "identity_incomplete"),
        ("G2", "part2_notice_missing"),
        ("G3", "treatment_consent_missing"),
        ("G4", "safety_screen_outdated"),
        ("G5", "level_of_care_missing"),
        ("G6", "provider_missing"),
    ]
    assert all(each.sentence and each.remedy for each in refused.value.refusals)


def test_t7_a_client_who_is_not_admitted_takes_a_reason() -> None:
    """T7: no guard."""
    for origin in ("intake", "waitlist"):
        assert asks_for(origin, "cancelled") == set()
        assert needs(origin, "cancelled") == {"cancel_reason"}


@pytest.mark.parametrize("pair", [pair for pair, (rule, _) in STEPS.items() if rule == "T8"])
def test_t8_t19_a_step_up(pair: tuple[str, str]) -> None:
    """T8: the target's guards, G4 relaxed, a trigger. T19: also the recorded return to use."""
    origin, target = pair

    assert asks_for(origin, target) == asks_for(origin, target, trigger="return_to_use") == ENTERING[target]
    assert needs(origin, target) == {"trigger"}
    assert needs(origin, target, trigger="return_to_use") == {"return_to_use"}
    if target != "peer_support":  # G7 says no for its own reason
        assert take(origin, target, {"alerts": alerted("high").alerts}).rule == "T8"
    with pytest.raises(GuardsFailed):
        take(origin, target, {"alerts": alerted("critical").alerts})


@pytest.mark.parametrize("pair", [pair for pair, (rule, _) in STEPS.items() if rule == "T9"])
def test_t9_a_step_down(pair: tuple[str, str]) -> None:
    """T9: the target's guards, measures of the last days, what the client has come to."""
    assert asks_for(*pair) == ENTERING[pair[1]] | {"T9"}
    assert needs(*pair) == {"progress_summary"}


@pytest.mark.parametrize("pair", [pair for pair, (rule, _) in STEPS.items() if rule == "T10"])
def test_t10_a_skip(pair: tuple[str, str]) -> None:
    """T10: the target's guards and G10."""
    assert asks_for(*pair) == ENTERING[pair[1]] | {"G10"}
    assert needs(*pair) == G10


def test_t11_a_hold_asks_nothing_but_why_and_until_when() -> None:
    """T11: no guard; never a discharge."""
    for origin in CARE:
        assert asks_for(origin, "on_hold") == set()
        assert needs(origin, "on_hold") == {"hold_reason", "review_date"}
        assert take(origin, "on_hold").target == "on_hold"


@pytest.mark.parametrize("held", CARE)
def test_t12_coming_back_from_hold(held: str) -> None:
    """T12: G4 and G2 only, and the date."""
    assert asks_for("on_hold", held, held=held) == {"G2", "G4"}
    assert needs("on_hold", held, held=held) == {"resume_date"}
    if held not in ("iop", "therapy"):
        with pytest.raises(GuardsFailed):
            take("on_hold", held, {"alerts": alerted("high").alerts}, held=held)


@pytest.mark.parametrize("pair", STEPS)
def test_t13_from_hold_to_another_stage_is_as_the_step_would_be(pair: tuple[str, str]) -> None:
    """T13: as T8-T10."""
    origin, target = pair

    assert take("on_hold", target, held=origin).rule == "T13"
    assert asks_for("on_hold", target, held=origin) == asks_for(origin, target)
    assert needs("on_hold", target, held=origin) == needs(origin, target)


@pytest.mark.parametrize("lead", CARE)
def test_t14_completion(lead: str) -> None:
    """T14: G11 and no serious alert; from IOP also G10; a summary and the last contact."""
    more: set[str] = G10 if lead == "iop" else set()
    for origin in (lead, "on_hold"):
        assert asks_for(origin, "completed", held=lead) == {"G11"} | ({"G10"} if lead == "iop" else set())
        assert needs(origin, "completed", held=lead) == {"summary", "last_contact"} | more
        for severity in ("high", "critical"):
            with pytest.raises(GuardsFailed) as refused:
                take(origin, "completed", {"alerts": alerted(severity).alerts}, held=lead)
            assert [each.guard for each in refused.value.refusals] == ["T14"]


def test_t15_discharge() -> None:
    """T15: G12 if the client dropped out; causes if the facility terminates; never a guard otherwise."""
    plain = {"discharge_reason", "last_contact", "reentry_information_given"}
    for origin in (*CARE, "on_hold"):
        assert needs(origin, "discharged") == plain
        assert asks_for(origin, "discharged", discharge_reason="incarcerated") == set()
        assert asks_for(origin, "discharged", discharge_reason="dropped_out") == {"G12"}
        terminated = "terminated_by_facility"
        assert needs(origin, "discharged", discharge_reason=terminated) == (plain | {"causes"}) - {"discharge_reason"}


def test_t16_transfer() -> None:
    """T16: G13; to whom, when, and who confirmed it."""
    for origin in OPEN:
        assert asks_for(origin, "transferred") == {"G13"}
        told = {"receiving_organization", "handover_date", "handover_confirmed_by"}
        assert needs(origin, "transferred") == told


def test_t17_death_asks_only_who_said_so() -> None:
    """T17: no guard; the date may be unknown."""
    for origin in OPEN:
        assert asks_for(origin, "deceased") == set()
        assert needs(origin, "deceased") == {"death_source"}
        assert take(origin, "deceased", died_on=None).rule == "T17"


def test_the_table_is_whole() -> None:
    """STG-12: every guard that can be failed above is asked for by some transition."""
    asked = set().union(*(ENTERING[target] for target in CARE)) | {"T9", "G10", "G11", "G12", "G13"}
    assert asked - {"G10"} == set(FAILING)
    assert READY.alerts == ()

"""Who may take which step of the pathway, what they must tell, what must hold (rules.md §8, T2-T17, T19). Pure.

Built from the table once, at import; `lifecycle.py` hangs these edges on its verbs. What is told must also fit what is
known: telling.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from casemgmt.accounts.roles import CASE_MANAGER_AND_UP, CLINICIANS, PROPOSERS, Role
from casemgmt.kernel.lifecycle import Condition, CoSign, Edge, Guard, Rule

from .facts import Facts
from .guards import (
    identity,
    level_for,
    measured_lately,
    notice,
    peer_safe,
    provider_for,
    safety_for,
    safety_stepping_up,
    treat,
)
from .plan_guards import aftercare_plan, continuing_care, handover, house, no_serious_alert, skip_reasoned, sought
from .stages import BEFORE_CARE, CARE, CLINICAL, OPEN, Stage, direction, skips

TEAM = CASE_MANAGER_AND_UP  # the table's "case manager+"
SUPERVISORS = frozenset({Role.SUPERVISOR.value})
CASE_MANAGERS = frozenset({Role.CASE_MANAGER.value})
EXPEDITE = CoSign(start=CASE_MANAGERS, sign=CLINICIANS, ask="expedite")  # T8
RETURN_TO_USE = ("trigger", "return_to_use")  # T19
SKIP_NEEDS = ("skip_reason", "client_view")

# What a stage asks for beside G1-G4 and G6, wherever the client comes from.
OWN_GUARDS: dict[Stage, tuple[Guard, ...]] = {
    Stage.PEER_SUPPORT: (peer_safe,),
    Stage.SOBER_LIVING: (house,),
    Stage.AFTERCARE: (aftercare_plan,),
}


def entry_guards(target: Stage, safety: Guard | None = None) -> tuple[Guard, ...]:
    """Return the guards of a stage of care, wherever the client comes from; `safety` is another G4 than the usual."""
    level = (level_for(target),) if target in CLINICAL else ()
    safe = safety or safety_for(target)
    return (identity, notice, treat, safe, *level, provider_for(target.value), *OWN_GUARDS.get(target, ()))


ENTRY: dict[Stage, Rule] = {
    Stage.IOP: Rule("T3", CLINICIANS, needs=("start_date", "level_of_care"), propose=PROPOSERS),
    Stage.THERAPY: Rule("T3", CLINICIANS, needs=("start_date", "level_of_care"), propose=PROPOSERS),
    Stage.PEER_SUPPORT: Rule("T4", TEAM, needs=("peer", "goals"), propose=PROPOSERS),
    Stage.SOBER_LIVING: Rule("T5", TEAM, needs=("residence", "move_in"), propose=PROPOSERS),
    Stage.AFTERCARE: Rule("T6", CLINICIANS, needs=("prior_treatment_end",), propose=PROPOSERS),
}


def therapy_not_beside(subject: Any, facts: Facts) -> bool:
    """True when no therapy enrollment runs: then sober living -> aftercare passes over it (§8, skip)."""
    return not facts.enrolled_in(Stage.THERAPY.value)


def held_in(origin: Stage, inner: Condition | None = None) -> Condition:
    """Return the condition "the episode was put on hold in `origin`", with the step's own condition."""

    def held(subject: Any, facts: Facts) -> bool:
        return subject.held_stage == origin.value and (inner is None or inner(subject, facts))

    held.__name__ = f"held in {origin.value}" + (f", {inner.__name__}" if inner else "")  # read by lifecycles.md
    return held


def step_rules(origin: Stage, target: Stage) -> tuple[Rule, ...]:
    """Return the rules between two stages of care: T8 and T19 up, T10 past clinical support, else T9."""
    if direction(origin, target) == "step_up":
        return _up(target)
    who = CLINICIANS if origin in CLINICAL else TEAM
    guards = entry_guards(target)
    down = Rule("T9", who, (*guards, measured_lately), ("progress_summary",), propose=PROPOSERS)
    skip = Rule("T10", CLINICIANS, guards, SKIP_NEEDS, propose=PROPOSERS, told=(skip_reasoned,))
    if skips(origin, target, therapy_beside=True):
        return (skip,)
    if skips(origin, target, therapy_beside=False):
        return (replace(skip, when=therapy_not_beside), down)
    return (down,)


def _up(target: Stage) -> tuple[Rule, ...]:
    """Return T19 and T8 for a step up. Into clinical care a case manager may go ahead and have it co-signed."""
    clinical = target in CLINICAL
    up = Rule(
        "T8",
        CLINICIANS if clinical else TEAM,
        entry_guards(target, safety_stepping_up),
        ("trigger",),
        propose=PROPOSERS,
        cosign=EXPEDITE if clinical else None,
    )
    return (replace(up, code="T19", case=RETURN_TO_USE, needs=("trigger", "return_to_use")), up)


def is_skip(rule: Rule) -> bool:
    """True when a rule passes over clinical support between two stages of care (T10, T13 as T10)."""
    return rule.code in ("T10", "T13") and skip_reasoned in rule.told


def edges_into(target: Stage) -> tuple[Edge, ...]:
    """Return every edge into a stage of care: from before care, between stages, and back from hold (T12, T13)."""
    entry = replace(ENTRY[target], guards=entry_guards(target))
    between = tuple(Edge((origin.value,), step_rules(origin, target)) for origin in CARE if origin is not target)
    resume = Rule("T12", TEAM, (notice, safety_for(target)), ("resume_date",), when=held_in(target), propose=PROPOSERS)
    elsewhere = tuple(
        replace(rule, code="T13", when=held_in(origin, rule.when))
        for origin in CARE
        if origin is not target
        for rule in step_rules(origin, target)
    )
    before = Edge(values(BEFORE_CARE), (entry,))
    return (before, *between, Edge(values([Stage.ON_HOLD]), (resume, *elsewhere)))


def values(stages: Iterable[Stage]) -> tuple[str, ...]:
    """Return the stages as the column holds them."""
    return tuple(stage.value for stage in stages)


def completion(lead: Stage) -> Rule:
    """Return T14 for a lead stage: who ends clinical care is a clinician, and ending IOP is also a skip (G11)."""
    rule = Rule(
        "T14",
        CLINICIANS if lead in CLINICAL else TEAM,
        (continuing_care, no_serious_alert),
        ("summary", "last_contact"),
        propose=PROPOSERS,
    )
    if lead is not Stage.IOP:
        return rule
    return replace(rule, needs=(*rule.needs, *SKIP_NEEDS), told=(skip_reasoned,))


WAITLIST = (
    Edge(
        values([Stage.INTAKE]),
        (Rule("T2", TEAM, (identity, notice), ("wait_reason", "target_service", "priority")),),
    ),
)
CANCEL = (Edge(values(BEFORE_CARE), (Rule("T7", TEAM, needs=("cancel_reason",)),)),)
HOLD = (Edge(values(CARE), (Rule("T11", TEAM, needs=("hold_reason", "review_date"), propose=PROPOSERS),)),)
COMPLETE = (
    *(Edge(values([lead]), (completion(lead),)) for lead in CARE),
    Edge(values([Stage.ON_HOLD]), tuple(replace(completion(lead), when=held_in(lead)) for lead in CARE)),
)

_DISCHARGE = Rule(
    "T15", CLINICIANS, needs=("discharge_reason", "last_contact", "reentry_information_given"), propose=PROPOSERS
)
_DROPPED_OUT = replace(
    _DISCHARGE,
    guards=(sought,),
    case=("discharge_reason", "dropped_out"),
    cosign=CoSign(start=CASE_MANAGERS, sign=SUPERVISORS),
)
_TERMINATED = replace(
    _DISCHARGE,
    who=SUPERVISORS,
    case=("discharge_reason", "terminated_by_facility"),
    needs=(*_DISCHARGE.needs, "causes"),
)
DISCHARGE = (Edge(values([*CARE, Stage.ON_HOLD]), (_DROPPED_OUT, _TERMINATED, _DISCHARGE)),)
TRANSFER = (
    Edge(
        values(OPEN),
        (Rule("T16", TEAM, (handover,), needs=("receiving_organization", "handover_date", "handover_confirmed_by")),),
    ),
)
DEATH = (Edge(values(OPEN), (Rule("T17", CLINICIANS, needs=("death_source",), propose=TEAM),)),)

"""Who may take which step of the pathway, what they must tell, what must hold (rules.md §8, T2-T17). Pure.

Built from the table once, at import; `lifecycle.py` hangs these edges on its verbs.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from casemgmt.accounts.roles import CASE_MANAGER_AND_UP, CLINICIANS, PROPOSERS
from casemgmt.kernel.lifecycle import Condition, Edge, Guard, Rule

from .facts import Facts
from .guards import identity, notice, provider_for, treat
from .stages import BEFORE_CARE, CARE, CLINICAL, OPEN, SKIPS, Stage, direction

TEAM = CASE_MANAGER_AND_UP  # the table's "case manager+"


def entry_guards(target: Stage) -> tuple[Guard, ...]:
    """Return the guards of a stage of care, wherever the client comes from."""
    return (identity, notice, treat, provider_for(target.value))


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
    """Return the rules between two stages of care: T8 up, T10 where clinical support is passed over, else T9."""
    guards = entry_guards(target)
    if direction(origin, target) == "step_up":
        who = CLINICIANS if target in CLINICAL else TEAM
        return (Rule("T8", who, guards, ("trigger",), propose=PROPOSERS),)
    who = CLINICIANS if origin in CLINICAL else TEAM
    down = Rule("T9", who, guards, ("progress_summary",), propose=PROPOSERS)
    skip = Rule("T10", CLINICIANS, guards, ("skip_reason", "client_view"), propose=PROPOSERS)
    if (origin, target) in SKIPS:
        return (skip,)
    if (origin, target) == (Stage.SOBER_LIVING, Stage.AFTERCARE):
        return (replace(skip, when=therapy_not_beside), down)
    return (down,)


def edges_into(target: Stage) -> tuple[Edge, ...]:
    """Return every edge into a stage of care: from before care, between stages, and back from hold (T12, T13)."""
    entry = replace(ENTRY[target], guards=entry_guards(target))
    between = tuple(Edge((origin.value,), step_rules(origin, target)) for origin in CARE if origin is not target)
    resume = Rule("T12", TEAM, (notice,), ("resume_date",), when=held_in(target), propose=PROPOSERS)
    elsewhere = tuple(
        replace(rule, code="T13", when=held_in(origin, rule.when))
        for origin in CARE
        if origin is not target
        for rule in step_rules(origin, target)
    )
    before = Edge(tuple(each.value for each in BEFORE_CARE), (entry,))
    return (before, *between, Edge((Stage.ON_HOLD.value,), (resume, *elsewhere)))


def values(*stages: Stage) -> tuple[str, ...]:
    """Return the stages as the column holds them."""
    return tuple(stage.value for stage in stages)


WAITLIST = (
    Edge(values(Stage.INTAKE), (Rule("T2", TEAM, (identity, notice), ("wait_reason", "target_service", "priority")),)),
)
CANCEL = (Edge(values(*BEFORE_CARE), (Rule("T7", TEAM, needs=("cancel_reason",)),)),)
HOLD = (Edge(values(*CARE), (Rule("T11", TEAM, needs=("hold_reason", "review_date"), propose=PROPOSERS),)),)

_COMPLETE_CLINICAL = Rule("T14", CLINICIANS, needs=("summary", "last_contact"), propose=PROPOSERS)
_COMPLETE = replace(_COMPLETE_CLINICAL, who=TEAM)
COMPLETE = (
    Edge(values(*CLINICAL), (_COMPLETE_CLINICAL,)),
    Edge(values(*(stage for stage in CARE if stage not in CLINICAL)), (_COMPLETE,)),
    Edge(
        values(Stage.ON_HOLD),
        tuple(
            replace(_COMPLETE_CLINICAL if origin in CLINICAL else _COMPLETE, when=held_in(origin)) for origin in CARE
        ),
    ),
)
DISCHARGE = (
    Edge(
        values(*CARE, Stage.ON_HOLD),
        (
            Rule(
                "T15",
                CLINICIANS,
                needs=("discharge_reason", "last_contact", "reentry_information_given"),
                propose=PROPOSERS,
            ),
        ),
    ),
)
TRANSFER = (
    Edge(
        values(*OPEN),
        (Rule("T16", TEAM, needs=("receiving_organization", "handover_date", "handover_confirmed_by")),),
    ),
)
DEATH = (Edge(values(*OPEN), (Rule("T17", CLINICIANS, needs=("death_source",), propose=TEAM),)),)

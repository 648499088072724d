"""Which kinds of enrollment may run together beside a lead stage (STG-01, F1). Pure.

What no rule speaks of is allowed: a residence beside anything, peer support beside anything, IOP and therapy together.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations, permutations

from django.db.models import TextChoices

from casemgmt.kernel.errors import Refusal

from .kinds import Kind

MOST_RULES = 50  # of one organization, shipped ones included


class Relation(TextChoices):
    """What a rule says of a kind and the kinds it names."""

    NEEDS_ONE_OF = "needs_one_of"  # an enrollment of the kind needs an open one of the named kinds beside it
    EXCLUDES = "excludes"  # in both directions


@dataclass(frozen=True, slots=True)
class Combination:
    """One rule: `kind` needs one of `kinds` beside it, or excludes each of them. `sentence` says why, to people."""

    name: str
    kind: str
    relation: str
    kinds: tuple[str, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class Beside:
    """Another open enrollment of the same episode: its kind and its status (planned, active, on_hold)."""

    kind: str
    status: str

    @property
    def runs(self) -> bool:
        """True when it has begun; a pause does not undo that."""
        return self.status != "planned"


# They hold until an organization sets a rule of the same name, or sets it aside.
SHIPPED: tuple[Combination, ...] = (
    Combination(
        "residence_beside_care",
        Kind.SOBER_LIVING.value,
        Relation.NEEDS_ONE_OF.value,
        (Kind.IOP.value, Kind.THERAPY.value, Kind.PEER_SUPPORT.value, Kind.AFTERCARE.value),
        "A recovery residence is housing, not treatment: care or peer support goes with it.",
    ),
    Combination(
        "aftercare_follows_iop",
        Kind.AFTERCARE.value,
        Relation.EXCLUDES.value,
        (Kind.IOP.value,),
        "Aftercare follows intensive outpatient care; the two do not run together.",
    ),
)


def in_force(own: Iterable[tuple[Combination, bool]]) -> tuple[Combination, ...]:
    """Return the rules that hold, by name: the shipped ones, each replaced or set aside by the own one of its name.

    `own` are an organization's last rule of each name, with False for one that was set aside.
    """
    rules: dict[str, Combination] = {rule.name: rule for rule in SHIPPED}
    for rule, holds in own:
        if holds:
            rules[rule.name] = rule
        else:
            rules.pop(rule.name, None)
    return tuple(rules[name] for name in sorted(rules))


def against_exclusion(kind: str, kinds: Collection[str], rules: Iterable[Combination]) -> tuple[Refusal, ...]:
    """Return a refusal for each rule by which `kind` and one of `kinds` exclude each other."""
    found = []
    for rule in rules:
        if rule.relation != Relation.EXCLUDES:
            continue
        there = set(rule.kinds) if rule.kind == kind else {rule.kind} if kind in rule.kinds else set()
        clash = sorted(there.intersection(kinds))
        if clash:
            found.append(_refusal(rule, "combination_excluded", f"First end the enrollment in {_either(clash)}."))
    return tuple(found)


def against_lack(kind: str, kinds: Collection[str], rules: Iterable[Combination]) -> tuple[Refusal, ...]:
    """Return a refusal for each rule by which `kind` needs another beside it and finds none among `kinds`."""
    needs = [rule for rule in rules if rule.relation == Relation.NEEDS_ONE_OF and rule.kind == kind]
    return tuple(refusal for rule in needs for refusal in _lack(rule, kinds, ""))


def against_leaving(kind: str, kinds: Collection[str], rules: Iterable[Combination]) -> tuple[Refusal, ...]:
    """Return a refusal for each rule that one of `kinds`, which stay, would break without an enrollment of `kind`."""
    needs = [rule for rule in rules if rule.relation == Relation.NEEDS_ONE_OF and kind in rule.kinds]
    return tuple(
        refusal
        for rule in needs
        if rule.kind in kinds
        for refusal in _lack(rule, kinds, f", or first end the enrollment in {rule.kind}")
    )


def _lack(rule: Combination, kinds: Collection[str], otherwise: str) -> list[Refusal]:
    if not set(rule.kinds).isdisjoint(kinds):
        return []
    return [_refusal(rule, "combination_needs", f"First plan an enrollment in {_either(rule.kinds)}{otherwise}.")]


def _refusal(rule: Combination, code: str, remedy: str) -> Refusal:
    return Refusal("STG-01", code, f"{rule.sentence} (rule {rule.name})", remedy)


def _either(kinds: Iterable[str]) -> str:
    return " or ".join(kinds)


def rule_refusals(rule: Combination, others: Collection[Combination]) -> dict[str, list[str]]:
    """Return what is wrong with a rule beside the `others` in force (field name -> sentences); empty when nothing is.

    Together they must leave a way: nothing both needs and excludes a kind, and no kind waits for itself.
    """
    known = set(Kind.values)
    found: dict[str, list[str]] = {}
    if rule.kind not in known:
        found["kind"] = [f"Known: {', '.join(Kind.values)}."]
    if rule.relation not in Relation.values:
        found["relation"] = [f"Known: {', '.join(Relation.values)}."]
    if not rule.kinds or not set(rule.kinds) <= known or len(set(rule.kinds)) < len(rule.kinds):
        found["kinds"] = [f"One or more, each once, of: {', '.join(Kind.values)}."]
    elif rule.kind in rule.kinds:
        found["kinds"] = ["A kind neither needs nor excludes itself."]
    if len(others) >= MOST_RULES:
        found["name"] = [f"At most {MOST_RULES} rules hold at a time."]
    return found or _contradictions((*others, rule))


def _contradictions(rules: Collection[Combination]) -> dict[str, list[str]]:
    excluded = {pair for rule in rules if rule.relation == Relation.EXCLUDES for pair in _pairs(rule)}
    needs = [rule for rule in rules if rule.relation == Relation.NEEDS_ONE_OF]
    both = sorted(f"{rule.kind} and {kind}" for rule in needs for kind in rule.kinds if (rule.kind, kind) in excluded)
    if both:
        return {"kinds": [f"One rule needs and another excludes: {', '.join(both)}."]}
    possible: set[str] = set()
    for size in range(1, len(Kind) + 1):
        for together in combinations(Kind.values, size):
            if not excluded.intersection(permutations(together, 2)) and _can_begin(set(together), needs):
                possible.update(together)
    stuck = [kind for kind in Kind.values if kind not in possible]
    return {"kinds": [f"Nobody could enroll any more in: {', '.join(stuck)}."]} if stuck else {}


def _can_begin(together: set[str], needs: Collection[Combination]) -> bool:
    """True when there is an order in which all of `together` can begin, each finding what it needs there already."""
    begun: set[str] = set()
    while True:
        more = {
            kind
            for kind in together - begun
            if all(not begun.isdisjoint(rule.kinds) for rule in needs if rule.kind == kind)
        }
        if not more:
            return begun == together
        begun |= more


def _pairs(rule: Combination) -> Iterator[tuple[str, str]]:
    for kind in rule.kinds:
        yield rule.kind, kind
        yield kind, rule.kind

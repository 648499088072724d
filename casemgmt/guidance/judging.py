"""From facts to guidance: runs the table and settles what its lines do to each other (DG-12, 14, 20, 22). Pure.

It reads facts and answers lines with their reasons. It counts nothing up, places nobody, and lifts no block: that is a
clinician's decision with a reason, in services.py.

How the rules meet, where the rule book leaves it open:
- DG-00 and DG-01 silence every later line, but no block: an emergency lifts nothing.
- Where a service is required, weaker lines for it say nothing more and are left out.
- DG-02 caps peer support at an option beside clinical care; a wish for it (DG-22) does not raise that.
- A preference raises options and nothing else; it makes no line of its own and touches no block.
- DG-12 marks therapy and peer support when a rule for each fired; DG-13 and DG-14 name both by themselves.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from .conditions import Evidence, merged
from .known import Fact, GuidanceFacts
from .rules import FIRST, NOTHING_FIRES, PEER_RULES, RULES_VERSION, TABLE, THERAPY_RULES, Rule
from .words import TOLD, Block, FactName, Service, Strength

RANK = {strength: rank for rank, strength in enumerate(Strength)}
TANDEM = frozenset({Service.THERAPY, Service.PEER_SUPPORT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """One line of guidance: a service, how strongly, by which rule, from which facts, why.

    `tandem`: therapy and peer support go together here (DG-12). `raised`: the client's wish made an option of it more
    (DG-22).
    """

    service: Service
    strength: Strength
    rule_id: str
    facts_used: Evidence
    reason_text: str
    source: str
    strongest: bool = False
    tandem: bool = False
    raised: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocked:
    """What a rule advises against, from which facts, why."""

    block: Block
    rule_id: str
    facts_used: Evidence
    reason_text: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Guidance:
    """The answer: lines in their order, blocks, what is too old, and what nobody has told yet."""

    suggestions: tuple[Suggestion, ...]
    blocked: tuple[Blocked, ...]
    stale: tuple[Fact, ...]
    unknown: tuple[FactName, ...]
    rules_version: str = RULES_VERSION


Fired = tuple[tuple[Rule, Evidence], ...]


def judge(known: GuidanceFacts) -> Guidance:
    """Return what the rules say about the facts. The same facts give the same answer, in whatever order they come."""
    fired = fired_rules(known)
    speaking = _speaking(fired) or ((NOTHING_FIRES, merged((known.stage,), known.facts)),)
    lines = [line for rule, evidence in speaking for line in _lines(rule, evidence)]
    lines = _in_tandem(_raised(_capped(lines, speaking), known, speaking), speaking)
    return Guidance(
        suggestions=tuple(sorted(_without_beaten(lines), key=_place)),
        blocked=tuple(each for rule, evidence in fired for each in _blocks(rule, evidence)),
        stale=tuple(fact for fact in merged(known.facts) if fact.stale),
        unknown=tuple(name for name in TOLD if known.find(name) is None),
    )


def fired_rules(known: GuidanceFacts) -> Fired:
    """Return every line of the table whose condition holds, with its evidence, in the table's order."""
    found = [(rule, rule.when.find(known)) for rule in TABLE]
    return tuple((rule, evidence) for rule, evidence in found if evidence)


def _speaking(fired: Fired) -> Fired:
    """Return the lines that may name services: none after one that suppresses, some only without danger (DG-20)."""
    if fired and fired[0][0].suppresses:
        return fired[:1]
    urgent = any(rule.id in FIRST for rule, _ in fired)
    return tuple((rule, evidence) for rule, evidence in fired if not (urgent and rule.unless_first))


def _lines(rule: Rule, evidence: Evidence) -> list[Suggestion]:
    return [
        Suggestion(
            service=then.service,
            strength=then.strength,
            strongest=then.strongest,
            rule_id=rule.id,
            facts_used=evidence,
            reason_text=rule.reason,
            source=rule.source,
        )
        for then in rule.then
    ]


def _blocks(rule: Rule, evidence: Evidence) -> list[Blocked]:
    return [
        Blocked(block=block, rule_id=rule.id, facts_used=evidence, reason_text=rule.reason, source=rule.source)
        for block in rule.blocks
    ]


def _capped(lines: list[Suggestion], speaking: Fired) -> list[Suggestion]:
    """DG-02: peer support is an option beside clinical care, whoever suggests it; the cap's facts are named."""
    caps = [evidence for rule, evidence in speaking if rule.caps_peer]
    if not caps:
        return lines
    return [
        replace(line, strength=Strength.OPTION, strongest=False, facts_used=merged(line.facts_used, *caps))
        if line.service is Service.PEER_SUPPORT and line.strength is Strength.SUGGEST
        else line
        for line in lines
    ]


def _raised(lines: list[Suggestion], known: GuidanceFacts, speaking: Fired) -> list[Suggestion]:
    """DG-22: what the client prefers is suggested where it was an option; never the reverse, and not past DG-02."""
    wish = known.find(FactName.CLIENT_PREFERENCE)
    if wish is None or not isinstance(wish.value, tuple):
        return lines
    held = {Service.PEER_SUPPORT.value} if any(rule.caps_peer for rule, _ in speaking) else set()
    wanted = set(wish.value) - held
    return [
        replace(line, strength=Strength.SUGGEST, raised=True, facts_used=merged(line.facts_used, (wish,)))
        if line.strength is Strength.OPTION and line.service.value in wanted
        else line
        for line in lines
    ]


def _in_tandem(lines: list[Suggestion], speaking: Fired) -> list[Suggestion]:
    """DG-12: when a therapy rule and a peer rule fire, both services are marked to go together."""
    ids = {rule.id for rule, _ in speaking}
    if not (ids & THERAPY_RULES and ids & PEER_RULES):
        return lines
    return [replace(line, tandem=True) if line.service in TANDEM else line for line in lines]


def _without_beaten(lines: list[Suggestion]) -> list[Suggestion]:
    """DG-20: required beats what is weaker."""
    musts = {line.service for line in lines if line.strength is Strength.REQUIRED}
    return [line for line in lines if line.strength is Strength.REQUIRED or line.service not in musts]


def _place(line: Suggestion) -> tuple[int, bool, str, int]:
    return RANK[line.strength], not line.strongest, line.rule_id, list(Service).index(line.service)

"""What a reader may know of guidance: a peer sees what is called for and the risk flag, not clinical answers. Pure.

Table 1.9, note 1, decided as follows for who may not read answers:
- a fact that a clinician judges or that an instrument measured is not shown, nor that it is stale or missing;
- a line that rests on such facts alone keeps its service and strength; its rule, reason and facts are withheld;
- the block of peer support alone is shown (it is the risk flag); the block about trauma is not, for it would tell why.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass

from .conditions import Evidence
from .judging import Blocked, Guidance, Suggestion
from .known import Fact
from .rules import RULES_VERSION
from .words import CLINICAL, MEASURED, Block, FactName, FactSource

WITHHELD = "A clinician's judgment stands behind this. Ask the clinician."
HIDDEN = CLINICAL | MEASURED


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One suggestion or block as its reader may know it. `target`: the service or the block; `strength` '' of a block.

    `basis` names what the line rests on; a decision gives it back. Empty where the reader decides nothing.
    """

    target: str
    label: str
    strength: str
    rule_id: str
    reason_text: str
    source: str
    facts_used: Evidence
    tandem: bool = False
    raised: bool = False
    withheld: bool = False
    basis: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Guidance as its reader may know it. `risk_flag`: clinical care comes first (DG-00, DG-01 or DG-02)."""

    suggestions: tuple[Line, ...]
    blocked: tuple[Line, ...]
    stale: tuple[Fact, ...]
    unknown: tuple[FactName, ...]
    risk_flag: bool
    rules_version: str = RULES_VERSION


def page_for(guidance: Guidance, *, answers: bool) -> Page:
    """Return guidance for a reader who may (`answers`) or may not read clinical answers."""
    suggestions = [_suggested(each) for each in guidance.suggestions]
    blocked = [_blocked(each) for each in guidance.blocked]
    stale, unknown = guidance.stale, guidance.unknown
    if not answers:
        suggestions = _once(_discreet(line) for line in suggestions)
        open_blocks = [line for line in blocked if line.target == Block.PEER_SUPPORT_ALONE]
        blocked = _once(_discreet(line) for line in open_blocks)
        stale = tuple(fact for fact in stale if fact.name not in HIDDEN)
        unknown = tuple(name for name in unknown if name not in HIDDEN)
    return Page(
        suggestions=tuple(suggestions),
        blocked=tuple(blocked),
        stale=stale,
        unknown=unknown,
        risk_flag=any(each.block is Block.PEER_SUPPORT_ALONE for each in guidance.blocked),
    )


def _suggested(each: Suggestion) -> Line:
    return Line(
        target=each.service.value,
        label=str(each.service.label),
        strength=each.strength.value,
        rule_id=each.rule_id,
        reason_text=each.reason_text,
        source=each.source,
        facts_used=each.facts_used,
        tandem=each.tandem,
        raised=each.raised,
        basis=basis_of(each.rule_id, each.service.value, each.strength.value, each.facts_used),
    )


def _blocked(each: Blocked) -> Line:
    return Line(
        target=each.block.value,
        label=str(each.block.label),
        strength="",
        rule_id=each.rule_id,
        reason_text=each.reason_text,
        source=each.source,
        facts_used=each.facts_used,
        basis=basis_of(each.rule_id, each.block.value, "", each.facts_used),
    )


def _discreet(line: Line) -> Line:
    """Return a line without clinical facts; when nothing else spoke for it, without its reason too."""
    shown = tuple(fact for fact in line.facts_used if fact.name not in HIDDEN)
    told = bool(shown)
    return Line(
        target=line.target,
        label=line.label,
        strength=line.strength,
        rule_id=line.rule_id if told else "",
        reason_text=line.reason_text if told else WITHHELD,
        source=line.source if told else "",
        facts_used=shown,
        tandem=line.tandem,
        raised=line.raised,
        withheld=not told,
    )


def _once(lines: Iterable[Line]) -> list[Line]:
    """Return lines without repetition: how many withheld reasons there are is nobody's business either."""
    return list(dict.fromkeys(lines))


def basis_of(rule_id: str, target: str, strength: str, evidence: Evidence) -> str:
    """Return the fingerprint of what a line rests on (64 hexadecimal digits): the rules, the line, its facts.

    The pathway's own facts count by what they say, not by when they were looked up.
    """
    facts = [
        (fact.name.value, fact.value, None if fact.source is FactSource.EPISODE else fact.at.isoformat())
        for fact in evidence
    ]
    said = json.dumps([RULES_VERSION, rule_id, target, strength, facts])
    return hashlib.sha256(said.encode()).hexdigest()

"""How a human process moves: verbs with rules, judged together, carried out once. The whole use of django-fsm.

A lifecycle method touches `self` only: no query, no clock, no call. Its edges say from where it starts and, per
edge, which rules may apply; the first rule whose condition holds for the subject, the facts and what is told decides
who may do it, what must be told, and which guards must pass. Not used from django-fsm, on purpose: `source="*"`,
`on_error`, `conditions=` (a refusal without a reason), its signals, `RETURN_VALUE` and its mixins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from django.db.models import Model
from django_fsm import FSMField, transition

from .actor import Actor
from .errors import GuardsFailed, Invalid, NotPermitted, Refusal, WrongStage
from .events import topic as register_topic

Answer = Refusal | tuple[Refusal, ...] | None  # a guard's: one no, several, or none
Guard = Callable[[Any], Answer]
Condition = Callable[[Any, Any], bool]
Method = TypeVar("Method", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class CoSign:
    """Who may start a step ahead of those who decide it (`start`), and of whom one must sign it afterwards (`sign`).

    `ask` names what must be told as true to start ahead; empty when starting already asks for it.
    """

    start: frozenset[str]
    sign: frozenset[str]
    ask: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may take an edge, what they must tell (`needs`), and which guards must pass. `code` cites the rule book.

    `case` binds the rule to what is told: `("trigger", "return_to_use")`. `told` holds the guards over what is told;
    they are judged when the step is taken, not when somebody looks ahead and has told nothing yet.
    """

    code: str
    who: frozenset[str]
    guards: tuple[Guard, ...] = ()
    needs: tuple[str, ...] = ()
    when: Condition | None = None  # None: always
    propose: frozenset[str] = frozenset()  # may ask for it without deciding it
    cosign: CoSign | None = None
    case: tuple[str, str] | None = None
    told: tuple[Guard, ...] = ()

    def applies(self, subject: Model, facts: Any) -> bool:
        """True when this rule is the one for the subject as it stands."""
        return self.when is None or self.when(subject, facts)

    def fits(self, given: Mapping[str, Any]) -> bool:
        """True when this rule is the one for what is told."""
        return self.case is None or given.get(self.case[0]) == self.case[1]


@dataclass(frozen=True, slots=True)
class Edge:
    """From these stages a verb may start, under the first of `rules` that applies."""

    sources: tuple[str, ...]
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb of a lifecycle as declared: its name, where it leads, the fact it makes, and its edges."""

    name: str
    target: str
    topic: str
    edges: tuple[Edge, ...]

    def rules_from(self, source: str) -> tuple[Rule, ...]:
        """Return the rules of the edge that starts at `source`, none if the verb does not start there."""
        return next((edge.rules for edge in self.edges if source in edge.sources), ())


@dataclass(frozen=True, slots=True)
class Change:
    """A move that was judged and made in memory, not yet saved. `cosign`: of these roles one must sign it yet."""

    verb: str
    source: str
    target: str
    rule: str
    topic: str
    at: datetime
    facts: Any
    cosign: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Option:
    """What `GET …/transitions/` says of one verb, in one case of what is told, for one actor now."""

    verb: str
    target: str
    rule: Rule
    permitted: bool
    may_propose: bool
    may_start: bool = False
    refusals: tuple[Refusal, ...] = field(default=())

    @property
    def status(self) -> str:
        """`allowed`, `blocked` (guards), `needs_cosign` (may start ahead), `needs_approval` (may ask), or
        `not_permitted` (role).
        """
        if self.permitted or self.may_start:
            return "blocked" if self.refusals else "allowed" if self.permitted else "needs_cosign"
        return "needs_approval" if self.may_propose else "not_permitted"


def verb(stage: FSMField | str, *, target: str, topic: str, edges: tuple[Edge, ...]) -> Callable[[Method], Method]:
    """Declare a method as the verb that moves `stage` to `target` along `edges` and makes the fact `topic`."""

    def declare(method: Method) -> Method:
        declared = Verb(method.__name__, target, register_topic(topic), edges)
        moved = method
        for edge in edges:
            moved = transition(field=stage, source=list(edge.sources), target=target, custom={"rules": edge.rules})(
                moved
            )
        moved.verb = declared  # type: ignore[attr-defined]
        return moved

    return declare


def verbs(model: type[Model]) -> Iterator[Verb]:
    """Yield the verbs declared on a model in the order they are written."""
    for owner in reversed(model.__mro__):
        for attribute in vars(owner).values():
            declared = getattr(attribute, "verb", None)
            if isinstance(declared, Verb):
                yield declared


def pairs(model: type[Model]) -> list[tuple[str, str]]:
    """Return every (from, to) that the model's verbs allow: the source of its ledger's CHECK constraint."""
    found = {(str(source), str(each.target)) for each in verbs(model) for edge in each.edges for source in edge.sources}
    return sorted(found)


def declared_verb(model: type[Model], name: str) -> Verb:
    """Return the verb `name` of `model`; raise Invalid with code `unknown_verb` when there is none."""
    for each in verbs(model):
        if each.name == name:
            return each
    raise Invalid("There is no such step.", code="unknown_verb", verbs=[each.name for each in verbs(model)])


def require_start(subject: Model, name: str) -> Verb:
    """Return a verb that starts where the subject stands, whatever the facts; raise before anybody gathers them.

    Raises Invalid `unknown_verb`, WrongStage.
    """
    declared, source = declared_verb(type(subject), name), str(subject.stage)  # type: ignore[attr-defined]
    if not declared.rules_from(source):
        possible = [each.name for each in verbs(type(subject)) if each.rules_from(source)]
        raise WrongStage(stage=source, verb=name, possible=possible)
    return declared


def rule_for(subject: Model, declared: Verb, facts: Any, *, given: Mapping[str, Any] | None = None) -> Rule | None:
    """Return the rule under which the subject may take the verb from where it stands, None if it may not.

    `given` is what the caller tells; a rule bound to a case that is not told is passed over.
    """
    source = str(subject.stage)  # type: ignore[attr-defined]
    rules = declared.rules_from(source)
    return next((rule for rule in rules if rule.applies(subject, facts) and rule.fits(given or {})), None)


def judge(guards: tuple[Guard, ...], facts: Any) -> tuple[Refusal, ...]:
    """Return every guard's refusals, in the order the rule names them; empty when all pass."""
    found: list[Refusal] = []
    for guard in guards:
        answer = guard(facts)
        found += answer if isinstance(answer, tuple) else [answer] if answer else []
    return tuple(found)


def options(subject: Model, *, actor: Actor, facts: Any) -> list[Option]:
    """Return what each verb that starts here means for this actor now; a verb's special cases before its plain one."""
    found = []
    for declared in verbs(type(subject)):
        for rule in _cases(subject, declared, facts):
            option = Option(
                verb=declared.name,
                target=str(declared.target),
                rule=rule,
                permitted=actor.has_role(*rule.who),
                may_propose=actor.has_role(*rule.propose),
                may_start=rule.cosign is not None and actor.has_role(*rule.cosign.start),
                refusals=judge(rule.guards, facts),
            )
            found.append(option)
    return found


def _cases(subject: Model, declared: Verb, facts: Any) -> Iterator[Rule]:
    """Yield each rule that some telling would lead to from here; what comes after a plain one is never reached."""
    for rule in declared.rules_from(str(subject.stage)):  # type: ignore[attr-defined]
        if rule.applies(subject, facts):
            yield rule
            if rule.case is None:
                return


def signers(rule: Rule, *, actor: Actor, given: Mapping[str, Any]) -> frozenset[str] | None:
    """Return of which roles one must sign the actor's step afterwards, empty if none; None if the actor may not."""
    if actor.has_role(*rule.who):
        return frozenset()
    ahead = rule.cosign
    if ahead is None or not actor.has_role(*ahead.start):
        return None
    return ahead.sign if not ahead.ask or given.get(ahead.ask) is True else None


def advance(
    subject: Model, name: str, *, actor: Actor, at: datetime, facts: Any, given: Mapping[str, Any] | None = None
) -> Change:
    """Judge one verb for a locked subject and make the move in memory.

    `given` holds what the caller told (`rule.needs` names what is required). Returns the change to be saved with its
    ledger row. Raises Invalid (`unknown_verb`, `data_missing`), WrongStage, NotPermitted, GuardsFailed (all guards).
    """
    declared, told = require_start(subject, name), given or {}
    source = str(subject.stage)  # type: ignore[attr-defined]
    rule = rule_for(subject, declared, facts, given=told)
    if rule is None:
        allowed = list(dict.fromkeys(option.verb for option in options(subject, actor=actor, facts=facts)))
        raise WrongStage(stage=source, verb=name, possible=allowed)
    sign = signers(rule, actor=actor, given=told)
    if sign is None:
        raise NotPermitted(verb=name, rule=rule.code, who=sorted(rule.who), may_propose=actor.has_role(*rule.propose))
    missing = [need for need in rule.needs if told.get(need) in (None, "", [])]
    if missing:
        fields = {need: ["This step needs it."] for need in missing}
        raise Invalid("This step needs more to be told.", code="data_missing", fields=fields, rule=rule.code)
    refusals = judge((*rule.guards, *rule.told), facts)
    if refusals:
        raise GuardsFailed(refusals, verb=name, rule=rule.code)
    getattr(subject, name)(at=at)
    return Change(name, source, str(declared.target), rule.code, declared.topic, at, facts, sign)

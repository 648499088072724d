"""The "if" of a rule: a condition finds the facts that make it true, and says itself in words. Pure, no rules here.

A condition never asks that something be absent: one more fact may fire a rule, one fact less never does (DG-21 b).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .known import Fact, GuidanceFacts
from .words import FactName

Evidence = tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class When:
    """One condition. `find` returns the facts that satisfy it, none when it does not hold."""

    words: str
    find: Callable[[GuidanceFacts], Evidence]

    def __or__(self, other: When) -> When:
        """Return the condition that holds when one of two does; its evidence is all that speaks for it."""

        def either(known: GuidanceFacts) -> Evidence:
            return merged(self.find(known), other.find(known))

        return When(f"{self.words}; or {other.words}", either)

    def __and__(self, other: When) -> When:
        """Return the condition that holds when both do."""

        def both(known: GuidanceFacts) -> Evidence:
            here, there = self.find(known), other.find(known)
            return merged(here, there) if here and there else ()

        return When(f"{self.words}, while {other.words}", both)


def merged(*evidence: Evidence) -> Evidence:
    """Return facts of several findings, each once, in the order of their names."""
    found = {fact.name: fact for each in evidence for fact in each}
    return tuple(found[name] for name in FactName if name in found)


def _one(name: FactName, words: str, holds: Callable[[Fact, GuidanceFacts], bool]) -> When:
    def find(known: GuidanceFacts) -> Evidence:
        fact = known.find(name)
        return (fact,) if fact is not None and holds(fact, known) else ()

    return When(words, find)


def yes(name: FactName) -> When:
    """Return: somebody said so, or it is recorded."""
    return _one(name, str(name.label), lambda fact, _: fact.value is True)


def level(name: FactName, wanted: str, words: str) -> When:
    """Return: it stands at exactly this level or stage."""
    return _one(name, words, lambda fact, _: fact.value == wanted)


def points(name: FactName, number: int, words: str) -> When:
    """Return: at least so many points, a number of the instrument itself and of no policy."""
    return _one(name, words, lambda fact, _: _number(fact) >= number)


def points_from(name: FactName, policy_name: str, words: str) -> When:
    """Return: at least as many points as the organization's policy says under a name."""
    return _one(name, words, lambda fact, known: _number(fact) >= int(getattr(known.policy, policy_name)))


def _number(fact: Fact) -> int:
    return fact.value if isinstance(fact.value, int) and not isinstance(fact.value, bool) else -1

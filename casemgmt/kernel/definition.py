"""The version of a lifecycle's rule table: a short hash over what its verbs declare. Pure; judges nothing.

A ledger row keeps the version that judged it, so that a reader years later knows which table to look up (F2). The same
declarations make the same version on every machine; any other verb, edge, role, need, guard or condition another one.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from typing import Any

from django.db.models import Model

from .lifecycle import Rule, Verb, verbs

LENGTH = 12  # hexadecimal digits


@cache
def definition_of(model: type[Model]) -> str:
    """Return the version of the rule table that `model` declares: 12 hexadecimal digits (F2)."""
    return version_of(tuple(verbs(model)))


def version_of(declared: tuple[Verb, ...]) -> str:
    """Return the version of some verbs, in the order they are declared."""
    return sha256(json.dumps([_verb(each) for each in declared]).encode()).hexdigest()[:LENGTH]


def _verb(verb: Verb) -> list[Any]:
    edges = [[list(edge.sources), [_rule(rule) for rule in edge.rules]] for edge in verb.edges]
    return [verb.name, verb.target, verb.topic, edges]


def _rule(rule: Rule) -> list[Any]:
    ahead = rule.cosign
    return [
        rule.code,
        sorted(rule.who),
        sorted(rule.propose),
        list(rule.needs),
        [_function(each) for each in (*rule.guards, None, *rule.told)],
        _function(rule.when),
        list(rule.case or ()),
        [sorted(ahead.start), sorted(ahead.sign), ahead.ask] if ahead else [],
    ]


def _function(function: Callable[..., Any] | None) -> list[str]:
    """Return what a guard or condition is called and says of itself; what it is made of stands in the history."""
    return [] if function is None else [function.__name__, function.__doc__ or ""]

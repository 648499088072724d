"""The version of a rule table: the same for the same declarations, another for any other (F2)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from casemgmt.episodes.models import Episode
from casemgmt.kernel.definition import definition_of, version_of
from casemgmt.kernel.lifecycle import CoSign, Edge, Rule, Verb
from referrals.models import Referral


def blocks(facts: object) -> None:
    """G0: nothing."""


def other(facts: object) -> None:
    """G0: something else."""


def always(subject: object, facts: object) -> bool:
    return True


RULE = Rule("T1", frozenset({"a", "b"}), guards=(blocks,), needs=("date",))
VERB = Verb("go", "there", "x.gone", (Edge(("here",), (RULE,)),))


def with_rule(**changes: object) -> tuple[Verb, ...]:
    return (replace(VERB, edges=(Edge(("here",), (replace(RULE, **changes),)),)),)


def test_the_same_declarations_have_the_same_version() -> None:
    """F2: whatever the order of a set; twelve hexadecimal digits."""
    assert version_of((VERB,)) == version_of(with_rule(who=frozenset({"b", "a"})))
    assert len(version_of((VERB,))) == 12
    assert int(version_of((VERB,)), 16) >= 0


@pytest.mark.parametrize(
    "changed",
    [
        (replace(VERB, name="come"),),
        (replace(VERB, target="elsewhere"),),
        (replace(VERB, edges=(Edge(("here", "there"), (RULE,)),)),),
        (VERB, replace(VERB, name="come")),
        with_rule(code="T2"),
        with_rule(who=frozenset({"a"})),
        with_rule(propose=frozenset({"c"})),
        with_rule(needs=()),
        with_rule(guards=(other,)),
        with_rule(guards=(), told=(blocks,)),
        with_rule(when=always),
        with_rule(case=("trigger", "request")),
        with_rule(cosign=CoSign(frozenset({"c"}), frozenset({"a"}))),
    ],
)
def test_any_other_declaration_has_another_version(changed) -> None:
    """F2."""
    assert version_of(changed) != version_of((VERB,))


def test_every_lifecycle_has_its_own() -> None:
    """F2."""
    assert definition_of(Episode) == definition_of(Episode) != definition_of(Referral)

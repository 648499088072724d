"""Which kinds may run together, judged without a database (STG-01)."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programs.rules.combinations import (
    MOST_RULES,
    SHIPPED,
    Combination,
    against_exclusion,
    against_lack,
    against_leaving,
    in_force,
    rule_refusals,
)
from programs.rules.kinds import Kind

CARE = ["iop", "therapy", "peer_support", "sober_living", "aftercare"]
kinds = st.sets(st.sampled_from(Kind.values))


def needs(kind: str, *others: str, name: str = "mine") -> Combination:
    """Return a rule that a kind needs one of others."""
    return Combination(name, kind, "needs_one_of", others, "Because.")


def excludes(kind: str, *others: str, name: str = "mine") -> Combination:
    """Return a rule that a kind excludes others."""
    return Combination(name, kind, "excludes", others, "Because.")


def test_what_ships_is_two_rules_and_nothing_else_is_forbidden() -> None:
    """STG-01: peer support and a residence run beside anything, IOP and therapy run together, aftercare after IOP."""
    clashes = {(one, two) for one, two in product(CARE, CARE) if against_exclusion(one, {two}, SHIPPED)}
    alone = {kind for kind in CARE if against_lack(kind, set(), SHIPPED)}

    assert clashes == {("aftercare", "iop"), ("iop", "aftercare")}
    assert alone == {"sober_living"}
    for company in ("iop", "therapy", "peer_support", "aftercare"):
        assert against_lack("sober_living", {company}, SHIPPED) == ()
    assert against_lack("sober_living", {"other", "sober_living"}, SHIPPED)


def test_a_refusal_names_the_rule_and_what_would_satisfy_it() -> None:
    """STG-01: whoever is refused learns which rule it was and the way out."""
    (lack,) = against_lack("sober_living", set(), SHIPPED)
    (clash,) = against_exclusion("iop", {"aftercare", "therapy"}, SHIPPED)

    assert (lack.guard, lack.code) == ("STG-01", "combination_needs")
    assert "residence_beside_care" in lack.sentence
    assert lack.remedy == "First plan an enrollment in iop or therapy or peer_support or aftercare."
    assert (clash.guard, clash.code) == ("STG-01", "combination_excluded")
    assert "aftercare_follows_iop" in clash.sentence
    assert clash.remedy == "First end the enrollment in aftercare."


def test_what_another_needs_does_not_leave_before_it() -> None:
    """STG-01: the last company of a residence stays; one of two may go."""
    assert [each.code for each in against_leaving("therapy", {"sober_living"}, SHIPPED)] == ["combination_needs"]
    assert against_leaving("therapy", {"sober_living", "peer_support"}, SHIPPED) == ()
    assert against_leaving("therapy", {"peer_support"}, SHIPPED) == ()
    assert against_leaving("sober_living", {"peer_support"}, SHIPPED) == ()


def test_an_own_rule_takes_the_place_of_a_shipped_one_of_its_name_and_another_is_set_aside() -> None:
    own = needs("sober_living", "therapy", name="residence_beside_care")

    rules = in_force([(own, True), (SHIPPED[1], False), (excludes("other", "iop", name="zz"), True)])

    assert [rule.name for rule in rules] == ["residence_beside_care", "zz"]
    assert rules[0] is own
    assert in_force([]) == tuple(sorted(SHIPPED, key=lambda rule: rule.name))


@pytest.mark.parametrize(
    ("rule", "others", "field"),
    [
        (needs("yoga", "iop"), (), "kind"),
        (needs("iop", "yoga"), (), "kinds"),
        (needs("iop"), (), "kinds"),
        (needs("iop", "therapy", "therapy"), (), "kinds"),
        (needs("iop", "iop"), (), "kinds"),
        (excludes("iop", "iop"), (), "kinds"),
        (Combination("mine", "iop", "likes", ("therapy",), "Because."), (), "relation"),
        # needs and excludes the same, in either direction
        (excludes("sober_living", "therapy"), (needs("sober_living", "therapy", name="a"),), "kinds"),
        (excludes("therapy", "sober_living"), (needs("sober_living", "therapy", name="a"),), "kinds"),
        # each waits for the other
        (needs("iop", "therapy"), (needs("therapy", "iop", name="a"),), "kinds"),
        # what is needed needs what is excluded
        (
            excludes("iop", "peer_support"),
            (needs("iop", "therapy", name="a"), needs("therapy", "peer_support", name="b")),
            "kinds",
        ),
        (needs("iop", "therapy"), tuple(excludes("other", "iop", name=f"r{n}") for n in range(MOST_RULES)), "name"),
    ],
)
def test_a_rule_that_cannot_be_kept_is_refused(rule, others, field) -> None:
    """STG-01: kinds that exist, and no contradiction with the rules that hold."""
    assert list(rule_refusals(rule, others)) == [field]


@pytest.mark.parametrize("position", range(len(SHIPPED)))
def test_what_ships_passes_its_own_judge(position: int) -> None:
    others = [rule for number, rule in enumerate(SHIPPED) if number != position]

    assert rule_refusals(SHIPPED[position], others) == {}


@given(kind=st.sampled_from(Kind.values), others=kinds, rule=st.builds(
    Combination, st.just("r"), st.sampled_from(Kind.values), st.just("excludes"),
    st.lists(st.sampled_from(Kind.values), unique=True).map(tuple), st.just("Because."),
))  # fmt: skip
def test_exclusion_holds_in_both_directions(kind, others, rule) -> None:
    """STG-01: who may not join them, they may not join either."""
    for other in others:
        assert bool(against_exclusion(kind, {other}, [rule])) == bool(against_exclusion(other, {kind}, [rule]))
    assert bool(against_exclusion(kind, others, [rule])) == any(
        against_exclusion(kind, {other}, [rule]) for other in others
    )

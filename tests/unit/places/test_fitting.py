"""Whom a place fits, and why not: what is unknown stands in nobody's way (F5, CLN-10)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from casemgmt.places.rules.fitting import Place, Wish, unmet, why_not
from casemgmt.places.words import MEETS, BedPolicy, Need, SkipReason

TODAY = date(2026, 5, 4)
PLACE = Place(TODAY, accepts_moud=None)
WISH = Wish(frozenset(), None, has_offer=False, answered=False, enrolled=False, referred=True)


@pytest.mark.parametrize(
    ("needs", "place", "lacking"),
    [
        ({Need.MOUD}, PLACE, ()),  # unknown is not "no"
        ({Need.MOUD}, replace(PLACE, accepts_moud=True), ()),
        ({Need.MOUD}, replace(PLACE, accepts_moud=False), ("moud",)),
        ({Need.STEP_FREE}, replace(PLACE, step_free=False), ("step_free",)),
        ({Need.STEP_FREE}, PLACE, ()),
        ({Need.WOMEN_ONLY}, PLACE, ()),  # no bed in particular
        ({Need.WOMEN_ONLY}, replace(PLACE, bed_policy=BedPolicy.WOMEN.value), ()),
        ({Need.WOMEN_ONLY}, replace(PLACE, bed_policy=BedPolicy.ANYBODY.value), ("women_only",)),
        ({Need.WITH_CHILDREN}, replace(PLACE, bed_policy=BedPolicy.MEN.value), ("with_children",)),
    ],
)
def test_a_place_lacks_only_what_it_is_known_to_lack(needs, place, lacking) -> None:
    assert unmet(replace(WISH, needs=frozenset(each.value for each in needs)), place) == lacking


@pytest.mark.parametrize(
    ("wish", "reason"),
    [
        (WISH, None),
        (replace(WISH, has_offer=True), SkipReason.HAS_OFFER),
        (replace(WISH, answered=True), SkipReason.ANSWERED_THIS_PLACE),
        (replace(WISH, enrolled=True), SkipReason.ALREADY_ENROLLED),
        (replace(WISH, asked_for=date(2026, 5, 5)), SkipReason.NOT_WANTED_YET),
        (replace(WISH, asked_for=TODAY), None),
        (replace(WISH, referred=False), SkipReason.REFERRAL_NEEDED),
    ],
)
def test_each_reason_has_its_code(wish, reason) -> None:
    found = why_not(wish, PLACE)

    assert (found[0] if found else None) == reason


@pytest.mark.parametrize("policy", [BedPolicy.WOMEN, BedPolicy.MEN, BedPolicy.FAMILY])
def test_a_bed_for_some_is_offered_to_whose_entry_says_that_it_suits(policy) -> None:
    """CLN-10: a client's gender is no part of the record; what people noted as a need is."""
    place = replace(PLACE, bed_policy=policy.value)

    assert why_not(WISH, place) == (SkipReason.BED_FOR_OTHERS, ())
    assert why_not(replace(WISH, needs=MEETS[policy.value]), place) is None

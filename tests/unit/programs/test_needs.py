"""How a listing answers needs: matches, unknown, or against. Unknown is never taken for no (HSD-01, CLN-10)."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from programs.rules.kinds import Kind
from programs.rules.listing import CapacityState, CertificateState, ListingState
from programs.rules.needs import Listing, Needs, Verdict, judge
from programs.rules.residences import NarrLevel

BARE = Listing(
    status="active",
    listing=ListingState.FRESH,
    capacity=CapacityState.UNKNOWN,
    places_open=None,
    waitlist_only=False,
    certificate=CertificateState.UNKNOWN,
    level=None,
    modalities=frozenset(),
    accepts_moud=None,
    languages=(),
    interpretation=False,
    minimum_age=None,
    maximum_age=None,
    whereabouts=(),
    narr_level="",
    payers=frozenset(),
    times=frozenset(),
)
ANY = {"kind": "sober_living"}


def code(needs: dict, **told) -> str:
    (answer,) = judge(Needs(**{**ANY, **needs}), replace(BARE, **told)).answers
    return answer.code


def test_nothing_asked_is_nothing_answered() -> None:
    found = judge(Needs(**ANY), BARE)

    assert (found.answers, found.stale, found.found) == ((), (), True)


@pytest.mark.parametrize(
    ("needs", "fits", "differs", "name"),
    [
        ({"level": (4, "2.1")}, {"level": (4, "2.1")}, {"level": (4, "1.5")}, "level"),
        ({"modality": "cbt"}, {"modalities": frozenset({"cbt"})}, {"modalities": frozenset({"art"})}, "modality"),
        ({"moud": True}, {"accepts_moud": True}, {"accepts_moud": False}, "moud"),
        ({"language": "es"}, {"languages": ("en", "es-MX")}, {"languages": ("en",)}, "language"),
        ({"language": "es-MX"}, {"languages": ("es",)}, {"languages": ("est",)}, "language"),
        ({"age": 17}, {"minimum_age": 12}, {"minimum_age": 18}, "age"),
        ({"age": 17}, {"maximum_age": 17}, {"maximum_age": 16}, "age"),
        ({"city": "wichita"}, {"whereabouts": (("Wichita", ""),)}, {"whereabouts": (("Salina", "KS"),)}, "place"),
        ({"narr_levels": ("I", "II")}, {"narr_level": "II"}, {"narr_level": "III"}, "narr_level"),
        ({"payer": "medicaid"}, {"payers": frozenset({"medicaid"})}, {"payers": frozenset({"self_pay"})}, "payer"),
        (
            {"times": ("evening", "weekend")},
            {"times": frozenset({"weekend"})},
            {"times": frozenset({"weekday"})},
            "times",
        ),
    ],
)
def test_a_need_is_met_unknown_or_against(needs, fits, differs, name) -> None:
    assert code(needs, **fits) == f"{name}_fits"
    assert code(needs) == f"{name}_unknown"
    assert code(needs, **differs) == f"{name}_differs"
    assert judge(Needs(**{**ANY, **needs}), BARE).found
    assert not judge(Needs(**{**ANY, **needs}), replace(BARE, **differs)).found


def test_a_level_of_the_other_edition_is_unknown_not_another_level() -> None:
    assert code({"level": (4, "1.5")}, level=(3, "1")) == "level_unknown"


def test_interpretation_is_to_be_asked_for() -> None:
    assert code({"language": "uk"}, languages=("en",), interpretation=True) == "language_interpreted"


@pytest.mark.parametrize(
    ("whereabouts", "expected"),
    [
        ((("Wichita", "KS"),), "place_fits"),
        ((("Wichita", ""), ("Wichita", "MO")), "place_differs"),
        ((("Wichita", ""),), "place_unknown"),
        ((("Wichita", "Kansas"),), "place_unknown"),
        ((("Salina", "KS"), ("Wichita", "KS")), "place_fits"),
        ((("Salina", ""),), "place_differs"),
    ],
)
def test_a_city_of_a_state(whereabouts, expected) -> None:
    assert code({"city": "Wichita", "state": "KS"}, whereabouts=whereabouts) == expected


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"capacity": CapacityState.CONFIRMED, "places_open": 2}, "places_fits"),
        ({"capacity": CapacityState.CONFIRMED, "places_open": 1}, "places_differs"),
        ({"capacity": CapacityState.CONFIRMED, "places_open": 2, "waitlist_only": True}, "places_by_waitlist"),
        ({"capacity": CapacityState.UNCONFIRMED}, "places_unconfirmed"),
        ({}, "places_unknown"),
    ],
)
def test_places_are_free_only_when_somebody_says_so(told, expected) -> None:
    """F5: what nobody confirmed lately is unknown, not free."""
    assert code({"places": 2}, **told) == expected


@pytest.mark.parametrize("status", ["inactive", "defunct", "temporarily_closed"])
def test_who_takes_nobody_is_left_out(status) -> None:
    assert code({}, status=status) == "not_taking_people"


def test_what_is_old_is_said_and_what_is_stale_is_left_out() -> None:
    def stale(**told) -> list[str]:
        return [each.code for each in judge(Needs(**ANY), replace(BARE, **told)).stale]

    assert stale(listing=ListingState.OLD) == ["listing_old"]
    assert stale(listing=ListingState.NEVER) == ["listing_never_checked"]
    assert stale(capacity=CapacityState.UNCONFIRMED) == ["capacity_unconfirmed"]
    assert stale(certificate=CertificateState.EXPIRED) == ["certificate_expired"]
    assert code({}, listing=ListingState.STALE) == "listing_stale"


def test_no_level_of_residence_ranks_before_another() -> None:
    """CLN-10: levels are not a rating."""
    needs = Needs(kind="sober_living", narr_levels=tuple(NarrLevel.values))

    ranks = {judge(needs, replace(BARE, narr_level=level)).rank for level in NarrLevel.values}

    assert ranks == {(0, 0)}


def test_a_modality_that_nobody_asked_for_counts_for_nothing() -> None:
    """rules.md 3.4: the software never recommends a modality."""
    without = judge(Needs(kind="therapy"), BARE)

    assert judge(Needs(kind="therapy"), replace(BARE, modalities=frozenset({"cbt"}))) == without


@pytest.mark.parametrize(("kind", "asked"), list(product(Kind.values, [True, False])))
def test_every_answer_is_of_one_verdict_and_has_a_sentence(kind, asked) -> None:
    needs = Needs(kind=kind, moud=asked, age=30 if asked else None, payer="medicaid" if asked else "")

    found = judge(needs, BARE)

    assert len(found.answers) == (3 if asked else 0) == len(found.of(Verdict.UNKNOWN))
    assert all(answer.sentence.endswith(".") for answer in found.answers)

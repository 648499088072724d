"""permits() judges every conjunct: removing any one flips the answer (P2-20). No database."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casemgmt.consent.permits import Restriction, Terms, Wish, overridden, permits
from casemgmt.consent.words import Category, Purpose, RecipientClass

AT = datetime(2026, 3, 2, 15, tzinfo=UTC)
PLAIN = [each.value for each in Category if each is not Category.COUNSELING_NOTES]
PURPOSES = [each.value for each in Purpose if each is not Purpose.LEGAL_PROCEEDING]
CLASSES = RecipientClass.values
ids = st.uuids(version=4)


@st.composite
def permitted(draw: st.DrawFn) -> tuple[Wish, Terms]:
    """Return a wish and a consent that covers it."""
    client, north, south = draw(st.lists(ids, min_size=3, max_size=3, unique=True))
    categories = draw(st.sets(st.sampled_from(PLAIN), min_size=1, max_size=5))
    recipient_class, purpose = draw(st.sampled_from(CLASSES)), draw(st.sampled_from(PURPOSES))
    others = draw(st.sets(st.sampled_from([each for each in CLASSES if each != recipient_class])))
    by_name = draw(st.booleans())
    wish = Wish(
        client_id=client,
        discloser_id=north,
        recipient_id=south,
        recipient_class=recipient_class,
        categories=frozenset(categories),
        purpose=purpose,
    )
    terms = Terms(
        id=draw(ids),
        client_id=client,
        type=draw(st.sampled_from(["named_recipient", "tpo"])),
        status="active",
        discloser_id=north,
        recipient_ids=frozenset({south} if by_name else set()),
        recipient_classes=frozenset(others if by_name else others | {recipient_class}),
        categories=frozenset(categories | draw(st.sets(st.sampled_from(PLAIN)))),
        purposes=frozenset({purpose} | draw(st.sets(st.sampled_from(PURPOSES)))),
        expires_at=draw(st.none() | st.just(AT + timedelta(microseconds=1)) | st.just(AT + timedelta(days=30))),
    )
    return wish, terms


STRANGER = UUID(int=0)
patient = settings(deadline=None)  # a busy machine is not a wrong answer


def _without_recipient(wish: Wish, terms: Terms) -> Terms:
    return replace(
        terms,
        recipient_ids=terms.recipient_ids - {wish.recipient_id},
        recipient_classes=terms.recipient_classes - {wish.recipient_class},
    )


# Each takes one conjunct away from a consent that covers the wish.
FLIPS = {
    "consent_missing": lambda wish, terms: replace(terms, client_id=STRANGER),
    "consent_not_active": lambda wish, terms: replace(terms, status="draft"),
    "consent_revoked": lambda wish, terms: replace(terms, status="revoked"),
    "consent_expired": lambda wish, terms: replace(terms, expires_at=AT),
    "consent_superseded": lambda wish, terms: replace(terms, status="superseded"),
    "consent_deficient": lambda wish, terms: replace(terms, deficient=True),
    "consent_disputed": lambda wish, terms: replace(terms, disputed=True),
    "consent_suspended": lambda wish, terms: replace(terms, suspended=True),
    "discloser_not_covered": lambda wish, terms: replace(terms, discloser_id=STRANGER),
    "recipient_not_covered": _without_recipient,
    "category_not_covered": lambda wish, terms: replace(terms, categories=terms.categories - {min(wish.categories)}),
    "purpose_not_covered": lambda wish, terms: replace(terms, purposes=terms.purposes - {wish.purpose}),
}


@pytest.mark.parametrize("code", FLIPS)
@patient
@given(case=permitted())
def test_removing_any_one_conjunct_flips_the_answer(code, case) -> None:
    wish, terms = case
    assert permits(wish, consents=[terms], restrictions=[], at=AT).consent_id == terms.id

    verdict = permits(wish, consents=[FLIPS[code](wish, terms)], restrictions=[], at=AT)

    assert (verdict.permitted, verdict.codes, verdict.consent_id) == (False, (code,), None)


@patient
@given(case=permitted())
def test_a_recipient_taken_back_is_refused_and_no_other(case) -> None:
    wish, terms = case

    taken_back = replace(terms, revoked_for=frozenset({wish.recipient_id}))
    another = replace(terms, revoked_for=frozenset({STRANGER}))

    assert permits(wish, consents=[taken_back], restrictions=[], at=AT).codes == ("consent_revoked",)
    assert permits(wish, consents=[another], restrictions=[], at=AT).permitted


@patient
@given(case=permitted())
def test_counseling_notes_and_proceedings_need_a_consent_of_their_own(case) -> None:
    wish, terms = case
    notes = frozenset({Category.COUNSELING_NOTES.value})
    proceeding = Purpose.LEGAL_PROCEEDING.value

    with_notes = permits(
        replace(wish, categories=wish.categories | notes),
        consents=[replace(terms, categories=terms.categories | notes)],
        restrictions=[],
        at=AT,
    )
    in_court = permits(
        replace(wish, purpose=proceeding),
        consents=[replace(terms, purposes=terms.purposes | {proceeding})],
        restrictions=[],
        at=AT,
    )

    own = replace(terms, type="counseling_notes", categories=terms.categories | notes)
    for_them = permits(replace(wish, categories=notes), consents=[own], restrictions=[], at=AT)
    own_court = replace(terms, type="legal_proceeding", purposes=terms.purposes | {proceeding})
    for_court = permits(replace(wish, purpose=proceeding), consents=[own_court], restrictions=[], at=AT)

    assert "counseling_notes_not_covered" not in for_them.codes
    assert "proceedings_not_covered" not in for_court.codes
    assert with_notes.codes == ("counseling_notes_not_covered",)
    assert in_court.codes == ("proceedings_not_covered",)


@patient
@given(case=permitted(), everybody=st.booleans())
def test_an_agreed_restriction_beats_a_consent(case, everybody) -> None:
    wish, terms = case
    held_back = frozenset({min(wish.categories)})
    recipient = None if everybody else wish.recipient_id
    ours = Restriction(client_id=wish.client_id, recipient_id=recipient, categories=held_back)
    elsewhere = [
        replace(ours, client_id=STRANGER),
        replace(ours, recipient_id=STRANGER),
        replace(ours, categories=frozenset({"something_else"})),
    ]

    assert permits(wish, consents=[terms], restrictions=[ours], at=AT).codes == ("restriction_active",)
    assert permits(wish, consents=[terms], restrictions=elsewhere, at=AT).permitted


@patient
@given(case=permitted(), days=st.integers(-1, 1))
def test_each_bound_of_a_restriction_is_needed_for_it_to_let_go(case, days) -> None:
    """P2-50: class, purpose, and what was made since the program ended it by itself."""
    wish, terms = case
    ours = Restriction(
        client_id=wish.client_id,
        recipient_id=None,
        categories=frozenset({min(wish.categories)}),
        recipient_classes=frozenset({wish.recipient_class}),
        purposes=frozenset({wish.purpose}),
        released_from=AT,
    )
    other_class = next(each for each in CLASSES if each != wish.recipient_class)
    other_purpose = next(each for each in PURPOSES if each != wish.purpose)
    made = AT + timedelta(days=days)

    def allowed(restriction: Restriction, since: datetime | None = None) -> bool:
        return permits(replace(wish, made_since=since), consents=[terms], restrictions=[restriction], at=AT).permitted

    assert not allowed(ours)
    assert allowed(ours, made) is (days >= 0)
    assert not allowed(replace(ours, released_from=None), made)
    assert allowed(replace(ours, recipient_classes=frozenset({other_class})))
    assert allowed(replace(ours, purposes=frozenset({other_purpose})))


def test_every_field_of_a_consent_and_of_a_restriction_is_judged() -> None:
    """P2-20: a new field is a new conjunct, and is taken away here or above."""
    flipped = {"client_id", "status", "expires_at", "deficient", "disputed", "suspended", "discloser_id"}
    flipped |= {"recipient_ids", "recipient_classes", "categories", "purposes", "revoked_for", "type"}
    of_restrictions = {"client_id", "recipient_id", "categories", "recipient_classes", "purposes", "released_from"}

    assert {each.name for each in fields(Terms)} == flipped | {"id"}
    assert {each.name for each in fields(Restriction)} == of_restrictions


@patient
@given(case=permitted())
def test_one_covering_consent_among_many_is_found(case) -> None:
    wish, terms = case
    others = [replace(flip(wish, terms), id=UUID(int=number)) for number, flip in enumerate(FLIPS.values())]

    assert permits(wish, consents=[*others, terms, *others], restrictions=[], at=AT).consent_id == terms.id
    assert not permits(wish, consents=others, restrictions=[], at=AT).permitted


@patient
@given(case=permitted())
def test_consent_to_receive_service_lets_nothing_leave(case) -> None:
    wish, terms = case

    assert permits(wish, consents=[replace(terms, type="treatment")], restrictions=[], at=AT).codes == (
        "consent_missing",
    )
    assert permits(wish, consents=[], restrictions=[], at=AT).codes == ("consent_missing",)


@patient
@given(case=permitted())
def test_the_nearest_consent_says_what_is_missing(case) -> None:
    wish, terms = case
    far = replace(terms, status="revoked", categories=frozenset(), purposes=frozenset())
    near = replace(terms, categories=terms.categories - wish.categories)

    verdict = permits(wish, consents=[far, near], restrictions=[], at=AT)

    assert verdict.codes == ("category_not_covered",)
    assert verdict.lacks[0].items == tuple(sorted(wish.categories))


def test_the_stock_tpo_phrase_covers_no_recovery_residence() -> None:
    """P2-22."""
    client, north, house = UUID(int=1), UUID(int=2), UUID(int=3)
    stock = Terms(
        id=UUID(int=9),
        client_id=client,
        type="tpo",
        status="active",
        discloser_id=north,
        recipient_ids=frozenset(),
        recipient_classes=frozenset({"treating_provider", "health_plan", "third_party_payer", "program_operations"}),
        categories=frozenset(PLAIN),
        purposes=frozenset({"treatment", "payment", "operations"}),
        expires_at=None,
    )
    wish = Wish(
        client_id=client,
        discloser_id=north,
        recipient_id=house,
        recipient_class="recovery_residence",
        categories=frozenset({"identity"}),
        purpose="recovery_support",
    )

    assert permits(wish, consents=[stock], restrictions=[], at=AT).codes == (
        "recipient_not_covered",
        "purpose_not_covered",
    )


NARROWED = {
    "to nobody": ({}, True),
    "to this recipient": ({"recipient_id": STRANGER}, False),
    "to who treats": ({"recipient_classes": frozenset({"treating_provider"})}, True),
    "to who pays": ({"recipient_classes": frozenset({"health_plan"})}, False),
    "for treatment": ({"purposes": frozenset({"treatment"})}, True),
    "for payment": ({"purposes": frozenset({"payment"})}, False),
}


@pytest.mark.parametrize("name", NARROWED)
def test_an_emergency_overrides_what_was_kept_back_from_who_treats(name) -> None:
    """P2-50, P2-60."""
    narrowed, counts = NARROWED[name]
    told = {"client_id": STRANGER, "recipient_id": None, "categories": frozenset({"reason", "contact"}), **narrowed}

    found = overridden(["reason", "identity"], [Restriction(**told)])

    assert found == (frozenset({"reason"}) if counts else frozenset())

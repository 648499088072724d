"""A packet holds what its kind of service needs, and nothing else (P2-40). No database."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from casemgmt.consent.packets import SERVICES, TOLD, PacketFacts, extras, packet_hash, sections
from casemgmt.consent.words import Category
from programs.rules.kinds import Kind

EVERYTHING = PacketFacts(
    given_name="Ada",
    family_name="Example",
    birth_date=date(1990, 5, 17),
    language="en",
    contact_points=(("p1", "phone", True), ("p2", "email", False)),
    reason="Asks for weekly therapy",
    told={category: f"about {category}" for category in TOLD},
)


def test_every_kind_of_program_has_its_whitelist() -> None:
    assert set(SERVICES) == set(Kind.values)


@pytest.mark.parametrize("kind", SERVICES)
def test_nothing_outside_the_asked_categories_is_in_a_packet(kind) -> None:
    for category in Category.values:
        held = sections(kind, [category], EVERYTHING)

        assert set(held) <= {category}


@pytest.mark.parametrize("kind", ["peer_support", "sober_living", "other"])
def test_peers_and_housing_get_no_diagnosis_and_no_birth_date_by_default(kind) -> None:
    service = SERVICES[kind]
    held = sections(kind, service.always | service.if_consented, EVERYTHING)

    assert "diagnosis" not in held
    assert "birth_date" not in held["identity"]


def test_a_peer_gets_the_first_name_only() -> None:
    held = sections("peer_support", SERVICES["peer_support"].always, EVERYTHING)

    assert held["identity"] == {"given_name": "Ada"}
    assert set(held) == {"identity", "contact", "goals", "accessibility", "safety_plan"}


def test_a_therapist_gets_what_the_rule_names() -> None:
    held = sections("therapy", SERVICES["therapy"].always, EVERYTHING)

    assert held["identity"] == {"given_name": "Ada", "family_name": "Example", "birth_date": "1990-05-17"}
    assert held["reason"] == "Asks for weekly therapy"
    assert set(held) == {"identity", "contact", "reason", "level_of_care", "risk_level"}


@pytest.mark.parametrize(
    ("language", "points", "held"),
    [
        ("es", (), {"language": "es", "contact_points": []}),
        (
            "",
            (("p1", "phone", True),),
            {"language": "", "contact_points": [{"id": "p1", "kind": "phone", "preferred": True}]},
        ),
        ("", (), None),
    ],
)
def test_contact_is_told_when_there_is_anything_of_it(language, points, held) -> None:
    facts = replace(EVERYTHING, language=language, contact_points=points)

    assert sections("therapy", [Category.CONTACT], facts).get("contact") == held


def test_of_who_somebody_is_only_what_is_known_is_told() -> None:
    facts = replace(EVERYTHING, family_name="", birth_date=None)

    assert sections("therapy", [Category.IDENTITY], facts) == {"identity": {"given_name": "Ada"}}
    assert sections("therapy", [Category.IDENTITY], replace(facts, given_name="")) == {}


def test_contact_names_points_by_id_and_never_holds_a_number() -> None:
    held = sections("therapy", ["contact"], EVERYTHING)

    assert held == {
        "contact": {
            "language": "en",
            "contact_points": [
                {"id": "p1", "kind": "phone", "preferred": True},
                {"id": "p2", "kind": "email", "preferred": False},
            ],
        }
    }


def test_a_category_of_which_nothing_is_known_is_left_out() -> None:
    nobody = PacketFacts(given_name="Ada", family_name="Example")

    assert set(sections("therapy", SERVICES["therapy"].always, nobody)) == {"identity"}


def test_counseling_notes_never_come_from_the_senders_words() -> None:
    smuggled = PacketFacts(given_name="Ada", family_name="Example", told={"counseling_notes": "text"})

    assert sections("therapy", ["counseling_notes"], smuggled) == {}


def test_medications_join_only_when_consented() -> None:
    assert extras("therapy", consented=["identity", "medications", "moud"]) == {"medications"}
    assert extras("sober_living", consented=["identity", "medications", "moud"]) == {"moud"}
    assert extras("therapy", consented=["identity"]) == frozenset()


def test_the_hash_does_not_depend_on_order_and_changes_with_a_letter() -> None:
    one = packet_hash({"a": 1, "b": {"c": "é", "d": [1, 2]}})

    assert one == packet_hash({"b": {"d": [1, 2], "c": "é"}, "a": 1})
    assert one != packet_hash({"a": 1, "b": {"c": "e", "d": [1, 2]}})
    # {"a":1,"b":{"c":"é","d":[1,2]}} in UTF-8, by sha256sum
    assert one == "260db5f79d16dbb426ffa278c0ce12f125cfa0b25bd2b0719a79e8e6e4bdee59"

"""What counts of a FHIR Patient: which name, number, address and language, and what is worth a remark."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from casemgmt.clients.fhir_import.patient import Contact, Person, Unreadable, person_of

TODAY = date(2026, 3, 1)


def person(**fields: Any) -> Person:
    """Return the person of a resource with these fields."""
    resource = {"resourceType": "Patient", "id": "x", "name": [{"family": "Example", "given": ["Ada"]}], **fields}
    return person_of(resource, today=TODAY)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([{"family": "Yundt842", "given": ["Donya787", "Mikaela760"]}], ("Donya787 Mikaela760", "Yundt842")),
        ([{"use": "maiden", "family": "Old"}, {"use": "official", "family": "New", "given": ["A"]}], ("A", "New")),
        ([{"use": "official", "family": "X", "period": {"end": "2020"}}, {"family": "Y", "given": ["B"]}], ("B", "Y")),
        ([{"use": "official", "family": "X", "given": ["A"], "period": {"end": "2020"}}], ("A", "X")),
        ([{"text": "Ada Mae Example"}], ("Ada Mae", "Example")),
        ([{"text": "Cher"}], ("", "Cher")),
        (["nonsense", 7, {"family": 3, "given": "Ada", "text": "Bo Li"}], ("Bo", "Li")),
        ([{"family": "  Two\n words ", "given": [None, " A "]}], ("A", "Two words")),
    ],
)  # fmt: skip
def test_which_name_counts(names: list[Any], expected: tuple[str, str]) -> None:
    found = person(name=names)

    assert (found.given_name, found.family_name) == expected


@pytest.mark.parametrize("names", [None, [], [{}], "Ada", [{"family": "   "}], [{"text": ""}], {"family": "X"}])
def test_without_a_name_nobody_is_there(names: Any) -> None:
    with pytest.raises(Unreadable, match="no_name"):
        person(name=names)


def test_an_endless_name_is_cut_and_remarked() -> None:
    found = person(name=[{"family": "x" * 5000, "given": ["A"]}])

    assert len(found.family_name) == 100
    assert "text_shortened" in found.remarks


@pytest.mark.parametrize(
    ("told", "born", "remark"),
    [
        ("1990-02-28", date(1990, 2, 28), None),
        ("2026-03-01", date(2026, 3, 1), None),
        ("1990-02", None, "birth_date_partial"),
        ("1990", None, "birth_date_partial"),
        (None, None, "birth_date_missing"),
    ],
)
def test_dates_of_birth_that_are_taken(told: str | None, born: date | None, remark: str | None) -> None:
    found = person(birthDate=told)

    assert found.birth_date == born
    assert remark is None or remark in found.remarks


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ("2026-03-02", "birth_date_in_future"),
        ("2027", "birth_date_in_future"),
        ("1990-02-30", "birth_date_malformed"),
        ("1990-2-3", "birth_date_malformed"),
        ("0000-01-01", "birth_date_malformed"),
        (19900203, "birth_date_malformed"),
        (["1990-02-03"], "birth_date_malformed"),
    ],
)
def test_dates_of_birth_that_are_refused(told: Any, code: str) -> None:
    with pytest.raises(Unreadable, match=code):
        person(birthDate=told)


@pytest.mark.parametrize(
    ("fields", "deceased", "died_on", "remarks"),
    [
        ({}, False, None, set()),
        ({"deceasedBoolean": False}, False, None, set()),
        ({"deceasedBoolean": True}, True, None, {"deceased"}),
        ({"deceasedDateTime": "1951-02-20T08:15:54-05:00"}, True, date(1951, 2, 20), {"deceased"}),
        ({"deceasedDateTime": "1951"}, True, None, {"deceased", "death_date_unknown"}),
        ({"deceasedDateTime": "2999-01-01"}, True, None, {"deceased", "death_date_unknown"}),
        ({"deceasedDateTime": 5}, True, None, {"deceased", "death_date_unknown"}),
    ],
)
def test_whether_somebody_died(fields: Any, deceased: bool, died_on: date | None, remarks: set[str]) -> None:
    found = person(**fields)

    assert (found.deceased, found.deceased_on) == (deceased, died_on)
    assert set(found.remarks) & {"deceased", "death_date_unknown"} == remarks


@pytest.mark.parametrize(
    ("spoken", "tag"),
    [
        ([{"language": {"coding": [{"code": "en-us"}]}}], "en-US"),
        ([{"language": {"coding": [{"code": "pl"}]}}, {"preferred": True, "language": {"text": "Spanish"}}], "es"),
        ([{"language": {"coding": [{"code": "?"}], "text": "spa"}}], "es"),
        ([], ""),
    ],
)
def test_which_language_counts(spoken: list[Any], tag: str) -> None:
    found = person(communication=spoken)

    assert found.language == tag
    assert "language_unknown" not in found.remarks


def test_a_language_without_a_tag_is_remarked() -> None:
    found = person(communication=[{"language": {"coding": [{"code": "???"}], "text": "High Elvish"}}])

    assert (found.language, "language_unknown" in found.remarks) == ("", True)


@pytest.mark.parametrize(
    ("addresses", "city", "state", "remarked"),
    [
        ([{"city": "Salina", "state": "KS"}], "Salina", "KS", False),
        ([{"city": "Salina", "state": "Kansas", "country": "US"}], "Salina", "KS", False),
        ([{"use": "old", "state": "TX"}, {"use": "home", "state": "MO"}], "", "MO", False),
        ([{"use": "home", "state": "TX", "period": {"end": "2020"}}, {"use": "work", "state": "MO"}], "", "MO", False),
        ([{"use": "home", "type": "postal", "state": "TX"}, {"use": "home", "state": "US-MO"}], "", "MO", False),
        ([{"city": "Montreal", "state": "QC", "country": "CA"}], "Montreal", "", True),
        ([{"city": "Tbilisi", "state": "Georgia", "country": "GE"}], "Tbilisi", "", True),
        (None, "", "", False),
        ("Kansas", "", "", False),
    ],
)  # fmt: skip
def test_which_address_counts(addresses: Any, city: str, state: str, remarked: bool) -> None:
    found = person(address=addresses)

    assert (found.city, found.residence_state) == (city, state)
    assert ("state_unknown" in found.remarks) is remarked


def test_which_numbers_count_and_in_which_order() -> None:
    found = person(
        telecom=[
            {"system": "fax", "value": "316-555-0199"},
            {"system": "phone", "use": "old", "value": "316-555-0198"},
            {"system": "phone", "use": "work", "value": "316-555-0101"},
            {"system": "phone", "use": "home", "value": "555-907-9875"},
            {"system": "phone", "use": "mobile", "value": "tel:+1 (316) 555-0102"},
            {"system": "sms", "value": "3165550102"},
            {"system": "phone", "use": "home", "value": "316-555-0103", "period": {"end": "2024-01"}},
            {"system": "email", "value": "mailto:ada@example.org"},
            {"system": "email", "value": "not an address"},
            {"system": "phone"},
            "316-555-0104",
        ]
    )

    assert found.contacts == [
        Contact("phone", "+13165550102", True),
        Contact("phone", "555-907-9875", False),
        Contact("email", "ada@example.org", True),
        Contact("email", "not an address", False),
        Contact("phone", "+13165550101", True),
    ]
    assert set(found.remarks) >= {"phone_invalid", "email_invalid"}


def test_a_rank_goes_before_a_use() -> None:
    found = person(
        telecom=[
            {"system": "phone", "use": "mobile", "value": "316-555-0101", "rank": 2},
            {"system": "phone", "use": "work", "value": "316-555-0102", "rank": 1},
        ]
    )

    assert [contact.value for contact in found.contacts] == ["+13165550102", "+13165550101"]


@pytest.mark.parametrize("resource", [7, "Patient", [], {}, {"resourceType": "patient"}, {"resourceType": ["Patient"]}])
def test_what_is_no_patient_is_refused(resource: Any) -> None:
    with pytest.raises(Unreadable, match="not_a_patient"):
        person_of(resource, today=TODAY)


@pytest.mark.parametrize("told", [None, "", "a" * 65, "a b", "a/b", 5, ["x"]])
def test_an_id_that_fhir_does_not_allow_is_refused(told: Any) -> None:
    with pytest.raises(Unreadable, match="no_id"):
        person(id=told)

"""From one FHIR Patient to one person, with everything worth a remark. Pure.

FHIR lets a person have many names, numbers and addresses, each with a use and a period; here is which one counts. What
a source appends to names (digits, for instance) is the source's and stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from casemgmt.clients.languages import to_tag
from casemgmt.clients.phones import to_e164
from casemgmt.clients.states import to_state

FHIR_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
FULL_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})(T.*)?")
PARTIAL_DATE = re.compile(r"\d{4}(-\d{2})?")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
COUNTRIES = ("", "US", "USA", "UNITED STATES", "UNITED STATES OF AMERICA")
NAME_USES = ("official", "usual", "", "nickname", "temp", "anonymous", "maiden", "old")
ADDRESS_USES = ("home", "", "temp", "work", "billing", "old")
PHONE_USES = ("mobile", "home", "", "work", "temp", "old")
LONGEST_NAME = 100
LONGEST_CONTACT = 254


class Unreadable(Exception):
    """The resource cannot become a client; `code` says why."""

    def __init__(self, code: str, source_id: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.source_id = source_id


@dataclass(frozen=True, slots=True)
class Contact:
    """One number or address: E.164 for a phone that parses, else as given."""

    kind: str
    value: str
    valid: bool


@dataclass(slots=True)
class Person:
    """What a Patient resource tells. Empty text and None mean: not told."""

    source_id: str
    given_name: str = ""
    family_name: str = ""
    birth_date: date | None = None
    language: str = ""
    residence_state: str = ""
    city: str = ""
    deceased: bool = False
    deceased_on: date | None = None
    contacts: list[Contact] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def person_of(resource: Any, *, today: date) -> Person:
    """Return the person that a resource is about; raise Unreadable."""
    if not isinstance(resource, dict):
        raise Unreadable("not_json" if resource is None else "not_a_patient")
    if resource.get("resourceType") != "Patient":
        raise Unreadable("not_a_patient")
    source_id = resource.get("id")
    if not isinstance(source_id, str) or not FHIR_ID.fullmatch(source_id):
        raise Unreadable("no_id")
    person = Person(source_id=source_id)
    try:
        _read_name(person, resource, today)
        _read_birth(person, resource.get("birthDate"), today)
        _read_death(person, resource, today)
        _read_language(person, resource)
        _read_address(person, resource, today)
        _read_contacts(person, resource, today)
    except Unreadable as error:
        raise Unreadable(error.code, source_id) from None
    person.remarks = list(dict.fromkeys(person.remarks))
    return person


def _items(value: Any) -> list[dict[str, Any]]:
    """Return the objects of a list that should hold objects."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _text(value: Any) -> str:
    """Return a text in one line, empty when it is none; raise Unreadable for characters that cannot be stored."""
    if not isinstance(value, str):
        return ""
    if "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise Unreadable("text_unusable")
    return " ".join(value.split())


def _cut(person: Person, text: str, longest: int) -> str:
    if len(text) > longest:
        person.remarks.append("text_shortened")
    return text[:longest].rstrip()


def _in_use(items: Iterable[dict[str, Any]], today: date) -> list[dict[str, Any]]:
    """Return the items whose period has not ended."""
    return [item for item in items if not _ended(item.get("period"), today)]


def _ended(period: Any, today: date) -> bool:
    end = period.get("end") if isinstance(period, dict) else None
    return isinstance(end, str) and end[:10] < today.isoformat()[: len(end[:10])]


def _rank(item: dict[str, Any], uses: tuple[str, ...]) -> tuple[int, int]:
    """Return how early an item counts: by its own `rank` if it has one, then by its use."""
    use, rank = item.get("use"), item.get("rank")
    place = uses.index(use) if isinstance(use, str) and use in uses else uses.index("")
    return (rank if isinstance(rank, int) and not isinstance(rank, bool) and rank > 0 else 1_000, place)


def _read_name(person: Person, resource: dict[str, Any], today: date) -> None:
    names = _items(resource.get("name"))
    for name in sorted(_in_use(names, today) or names, key=lambda each: _rank(each, NAME_USES)):
        given = name.get("given")
        parts = [_text(each) for each in given] if isinstance(given, list) else []
        first, last = " ".join(part for part in parts if part), _text(name.get("family"))
        if not first and not last:
            first, _, last = _text(name.get("text")).rpartition(" ")
        if first or last:
            person.given_name = _cut(person, first, LONGEST_NAME)
            person.family_name = _cut(person, last, LONGEST_NAME)
            if not first or not last:
                person.remarks.append("name_incomplete")
            return
    raise Unreadable("no_name")


def as_date(value: Any) -> date | None:
    """Return the calendar date that a FHIR date or dateTime begins with, None when it holds no full date."""
    found = FULL_DATE.fullmatch(value) if isinstance(value, str) else None
    try:
        return date(int(found[1]), int(found[2]), int(found[3])) if found else None
    except ValueError:
        return None


def _read_birth(person: Person, value: Any, today: date) -> None:
    if value is None or value == "":
        person.remarks.append("birth_date_missing")
        return
    person.birth_date = as_date(value)
    if person.birth_date is None:
        if not isinstance(value, str) or not PARTIAL_DATE.fullmatch(value):
            raise Unreadable("birth_date_malformed")
        if value > today.isoformat()[: len(value)]:
            raise Unreadable("birth_date_in_future")
        person.remarks.append("birth_date_partial")
    elif person.birth_date > today:
        raise Unreadable("birth_date_in_future")


def _read_death(person: Person, resource: dict[str, Any], today: date) -> None:
    flag, moment = resource.get("deceasedBoolean"), resource.get("deceasedDateTime")
    if flag is not None and not isinstance(flag, bool):
        raise Unreadable("deceased_malformed")
    person.deceased = flag is True or moment is not None
    if not person.deceased:
        return
    person.remarks.append("deceased")
    died_on = as_date(moment)
    if died_on is not None and died_on <= today:
        person.deceased_on = died_on
    elif moment is not None:
        person.remarks.append("death_date_unknown")


def _read_language(person: Person, resource: dict[str, Any]) -> None:
    spoken = _items(resource.get("communication"))
    spoken.sort(key=lambda each: each.get("preferred") is not True)
    if not spoken:
        return
    language = spoken[0].get("language")
    concept = language if isinstance(language, dict) else {}
    told = [_text(each.get("code")) for each in _items(concept.get("coding"))] + [_text(concept.get("text"))]
    person.language = next((tag for each in told if (tag := to_tag(each)) is not None), "")
    if not person.language:
        person.remarks.append("language_unknown")


def _read_address(person: Person, resource: dict[str, Any], today: date) -> None:
    addresses = [each for each in _in_use(_items(resource.get("address")), today) if each.get("use") != "old"]
    addresses.sort(key=lambda each: (each.get("type") == "postal", *_rank(each, ADDRESS_USES)))
    if not addresses:
        return
    address = addresses[0]
    person.city = _cut(person, _text(address.get("city")), LONGEST_NAME)
    state, country = _text(address.get("state")), _text(address.get("country"))
    if state:
        known = to_state(state) if country.upper() in COUNTRIES else None
        person.residence_state = known or ""
        if known is None:
            person.remarks.append("state_unknown")


def _read_contacts(person: Person, resource: dict[str, Any], today: date) -> None:
    points = [each for each in _in_use(_items(resource.get("telecom")), today) if each.get("use") != "old"]
    points.sort(key=lambda each: _rank(each, PHONE_USES))
    found: dict[tuple[str, str], Contact] = {}
    for point in points:
        value = _cut(person, _text(point.get("value")), LONGEST_CONTACT)
        system = point.get("system")
        if not value or system not in ("phone", "sms", "email"):
            continue
        contact = _email(value) if system == "email" else _phone(value)
        found.setdefault((contact.kind, contact.value), contact)
        if not contact.valid:
            person.remarks.append(f"{contact.kind}_invalid")
    person.contacts = list(found.values())
    if not any(each.kind == "phone" for each in person.contacts):
        person.remarks.append("no_phone")


def _phone(value: str) -> Contact:
    number = to_e164(value.removeprefix("tel:"))
    return Contact("phone", number or value, number is not None)


def _email(value: str) -> Contact:
    address = value.removeprefix("mailto:")
    return Contact("email", address, EMAIL.fullmatch(address) is not None)

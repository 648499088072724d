"""Reading HSDS files: what they hold, and what stands against them, by file, path and reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import casemgmt.devtools
from programs.hsds.mapping import service_kind, service_values
from programs.hsds.reading import Fault, kind_of, read
from programs.rules.kinds import Kind

SAMPLE = Path(casemgmt.devtools.__file__).parent / "sample" / "hsds-3.0"
ORGANIZATION = {"id": "d9d5e0f5-d3ce-4f73-9a2f-4dd0ecc6c610", "name": "Org", "description": "An organization"}
SERVICE = {"id": "ac148810-d857-441c-9679-408f346de14b", "name": "Counselling", "status": "active"}


@pytest.fixture
def faults(tmp_path: Path) -> Any:
    """Return `faults(content, name=…)`: what is wrong with a file, as (path, reason)."""

    def found(content: Any, name: str = "file.json") -> list[tuple[str, str]]:
        file = tmp_path / name
        file.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        reading = read([file])
        assert all(fault.file == str(file) for fault in reading.faults)
        return [(fault.path, fault.reason) for fault in reading.faults]

    return found


def test_every_sample_file_obeys_the_schemas() -> None:
    reading = read([SAMPLE])

    assert reading.faults == []
    kinds = {Path(document.file).stem: document.kind for document in reading.documents}
    assert kinds == {
        "location": "location",
        "organization_full": "organization",
        "organization_list": "organization",
        "service_full": "service",
        "service_list": "service",
    }


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({**ORGANIZATION, "id": "7"}, ("$.id", "is not a valid uuid")),
        ({**ORGANIZATION, "year_incorporated": "2011"}, ("$.year_incorporated", "must be of the type number")),
        ({"id": ORGANIZATION["id"], "name": "Org"}, ("$", "lacks a required field: description")),
        ({**SERVICE, "status": "open"}, ("$.status", "must be one of: active, inactive, defunct, temporarily closed")),
        ({**SERVICE, "last_modified": 5}, ("$.last_modified", "must be of the type string")),
        ({**SERVICE, "phones": [{"id": SERVICE["id"]}]}, ("$.phones[0]", "lacks a required field: number")),
        ({**ORGANIZATION, "services": [{**SERVICE, "url": 1}]}, ("$.services[0].url", "must be of the type string")),
        ({**ORGANIZATION, "services": None}, ("$.services", "must be of the type array")),
        ({**ORGANIZATION, "services": {}}, ("$.services", "must be of the type array")),
        ({"contents": [ORGANIZATION, {**SERVICE, "name": None}]}, ("$.contents[1].name", "must be of the type string")),
        ({"contents": "many"}, ("$.contents", "must be an object")),
        ([ORGANIZATION, 7], ("$[1]", "must be an object")),
        ({**ORGANIZATION, "name": "a\u0000b"}, ("$.name", "holds a character that cannot be stored")),
        ({**ORGANIZATION, "x": {"y": ["\ud800"]}}, ("$.x.y[0]", "holds a character that cannot be stored")),
        ("text", ("$", "must be an object")),
        (b"{", ("$", "is not JSON in UTF-8")),
        (b'{"id": NaN}', ("$", "is not JSON in UTF-8")),
        (b"\xff", ("$", "is not JSON in UTF-8")),
        (b"[" * 100_000, ("$", "is not JSON in UTF-8")),
        (json.dumps({**ORGANIZATION, "x": 1}).replace("1}", "1e400}").encode(), ("$.x", "is too large a number")),
    ],
)  # fmt: skip
def test_a_fault_is_named_by_path_and_reason(faults: Any, content: Any, expected: tuple[str, str]) -> None:
    assert expected in faults(content)


def test_what_nests_without_end_is_refused(faults: Any) -> None:
    nested: Any = 1
    for _ in range(200):
        nested = {"x": nested}

    ((path, reason),) = faults({**ORGANIZATION, "extra": nested})

    assert path.startswith("$.extra.x.x")
    assert reason == "nests deeper than 64 levels"


def test_no_reason_quotes_what_the_document_says(faults: Any) -> None:
    contact = {"id": ORGANIZATION["id"], "name": 31_415, "email": "ann.persona(at)example.com"}

    reasons = " ".join(reason for _, reason in faults({**ORGANIZATION, "contacts": [contact]}))

    assert reasons
    assert "31415" not in reasons
    assert "persona" not in reasons


def test_a_file_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    assert read([tmp_path / "absent.json"]).faults == [
        Fault(str(tmp_path / "absent.json"), "$", "cannot be read: No such file or directory")
    ]
    assert read([tmp_path]).faults == [Fault(str(tmp_path), "$", "holds no JSON file")]


@pytest.mark.parametrize(
    ("content", "hint", "kind"),
    [
        (ORGANIZATION, "x", "organization"),
        (ORGANIZATION, "service_7", "service"),
        (SERVICE, "x", "service"),
        ({"id": "1", "location_type": "physical"}, "x", "location"),
        ({"id": "1", "service_id": "2", "location_id": "3"}, "x", "service_at_location"),
        ({"id": "1", "name": "n", "description": "d", "taxonomy": "t", "parent_id": "p"}, "x", "taxonomy_term"),
    ],
)
def test_what_a_file_holds_is_told_by_its_fields_then_by_its_name(content: Any, hint: str, kind: str) -> None:
    assert kind_of(content, hint=hint) == kind


@pytest.mark.parametrize(
    ("attribute", "kind"),
    [
        ({"value": "sober_living"}, Kind.SOBER_LIVING),
        ({"taxonomy_term": {"name": "Intensive Outpatient Program"}}, Kind.IOP),
        ({"taxonomy_term": {"code": "Peer-Support", "name": "x"}}, Kind.PEER_SUPPORT),
        ({"taxonomy_term": {"name": "Food pantry"}}, Kind.OTHER),
        ({}, Kind.OTHER),
    ],
)
def test_a_kind_is_what_an_attribute_names(attribute: dict[str, Any], kind: Kind) -> None:
    assert service_kind({**SERVICE, "attributes": [{"id": "1"}, attribute]}) is kind


def test_deprecated_and_unknown_fields_are_kept_aside() -> None:
    told = {"wait_time": "2 weeks", "fees": "none", "licenses": "KS", "x_local": {"a": 1}, "minimum_age": 12.5}

    values = service_values({**SERVICE, **told, "name": "n" * 300, "assured_date": "soon"})

    assert values["extra"] == {**told, "name": "n" * 300, "assured_date": "soon"}
    assert (len(values["name"]), values["assured_date"]) == (200, None)

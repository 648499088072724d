"""Importing clients from FHIR: the sample of 120, repeats, and rows that are odd in every way."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

import casemgmt.devtools
from casemgmt.access.models import Grant
from casemgmt.accounts.roles import Role
from casemgmt.audit.models import AuditEvent
from casemgmt.clients.fhir_import.report import SENTENCES
from casemgmt.clients.models import Client, ContactPoint
from casemgmt.outbox.models import OutboxEvent
from tests.factories import people

SAMPLE = Path(casemgmt.devtools.__file__).parent / "sample" / "fhir-r4" / "Patient.ndjson"


def patient(number: int = 1, **fields: Any) -> dict[str, Any]:
    """Return a Patient resource that has nothing odd."""
    return {
        "resourceType": "Patient",
        "id": f"p-{number}",
        "name": [{"use": "official", "family": "Example", "given": ["Ada", "Mae"]}],
        "birthDate": f"1990-01-{number:02}",
        "telecom": [{"system": "phone", "value": f"316-555-01{number:02}"}],
        "address": [{"city": "Wichita", "state": "Kansas"}],
        "communication": [{"language": {"coding": [{"code": "en-US"}]}}],
        **fields,
    }


@pytest.fixture
def run(cast, tmp_path, capsys) -> Any:
    """Return `run(rows, **options)`: import rows (objects or raw lines) and return the printed text and the report."""

    def imported(rows: list[Any] | str | bytes | Path, **options: Any) -> tuple[str, list[dict[str, str]]]:
        path = rows if isinstance(rows, Path) else tmp_path / "in.ndjson"
        if isinstance(rows, list):
            path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows))
        elif isinstance(rows, str | bytes):
            path.write_bytes(rows if isinstance(rows, bytes) else rows.encode())
        report = tmp_path / "report.csv"
        call_command("import_fhir", path, organization=str(cast.north.id), report=report, **options)
        with report.open(newline="") as file:
            return capsys.readouterr().out, list(csv.DictReader(file))

    return imported


def codes(report: list[dict[str, str]]) -> list[tuple[str, str, str]]:
    """Return (line, outcome, code) of each remark."""
    return [(row["line"], row["outcome"], row["code"]) for row in report]


def test_the_sample_of_120_comes_in_with_its_oddities(cast, run) -> None:
    printed, report = run(SAMPLE)

    clients = Client.objects.filter(organization=cast.north)
    assert clients.count() == Grant.objects.filter(organization_id=cast.north.id).count() == 120
    assert clients.filter(deceased=True, deceased_on__isnull=False).count() == 20
    assert set(clients.values_list("residence_state", flat=True)) == {"KS"}
    assert sorted(set(clients.values_list("language", flat=True))) == ["en-US", "es", "pl"]
    assert ContactPoint.objects.filter(status="invalid", preferred=True).count() == 120
    assert [row["code"] for row in report].count("phone_invalid") == 120
    assert [row["code"] for row in report].count("deceased") == 20
    assert printed.splitlines()[-1].startswith("120 read: 120 imported, 0 unchanged, 0 differing, 0 refused")
    audit = AuditEvent.objects.get(action="client.imported")
    assert len(audit.client_ids) == 120
    assert not OutboxEvent.objects.exists()


def test_a_repeat_changes_nothing(run) -> None:
    run(SAMPLE)
    before = list(Client.objects.order_by("id").values())

    printed, report = run(SAMPLE)

    assert list(Client.objects.order_by("id").values()) == before
    assert report == []
    assert "120 unchanged" in printed
    assert ContactPoint.objects.count() == 120


def test_a_dry_run_tells_the_same_and_writes_nothing(run) -> None:
    told, dry = run(SAMPLE, dry_run=True)

    assert not Client.objects.exists()
    assert not AuditEvent.objects.filter(action="client.imported").exists()
    assert dry == run(SAMPLE)[1]
    assert "Dry run, nothing was written. 120 read: 120 imported" in told


def test_the_report_holds_no_personal_data(run) -> None:
    printed, report = run(SAMPLE)

    everything = printed + json.dumps(report)
    for client in Client.objects.all():
        assert client.family_name not in everything
        assert str(client.birth_date) not in everything
    for point in ContactPoint.objects.all():
        assert point.value not in everything
    assert {row["sentence"] for row in report} <= set(SENTENCES.values())


def test_a_malformed_row_never_stops_the_rest(run) -> None:
    rows = [
        patient(1),
        "{not json",
        {"resourceType": "Observation", "id": "o"},
        patient(2, name=[]),
        patient(3, id=None),
        patient(4, birthDate="2999-01-01"),
        patient(5, birthDate="01/02/1990"),
        patient(6, deceasedBoolean="yes"),
        patient(7, name=[{"family": "a\u0000b"}]),
        '{"resourceType": "Patient", "id": "s", "name": [{"family": "\\ud800"}]}',
        "[" * 100_000,
        "null",
        patient(8, id="=cmd|' /C calc'!A0"),
        patient(9),
    ]

    printed, report = run(rows)

    refused = [(line, code) for line, outcome, code in codes(report) if outcome == "refused"]
    assert refused == [
        ("2", "not_json"),
        ("3", "not_a_patient"),
        ("4", "no_name"),
        ("5", "no_id"),
        ("6", "birth_date_in_future"),
        ("7", "birth_date_malformed"),
        ("8", "deceased_malformed"),
        ("9", "text_unusable"),
        ("10", "text_unusable"),
        ("11", "not_json"),
        ("12", "not_json"),
        ("13", "no_id"),
    ]
    assert sorted(Client.objects.values_list("source_id", flat=True)) == ["p-1", "p-9"]
    assert "14 read: 2 imported, 0 unchanged, 0 differing, 12 refused" in printed


def test_a_possible_duplicate_is_imported_and_named(run) -> None:
    same = {"birthDate": "1990-05-17"}
    run([patient(1, **same)])

    _, report = run([patient(1, **same), patient(2, **same), patient(3, **same)])

    assert codes(report) == [("2", "warned", "possible_duplicate"), ("3", "warned", "possible_duplicate")]
    assert Client.objects.count() == 3


def test_ours_is_kept_where_the_source_differs(run) -> None:
    run([patient(1), patient(2)])

    printed, report = run([patient(1, birthDate="1991-01-01"), patient(2, telecom=[])])

    assert codes(report) == [("1", "warned", "differs")]
    assert str(Client.objects.get(source_id="p-1").birth_date) == "1990-01-01"
    assert "1 unchanged, 1 differing" in printed


def test_a_death_told_later_is_taken_over(run) -> None:
    run([patient(1)])

    _, report = run([patient(1, deceasedDateTime="2026-01-05T10:00:00-06:00")])

    client = Client.objects.get()
    assert codes(report) == [("1", "warned", "died_since")]
    assert (client.deceased, str(client.deceased_on)) == (True, "2026-01-05")
    assert AuditEvent.objects.filter(action="client.died").count() == 1


def test_the_same_id_twice_in_a_file_is_one_client(run) -> None:
    _, report = run([patient(1), patient(1), patient(1, birthDate="1980-01-01")])

    assert Client.objects.count() == 1
    assert codes(report) == [("3", "warned", "differs")]


def test_bundles_and_lists_are_read_too(run) -> None:
    entries = [{"resource": patient(1)}, {"resource": {"resourceType": "Encounter", "id": "e"}}, {}]
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": entries}

    printed, report = run(json.dumps(bundle, indent=2))
    run([bundle])
    run(json.dumps([patient(2)], indent=1))
    run(b"\xef\xbb\xbf" + json.dumps(patient(3)).encode() + b"\r\n\r\n")

    assert Client.objects.count() == 3
    assert codes(report) == [("1.entry[2]", "refused", "not_json")]
    assert "2 read: 1 imported, 0 unchanged, 0 differing, 1 refused, 1 of other types skipped" in printed


def test_two_sources_may_use_the_same_id(run) -> None:
    run([patient(1)])
    run([patient(1)], system="clinic-a")

    assert sorted(Client.objects.values_list("source_system", flat=True)) == ["clinic-a", "fhir"]


def test_two_organizations_may_import_the_same_person(cast, run, tmp_path) -> None:
    run([patient(1)])

    call_command("import_fhir", tmp_path / "in.ndjson", organization="south")

    assert Client.objects.filter(organization=cast.south).count() == 1
    assert Grant.objects.filter(organization_id=cast.south.id).count() == 1


def test_who_imports_is_a_case_manager_of_the_organization(cast, run, tmp_path) -> None:
    def email(role: Role, at: Any) -> str:
        actor = people.staff(role, at=at)
        return str(people.User.objects.get(pk=actor.id).email)

    for stranger in (
        email(Role.PEER_SPECIALIST, cast.north),
        email(Role.CASE_MANAGER, cast.south),
        "nobody@example.org",
    ):
        with pytest.raises(CommandError):
            run([patient(1)], actor=stranger)
    assert not Client.objects.exists()

    run([patient(1)], actor=email(Role.CASE_MANAGER, cast.north))

    assert AuditEvent.objects.get(action="client.imported").actor_kind == "staff"


@pytest.mark.parametrize("content", ["", "\n\n", "{", "[]", '{"resourceType": "Bundle"}', b"\xff\xfe\x00"])
def test_a_file_in_which_nobody_could_be_read_is_an_error(run, content: str | bytes) -> None:
    with pytest.raises(CommandError, match="Nobody could be read"):
        run(content)


def test_a_file_or_an_organization_that_is_not_there_is_an_error(cast, run, tmp_path) -> None:
    with pytest.raises(CommandError, match="No such file"):
        run(tmp_path / "absent.ndjson")
    with pytest.raises(CommandError, match="No such organization"):
        call_command("import_fhir", SAMPLE, organization="West")
    cast.south.name = "NORTH"
    cast.south.save()
    with pytest.raises(CommandError, match="Several organizations"):
        call_command("import_fhir", SAMPLE, organization="north")


def test_any_number_of_rows_takes_a_set_of_queries_per_batch(run, django_assert_max_num_queries) -> None:
    with django_assert_max_num_queries(20):
        run([patient(1, id=f"p{number}", birthDate="1990-01-01") for number in range(400)])

    assert Client.objects.count() == ContactPoint.objects.count() == 400

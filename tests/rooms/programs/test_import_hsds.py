"""Importing an HSDS directory: the sample, repeats, and files that are malformed."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

import casemgmt.devtools
from casemgmt.accounts.models import Organization
from casemgmt.accounts.roles import Role
from casemgmt.audit.models import AuditEvent
from programs.models import Program, Site
from tests.factories import people

SAMPLE = Path(casemgmt.devtools.__file__).parent / "sample" / "hsds-3.0"
ORGANIZATION_ID = "d9d5e0f5-d3ce-4f73-9a2f-4dd0ecc6c610"
SERVICE_ID = "ac148810-d857-441c-9679-408f346de14b"
LOCATION_ID = "3a19ff88-4620-4d17-9830-ac1d859eb5d5"
ORGANIZATION = {"id": ORGANIZATION_ID, "name": "Org", "description": "An organization"}
SERVICE = {"id": SERVICE_ID, "name": "Counselling", "status": "active", "organization_id": ORGANIZATION_ID}
LOCATION = {
    "id": LOCATION_ID,
    "location_type": "physical",
    "name": "Elm House",
    "addresses": [
        {
            "id": LOCATION_ID,
            "address_1": "12 Elm Street",
            "city": "Wichita",
            "state_province": "KS",
            "postal_code": "67202",
            "country": "US",
            "address_type": "physical",
        }
    ],
}


@pytest.fixture
def run(db: None, tmp_path: Path, capsys) -> Any:
    """Return `run(*contents, **options)`: import files with these contents and return what was printed."""

    def imported(*contents: Any, **options: Any) -> str:
        paths = [each for each in contents if isinstance(each, Path)]
        for number, content in enumerate(each for each in contents if not isinstance(each, Path)):
            path = tmp_path / f"in{number}.json"
            path.write_text(content if isinstance(content, str) else json.dumps(content))
            paths.append(path)
        call_command("import_hsds", *paths, **options)
        return str(capsys.readouterr().out)

    return imported


def everything() -> list[Any]:
    """Return every row of the directory."""
    return [list(model.objects.order_by("id").values()) for model in (Organization, Site, Program)]


def test_the_sample_comes_in(run) -> None:
    printed = run(SAMPLE)

    organization, program, site = Organization.objects.get(), Program.objects.get(), Site.objects.get()
    assert (organization.hsds_id, organization.joined) == (ORGANIZATION_ID, False)
    assert organization.extra["tax_status"] == "tax_status"
    assert organization.extra["programs"][0]["name"] == "Community Mental Health Support"
    assert (program.hsds_id, program.kind, program.status, program.published) == (SERVICE_ID, "other", "active", True)
    assert (program.organization_id, program.city, program.languages) == (organization.id, "MyCity", ["ur"])
    assert str(program.assured_date) == "2005-01-01"
    assert (program.minimum_age, program.maximum_age, program.assurer_email) == (12, 100, "email@example.com")
    assert {"wait_time", "fees", "licenses"} <= program.extra.keys()
    assert (site.hsds_id, site.city, site.organization_id) == (LOCATION_ID, "MyCity", organization.id)
    assert list(program.sites.all()) == [site]
    assert "organizations: 1 created, 0 updated, 0 unchanged" in printed
    assert AuditEvent.objects.filter(action="directory.imported").count() == 1


def test_a_repeat_changes_nothing(run) -> None:
    run(SAMPLE)
    before = everything()

    printed = run(SAMPLE)

    assert everything() == before
    for name in ("organizations", "sites", "programs"):
        assert f"{name}: 0 created, 0 updated, 1 unchanged" in printed


def test_a_short_form_takes_nothing_away(run) -> None:
    run(SAMPLE)
    before = everything()

    run(SAMPLE / "service_list.json")
    run(SAMPLE / "organization_list.json")

    assert everything() == before


def test_a_change_is_taken_over(run) -> None:
    run(SAMPLE)

    printed = run({**SERVICE, "status": "temporarily closed", "name": "Paused", "x_new": 1})

    program = Program.objects.get()
    assert (program.status, program.name, program.version) == ("temporarily_closed", "Paused", 2)
    assert (program.extra["x_new"], program.extra["fees"]) == (1, "fees_description")
    assert "programs: 0 created, 1 updated, 0 unchanged" in printed


def test_a_single_fault_changes_nothing_and_is_named(run, tmp_path: Path, capsys) -> None:
    report = tmp_path / "report.csv"

    with pytest.raises(CommandError, match="1 fault"):
        run(SAMPLE, ORGANIZATION, {**SERVICE, "status": "open"}, report=report)

    assert everything() == [[], [], []]
    assert "in1.json: $.status: must be one of: active" in capsys.readouterr().out
    with report.open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["file"].endswith("in1.json")
    assert row["path"] == "$.status"
    assert not AuditEvent.objects.exists()


def test_all_faults_of_all_files_are_named_together(run, capsys) -> None:
    bad_place = {**LOCATION, "location_type": "tent", "addresses": [{"id": LOCATION_ID}]}

    with pytest.raises(CommandError, match="4 fault"):
        run(ORGANIZATION, {**SERVICE, "status": "open"}, bad_place, "{", {**SERVICE, "name": "Good"})

    printed = capsys.readouterr().out
    for told in (
        "in1.json: $.status: must be one of",
        "in2.json: $.location_type: must be one of",
        "in2.json: $.addresses[0]: lacks a required field",
        "in3.json: $: is not JSON",
    ):
        assert told in printed
    assert everything() == [[], [], []]


def test_a_service_of_nobody_is_a_fault(run, capsys) -> None:
    orphan = {name: value for name, value in SERVICE.items() if name != "organization_id"}

    for nobody in (orphan, SERVICE):
        with pytest.raises(CommandError):
            run({"id": "cd09a387-91f4-4555-94ec-e799c35344cd", "name": "Other", "description": "o"}, nobody)
        assert "names no organization" in capsys.readouterr().out
    assert everything() == [[], [], []]


def test_an_organization_that_is_known_already_is_found(run) -> None:
    run(ORGANIZATION)
    run(SERVICE)

    assert Program.objects.get().organization.hsds_id == ORGANIZATION_ID


def test_ids_are_the_same_whatever_their_letters(run) -> None:
    run(ORGANIZATION, SERVICE)

    run({**ORGANIZATION, "id": ORGANIZATION_ID.upper()}, {**SERVICE, "id": SERVICE_ID.upper()})

    assert (Organization.objects.count(), Program.objects.count()) == (1, 1)


def test_an_organization_that_joined_runs_its_own_entries(run) -> None:
    ours = people.organization("Ours", hsds_id=ORGANIZATION_ID)

    printed = run(ORGANIZATION, SERVICE)

    ours.refresh_from_db()
    assert (ours.name, ours.extra) == ("Ours", {})
    assert not Program.objects.exists()
    assert "1 organization(s) run their own entries" in printed


def test_no_file_gives_what_a_joined_organization_runs_to_another(run) -> None:
    """HSD-02: nor does it link a place to it."""
    run(ORGANIZATION, SERVICE, {**LOCATION, "organization_id": ORGANIZATION_ID})
    Organization.objects.filter(hsds_id=ORGANIZATION_ID).update(joined=True)
    other = {"id": "0b8a4f2e-6b0c-4a53-9d1c-3f6f0a7f7d11", "name": "Other", "description": "Another organization"}
    place = {**LOCATION, "name": "Moved"}
    link = {"id": LOCATION_ID, "location": place}

    run(
        other,
        {**SERVICE, "name": "Taken", "organization_id": other["id"], "service_at_locations": [link]},
        {**place, "organization_id": other["id"]},
    )

    program, site = Program.objects.get(), Site.objects.get()
    assert (program.name, program.organization.name, program.sites.count()) == ("Counselling", "Org", 0)
    assert (site.name, site.organization.name) == ("Elm House", "Org")


def test_the_street_of_a_residence_never_leaves(run, cast, api) -> None:
    attributes = [{"id": SERVICE_ID, "value": "recovery residence"}]
    link = {"id": SERVICE_ID, "location": LOCATION}
    run({**ORGANIZATION, "services": [{**SERVICE, "attributes": attributes, "service_at_locations": [link]}]})

    program = Program.objects.get()
    shown = api(cast.case_manager).get(f"programs/?kind=sober_living&organization={program.organization_id}")
    read = api(cast.outsider).get(f"programs/{program.id}/")

    assert (program.kind, program.city) == ("sober_living", "Wichita")
    assert len(shown.json()["results"]) == 1
    assert "12 Elm Street" in json.dumps(Site.objects.get().extra)
    assert "12 Elm Street" not in json.dumps(program.extra)
    for answer in (shown, read):
        assert answer.status_code == 200
        assert b"Elm" not in answer.content


def test_an_inactive_service_is_not_published(run, cast, api) -> None:
    run(ORGANIZATION, {**SERVICE, "status": "inactive"})

    assert api(cast.case_manager).get("programs/").json()["results"] == []


def test_a_dry_run_writes_nothing(run) -> None:
    printed = run(SAMPLE, dry_run=True)

    assert everything() == [[], [], []]
    assert not AuditEvent.objects.exists()
    assert "programs: 1 created" in printed
    assert "Dry run, nothing was written." in printed


def test_documents_of_other_kinds_are_checked_and_passed_over(run) -> None:
    term = {"id": SERVICE_ID, "name": "Term", "description": "d", "taxonomy": "local", "term_uri": "http://x.example"}

    assert "1 document(s) of other kinds" in run(ORGANIZATION, term)


def test_who_imports_is_an_admin(run, cast) -> None:
    def email(role: Role) -> str:
        return str(people.User.objects.get(pk=people.staff(role, at=cast.north).id).email)

    with pytest.raises(CommandError, match="is no admin"):
        run(ORGANIZATION, actor=email(Role.SUPERVISOR))
    assert Organization.objects.filter(joined=False).count() == 0

    run(ORGANIZATION, actor=email(Role.ADMIN))

    assert AuditEvent.objects.get(action="directory.imported").actor_kind == "staff"


def test_any_number_of_services_takes_a_set_of_queries(run, django_assert_max_num_queries) -> None:
    ids = [f"ac148810-d857-441c-9679-{number:012}" for number in range(300)]

    with django_assert_max_num_queries(20):
        run(ORGANIZATION, {"contents": [{**SERVICE, "id": each} for each in ids]})

    assert Program.objects.count() == 300

"""Taking the directory out as HSDS 3.0: valid, nothing lost on the way round, and no street of a residence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

import casemgmt.devtools
from casemgmt.accounts.models import Organization
from casemgmt.accounts.roles import Role
from programs.hsds.schemas import faults
from programs.models import Program, Schedule, Site
from programs.rules.kinds import Kind
from tests.factories import programs

SAMPLE = Path(casemgmt.devtools.__file__).parent / "sample" / "hsds-3.0"
FULL = json.loads((SAMPLE / "organization_full.json").read_text())
SCHEDULE = {
    "id": "48102e86-bb50-41c4-8f1e-e269368c41d2",
    "freq": "WEEKLY",
    "byday": "MO,WE",
    "opens_at": "18:00",
    "closes_at": "20:00",
    "notes": "Ring the bell.",
}
UNTOLD = {"created_at", "updated_at", "version", "id", "organization_id", "program_id", "site_id"}


@pytest.fixture
def out(db: None, tmp_path: Path):
    """Return `out(**options)`: export everything and return the documents by file name."""

    def exported(name: str = "out", **options: Any) -> dict[str, Any]:
        folder = tmp_path / name
        call_command("export_hsds", folder, **options)
        return {path.name: json.loads(path.read_text()) for path in sorted(folder.iterdir())}

    return exported


def load(*documents: Any, folder: Path) -> None:
    for number, document in enumerate(documents):
        path = folder / f"in{number}.json"
        path.write_text(json.dumps(document))
        call_command("import_hsds", path)


def empty() -> None:
    for model in (Schedule, Program.sites.through, Program, Site, Organization):
        model.objects.all().delete()


def rows() -> list[Any]:
    """Return the directory without what is new at every import."""
    found = [
        {name: value for name, value in row.items() if name not in UNTOLD}
        for model, order in ((Organization, "hsds_id"), (Site, "hsds_id"), (Program, "hsds_id"), (Schedule, "position"))
        for row in model.objects.order_by(order).values()
    ]
    links = Program.sites.through.objects.values_list("program__hsds_id", "site__hsds_id")
    return [found, sorted(links)]


def lost(told: Any, found: Any, path: str = "$") -> list[str]:
    """Return where a document does not hold all that another tells; objects of a list go by their ids."""
    if isinstance(told, dict) and isinstance(found, dict):
        return [gone for name in told for gone in lost(told[name], found.get(name), f"{path}.{name}")]
    if isinstance(told, list) and isinstance(found, list) and all(isinstance(each, dict) for each in told):
        by_id = {each["id"]: each for each in found}
        return [gone for each in told for gone in lost(each, by_id.get(each["id"]), f"{path}[{each['id']}]")]
    return [] if told == found else [path]


def test_the_sample_goes_out_as_it_came_in(out, tmp_path) -> None:
    """HSD-02: nothing is lost, what we do not know included."""
    told = {**FULL, "x_new": {"a": [1]}, "services": [{**FULL["services"][0], "x_new": True}]}
    load(told, folder=tmp_path)

    (document,) = out().values()

    assert list(faults("organization", document)) == []
    assert lost(told, document) == []


def test_import_export_import_is_a_circle(out, tmp_path) -> None:
    """HSD-02: into the same database nothing changes; into an empty one the same rows come to be."""
    service = {
        **FULL["services"][0],
        "schedules": [SCHEDULE, *FULL["services"][0]["schedules"]],
        "attributes": [{"id": SCHEDULE["id"], "value": "intensive outpatient"}],
    }
    load({**FULL, "services": [service]}, folder=tmp_path)
    Organization.objects.update(timezone="America/Chicago")
    Program.objects.update(timezone="America/Chicago", payers=["medicaid"], accepts_moud=True, waitlist_only=True)
    before, versions = rows(), [list(model.objects.values_list("version")) for model in (Organization, Site, Program)]

    first = out("first")
    load(*first.values(), folder=tmp_path)
    assert rows() == before
    assert [list(model.objects.values_list("version")) for model in (Organization, Site, Program)] == versions

    empty()
    load(*first.values(), folder=tmp_path)
    Organization.objects.update(timezone="America/Chicago")
    assert rows() == before
    assert out("second") == first


def test_what_was_told_here_goes_out_and_comes_back(cast, api, out, tmp_path) -> None:
    web = api(cast.supervisor)
    site = web.post(
        "sites/",
        {
            "name": "Clinic",
            "street": "400 Main Street",
            "street_published": True,
            "postal_code": "67202",
            "city": "Wichita",
            "state": "KS",
            "timezone": "America/Denver",
            "phones": ["+13162678888"],
            "languages": ["es"],
            "accessibility": "A ramp.",
        },
    ).json()["id"]
    line = {"freq": "MONTHLY", "byday": ["1MO", "-1FR"], "opens_at": "09:00", "closes_at": "17:00", "interval": 2}
    told = {
        "kind": "therapy",
        "name": "Therapy",
        "status": "temporarily_closed",
        "level_of_care": {"edition": 4, "code": "1.5"},
        "accepts_moud": False,
        "modalities": ["dance", "cbt"],
        "languages": ["en", "es-MX"],
        "minimum_age": 18,
        "populations": ["women"],
        "payers": ["medicaid", "self_pay"],
        "fees": "Nothing.",
        "phone": "+13162678888",
        "waitlist_only": True,
        "alert": "Ring twice.",
        "city": "Wichita",
        "state": "KS",
        "capacity_total": 5,
        "assured_date": "2026-11-01",
        "sites": [site],
        "schedules": [{**line, "valid_from": "2026-11-01", "site": site}, {**line, "interval": 1}],
    }
    shown = web.post("programs/", told).json()

    document = out()[f"organization_{cast.north.id}.json"]

    (service,), (location,) = document["services"], document["locations"]
    assert list(faults("organization", document)) == []
    assert (service["status"], service["alert"]) == (
        "temporarily closed",
        "Takes people from its waitlist. Ring twice.",
    )
    assert service["service_capacity"][0]["available"] == 5
    assert location["addresses"][0]["address_1"] == "400 Main Street"
    # somewhere else
    empty_of_north = {**document, "id": SCHEDULE["id"], "services": [{**service, "id": SCHEDULE["id"]}]}
    load(empty_of_north, folder=tmp_path)
    program = Program.objects.get(hsds_id=SCHEDULE["id"])
    seen = api(cast.outsider).get(f"programs/{program.id}/").json()
    ours = {"id", "organization_id", "hsds_id", "version", "capacity_total", "places_open", "sites", "schedules"}
    ours |= {"capacity", "capacity_confirmed_at", "capacity_confirmed_by_id", "organization_name"}
    assert {name: seen[name] for name in seen.keys() - ours} == {name: shown[name] for name in shown.keys() - ours}
    assert sorted(each["byday"] for each in seen["schedules"]) == [["1MO", "-1FR"]] * 2


def test_an_export_of_ones_own_changes_nothing_when_it_comes_back(cast, api, out, tmp_path) -> None:
    """HSD-02: who has joined runs their own entries."""
    programs.program(cast.north, capacity_total=3).sites.add(Site.objects.create(organization=cast.north, name="A"))
    counts = [model.objects.count() for model in (Organization, Site, Program)]

    load(*out().values(), folder=tmp_path)

    assert [model.objects.count() for model in (Organization, Site, Program)] == counts


def test_the_street_of_a_residence_is_in_no_export(cast, api, out, tmp_path) -> None:
    """rules.md §7: wherever it stands, of imported places as well."""
    attributes = [{"id": SCHEDULE["id"], "value": "recovery residence"}]
    service = {**FULL["services"][0], "attributes": attributes, "description": "Come to 1-30 main  street today."}
    service.pop("program")
    load({**FULL, "services": [service]}, folder=tmp_path)
    program = Program.objects.get()
    Organization.objects.filter(pk=program.organization_id).update(description="We are at 1-30 Main Street.")

    answers = [
        json.dumps(out()),
        api(cast.outsider).get(f"programs/{program.id}/hsds/").content.decode(),
        api(cast.outsider).get(f"directory/hsds/?organization={program.organization_id}").content.decode(),
    ]

    assert program.kind == Kind.SOBER_LIVING
    assert Site.objects.get().street == "1-30 Main Street, MyVillage"
    for answer in answers:
        assert "MyCity" in answer
        assert not any(word in answer.lower() for word in ("main street", "main  street", "abc 1234", "civic center"))
        assert '"latitude"' not in answer
    before = rows()
    load(*out("again").values(), folder=tmp_path)
    assert rows()[0][1] == before[0][1]  # the street that we know is still known


def test_a_street_that_is_not_published_stays_here(cast, out) -> None:
    site = Site.objects.create(organization=cast.north, name="Clinic", street="400 Main Street", city="Wichita")
    programs.program(cast.north).sites.add(site)

    documents = json.dumps(out())

    assert ("400 Main" in documents, "Wichita" in documents) == (False, True)


def test_drafts_go_out_when_asked_for_and_as_inactive(cast, api, out) -> None:
    """rules.md §7: unpublished is `inactive`."""
    draft = programs.program(cast.north, published=False)
    name = f"organization_{cast.north.id}.json"

    assert "services" not in out("without")[name]
    assert out("with", unpublished=True)[name]["services"][0]["status"] == "inactive"
    assert api(cast.peer).get(f"programs/{draft.id}/hsds/").json()["status"] == "inactive"
    assert api(cast.outsider).get(f"programs/{draft.id}/hsds/").status_code == 404
    seen = api(cast.outsider).get(f"directory/hsds/?organization={cast.north.id}").json()
    assert "services" not in seen["results"][0]


def test_places_that_nobody_confirmed_and_counts_of_people_stay_here(cast, api) -> None:
    """F5, HSD-01."""
    program = programs.program(cast.north, capacity_total=5, places_taken=2)
    web = api(cast.at_south[Role.PEER_SPECIALIST])

    (told,) = web.get(f"programs/{program.id}/hsds/").json()["service_capacity"]
    Program.objects.update(capacity_confirmed_at=None)

    assert (told["available"], told["maximum"]) == (3, 5)
    assert "service_capacity" not in web.get(f"programs/{program.id}/hsds/").json()


def test_nothing_is_written_into_a_folder_that_holds_something(cast, out, tmp_path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")

    with pytest.raises(CommandError, match="not empty"):
        out()
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine.txt"]


def test_the_directory_is_read_in_pages_by_as_many_queries(cast, api) -> None:
    web, counts = api(cast.peer), []

    for amount in (1, 30):
        for number in range(amount - Program.objects.count()):
            program = programs.program(cast.south, name=f"P{number}")
            program.sites.add(Site.objects.create(organization=cast.south, name=f"S{number}"))
        with CaptureQueriesContext(connection) as queries:
            page = web.get(f"directory/hsds/?organization={cast.south.id}").json()
        assert len(page["results"][0]["services"]) == amount
        counts.append(len(queries))

    assert len(set(counts)) == 1
    first = web.get("directory/hsds/?limit=1").json()
    second = web.get(f"directory/hsds/?limit=1&cursor={first['next']}").json()
    assert first["results"][0]["id"] != second["results"][0]["id"]
    assert api(None).get("directory/hsds/").status_code == 401

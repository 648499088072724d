"""Publishing, reading and editing programs over HTTP."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from casemgmt.accounts.roles import Role
from casemgmt.audit.models import AuditEvent
from programs.models import Program, Site
from programs.rules.kinds import Kind
from tests.factories import programs

THERAPY = {
    "kind": "therapy",
    "name": "Outpatient therapy",
    "level_of_care": {"edition": 4, "code": "1.5"},
    "modalities": ["cbt", "dance"],
    "languages": ["en", "es"],
    "capacity_total": 12,
}
RESIDENCE = {"kind": "sober_living", "name": "Elm House", "narr_level": "II", "accepts_moud": True, "city": "Wichita"}


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.ADMIN])
def test_supervisor_and_admin_publish_a_program_that_other_organizations_see(cast, api, role: Role) -> None:
    made = api(cast.at_north[role]).post("programs/", THERAPY)
    seen = api(cast.at_south[Role.CASE_MANAGER]).get(f"programs/{made.json()['id']}/")

    assert made.status_code == 201
    assert seen.json() == made.json()
    assert seen.json()["level_of_care"] == {"edition": 4, "code": "1.5"}
    assert seen.json()["organization_name"] == "North"
    assert (seen.json()["timezone"], seen.json()["places_open"]) == ("America/Chicago", 12)
    assert AuditEvent.objects.filter(action="program.published").count() == 1


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.SUPERVISOR, Role.ADMIN}))
def test_no_other_role_publishes(cast, api, role: Role) -> None:
    refused = api(cast.at_north[role]).post("programs/", THERAPY)

    assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted")
    assert not Program.objects.exists()


def test_a_residence_shows_its_narr_type_and_unknown_capacity_as_null(cast, api) -> None:
    made = api(cast.supervisor).post("programs/", RESIDENCE).json()

    assert (made["narr_level"], made["narr_type"]) == ("II", "M")
    assert made["capacity_total"] is made["places_open"] is None
    assert made["narr_certified"] is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"level_of_care": {"edition": 3, "code": "1.5"}}, "level_of_care"),
        ({"kind": "peer_support", "level_of_care": None}, "modalities"),
        ({"narr_level": "I"}, "narr_level"),
        ({"narr_certified": False}, "narr_certified"),
        ({"timezone": "Kansas"}, "timezone"),
        ({"languages": ["Klingon!"]}, "languages"),
        ({"modalities": ["hypnosis"]}, "modalities.0"),
        ({"places_taken": 0}, "places_taken"),
        ({"capacity_total": -1}, "capacity_total"),
    ],
)
def test_what_does_not_fit_is_refused_by_field(cast, api, changes: dict[str, object], field: str) -> None:
    refused = api(cast.supervisor).post("programs/", {**THERAPY, **changes})

    assert (refused.status_code, refused.json()["code"]) == (400, "invalid")
    assert list(refused.json()["fields"]) == [field]
    assert not Program.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": Kind.THERAPY, "level_of_care_edition": 3, "level_of_care_code": "1.5"},
        {"kind": Kind.PEER_SUPPORT, "modalities": ["cbt"]},
        {"kind": Kind.THERAPY, "modalities": ["hypnosis"]},
        {"kind": Kind.IOP, "narr_level": "II"},
        {"capacity_total": 1, "places_taken": 2},
        {"places_taken": -1},
    ],
)
def test_postgresql_refuses_it_too(cast, fields: dict[str, object]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        programs.program(cast.north, **fields)


def test_an_edit_needs_the_version_last_seen(cast, api) -> None:
    web = api(cast.supervisor)
    made = web.post("programs/", THERAPY)
    path = f"programs/{made.json()['id']}/"

    first = web.patch(path, {"capacity_total": None, "level_of_care": None}, If_Match=made["ETag"])
    stale = web.patch(path, {"name": "Other"}, If_Match=made["ETag"])

    assert (first.status_code, first["ETag"]) == (200, '"2"')
    assert (first.json()["capacity_total"], first.json()["level_of_care"]) == (None, None)
    assert stale.json()["code"] == "stale_version"
    assert web.patch(path, {"name": "Other"}).status_code == 428
    assert web.patch(path, {"kind": "iop"}, If_Match='"2"').status_code == 400
    assert Program.objects.get().name == THERAPY["name"]


def test_another_organizations_program_is_not_ones_own_to_edit(cast, api) -> None:
    program = programs.program(cast.north)

    refused = api(cast.at_south[Role.SUPERVISOR]).patch(f"programs/{program.id}/", {"name": "Ours"}, If_Match='"1"')

    assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted")
    assert Program.objects.get().name == program.name


def test_capacity_never_falls_below_the_people_there(cast, api) -> None:
    program = programs.program(cast.north, capacity_total=5, places_taken=3)

    refused = api(cast.supervisor).patch(f"programs/{program.id}/", {"capacity_total": 2}, If_Match='"1"')

    assert (refused.status_code, refused.json()["code"]) == (409, "capacity_below_taken")
    assert Program.objects.get().capacity_total == 5


def test_a_draft_is_seen_at_home_only(cast, api) -> None:
    draft = programs.program(cast.north, published=False)

    assert api(cast.peer).get(f"programs/{draft.id}/").status_code == 200
    assert api(cast.outsider).get(f"programs/{draft.id}/").status_code == 404
    assert api(cast.outsider).get("programs/").json()["results"] == []
    assert api(None).get("programs/").status_code == 401


def test_the_list_is_filtered_and_by_name(cast, api) -> None:
    programs.program(cast.north, kind=Kind.THERAPY, name="B", modalities=["art", "cbt"])
    programs.program(cast.south, kind=Kind.THERAPY, name="A", modalities=["cbt"])
    programs.program(cast.north, kind=Kind.SOBER_LIVING, name="C", narr_level="III")
    programs.program(cast.north, name="D", published=False)
    web = api(cast.case_manager)

    def names(query: str) -> list[str]:
        return [row["name"] for row in web.get(f"programs/?{query}").json()["results"]]

    assert names("") == ["A", "B", "C", "D"]
    assert names("kind=therapy") == ["A", "B"]
    assert names("modality=art") == ["B"]
    assert names("narr_level=III") == ["C"]
    assert names(f"organization={cast.south.id}") == ["A"]
    assert names("published=false") == ["D"]
    assert names("published=true") == ["A", "B", "C"]
    assert web.get("programs/?narr_level=V").status_code == 400


def test_the_site_of_a_residence_shows_no_name(cast, api) -> None:
    site = Site.objects.create(name="12 Elm Street", city="Wichita", state="KS", extra={"street": "12 Elm Street"})
    house = programs.program(cast.north, kind=Kind.SOBER_LIVING)
    clinic = programs.program(cast.north, kind=Kind.IOP)
    for program in (house, clinic):
        program.sites.add(site)
    office = programs.program(cast.north, kind=Kind.IOP)
    office.sites.add(Site.objects.create(name="Office", city="Wichita"))
    web = api(cast.case_manager)

    shown = web.get(f"programs/{house.id}/")

    assert [each["city"] for each in shown.json()["sites"]] == ["Wichita"]
    assert b"Elm Street" not in shown.content
    assert web.get(f"programs/{clinic.id}/").json()["sites"][0]["name"] == ""  # somebody lives there all the same
    assert web.get(f"programs/{office.id}/").json()["sites"][0]["name"] == "Office"


def test_the_list_takes_the_same_number_of_queries_however_long_it_is(cast, api) -> None:
    web = api(cast.case_manager)
    counts = []

    for amount in (1, 10, 100):
        for number in range(amount - Program.objects.count()):
            program = programs.program(cast.north, name=f"P{number}")
            program.sites.add(Site.objects.create(city="Wichita"))
        with CaptureQueriesContext(connection) as queries:
            assert len(web.get("programs/?limit=100").json()["results"]) == amount
        counts.append(len(queries))

    assert len(set(counts)) == 1

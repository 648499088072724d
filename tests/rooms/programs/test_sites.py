"""Sites over HTTP: who keeps them, where programs are found, and streets that stay unpublished (rules.md §7)."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from casemgmt.accounts.roles import Role
from casemgmt.audit.models import AuditEvent
from casemgmt.kernel import clock
from programs.models import Program, Site
from programs.rules.kinds import Kind
from tests.factories import programs

CLINIC = {
    "name": "North clinic",
    "street": "400 Main Street",
    "postal_code": "67202",
    "city": "Wichita",
    "state": "KS",
    "phones": ["+13162678888"],
    "languages": ["en", "es"],
    "accessibility": "A ramp at the back.",
}


@pytest.fixture
def house(cast):
    """A residence of North at a site."""
    program = programs.program(cast.north, kind=Kind.SOBER_LIVING, name="Elm")
    site = Site.objects.create(organization=cast.north, name="12 Elm Street", street="12 Elm Street", city="Wichita")
    program.sites.add(site)
    return program


def committed(work) -> None:
    """Do some work and let the triggers of the commit judge it."""
    with transaction.atomic():
        work()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.ADMIN])
def test_who_runs_the_directory_adds_edits_and_ends_a_site(cast, api, role) -> None:
    web = api(cast.at_north[role])

    made = web.post("sites/", CLINIC)
    path = f"sites/{made.json()['id']}/"
    edited = web.patch(path, {"city": "Salina"}, If_Match=made["ETag"])
    ended = web.delete(path)

    assert (made.status_code, made.json()["timezone"]) == (201, "America/Chicago")
    assert {name: made.json()[name] for name in CLINIC} == CLINIC
    assert (edited.status_code, edited.json()["city"], edited["ETag"]) == (200, "Salina", '"2"')
    assert ended.status_code == 204
    assert web.get(path).status_code == 404
    assert web.delete(path).status_code == 204  # again: nothing changes
    assert Site.objects.get().version == 3
    actions = AuditEvent.objects.filter(action__in=("site.added", "site.changed", "site.ended"))
    assert actions.count() == 3


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.SUPERVISOR, Role.ADMIN}))
def test_nobody_else_adds_one(cast, api, role) -> None:
    refused = api(cast.at_north[role]).post("sites/", CLINIC)

    assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted")
    assert not Site.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"timezone": "Kansas"}, "timezone"),
        ({"phones": ["555"]}, "phones"),
        ({"languages": ["Klingon!"]}, "languages"),
        ({"street": "", "street_published": True}, "street_published"),
        ({"organization": "x"}, "organization"),
    ],
)
def test_what_does_not_fit_is_refused_by_field(cast, api, changes, field) -> None:
    refused = api(cast.supervisor).post("sites/", {**CLINIC, **changes})

    assert (refused.status_code, list(refused.json()["fields"])) == (400, [field])
    assert not Site.objects.exists()


def test_an_edit_needs_the_version_last_seen_and_ones_own_site(cast, api) -> None:
    web = api(cast.supervisor)
    made = web.post("sites/", CLINIC)
    path = f"sites/{made.json()['id']}/"
    programs.program(cast.north).sites.add(made.json()["id"])
    web.patch(path, {"city": "Salina"}, If_Match='"1"')

    assert web.patch(path, {"city": "Derby"}).status_code == 428
    assert web.patch(path, {"city": "Derby"}, If_Match='"1"').json()["code"] == "stale_version"
    assert web.delete(path, If_Match='"1"').json()["code"] == "stale_version"
    other = api(cast.at_south[Role.SUPERVISOR])
    assert other.patch(path, {"city": "Derby"}, If_Match='"2"').status_code == 403
    assert other.delete(path).status_code == 403
    assert (Site.objects.get().city, Site.objects.get().ended_at) == ("Salina", None)


def test_a_site_in_use_does_not_end(cast, api) -> None:
    web = api(cast.supervisor)
    site = web.post("sites/", CLINIC).json()["id"]
    program = programs.program(cast.north)
    linked = web.patch(f"programs/{program.id}/", {"sites": [site]}, If_Match='"1"')

    refused = web.delete(f"sites/{site}/")

    assert [each["id"] for each in linked.json()["sites"]] == [site]
    assert (refused.status_code, refused.json()["code"]) == (409, "site_in_use")
    assert Site.objects.get().ended_at is None
    web.patch(f"programs/{program.id}/", {"sites": []}, If_Match='"2"')
    assert web.delete(f"sites/{site}/").status_code == 204
    refused = web.patch(f"programs/{program.id}/", {"sites": [site]}, If_Match='"3"')
    assert (refused.status_code, list(refused.json()["fields"])) == (400, ["sites"])


def test_a_program_is_found_at_sites_of_its_organization_only(cast, api) -> None:
    site = Site.objects.create(organization=cast.south, name="South")

    refused = api(cast.supervisor).post("programs/", {"kind": "iop", "name": "IOP", "sites": [str(site.id)]})

    assert (refused.status_code, list(refused.json()["fields"])) == (400, ["sites"])
    assert not Program.objects.exists()


def test_a_site_is_seen_by_others_once_something_published_is_found_there(cast, api) -> None:
    site = Site.objects.create(organization=cast.north, name="Clinic", street="400 Main Street", postal_code="67202")
    draft = programs.program(cast.north, published=False)
    draft.sites.add(site)
    path = f"sites/{site.id}/"

    assert api(cast.peer).get(path).status_code == 200
    assert api(cast.outsider).get(path).status_code == 404
    assert api(cast.outsider).get("sites/").json()["results"] == []
    Program.objects.update(published=True)
    seen = api(cast.outsider).get(path).json()
    assert (seen["name"], seen["street"], seen["postal_code"]) == ("Clinic", None, None)
    Site.objects.update(street_published=True)
    assert api(cast.outsider).get(path).json()["street"] == "400 Main Street"


def test_the_street_of_a_residence_is_shown_to_who_keeps_it_and_nobody_else(cast, api, house) -> None:
    site = house.sites.get()

    for actor, shown in ((cast.supervisor, True), (cast.case_manager, False), (cast.outsider, False)):
        web = api(actor)
        answers = [web.get(f"sites/{site.id}/"), web.get("sites/")]
        assert [b"Elm Street" in answer.content for answer in answers] == [shown, shown]
        assert b"Elm Street" not in web.get(f"programs/{house.id}/").content


def test_the_street_of_a_residence_is_not_published(cast, api, house) -> None:
    site, web = house.sites.get(), api(cast.supervisor)

    refused = [
        web.patch(f"sites/{site.id}/", {"street_published": True}, If_Match='"1"'),
        web.patch(f"programs/{house.id}/", {"description": "Come to 12, ELM  street!"}, If_Match='"1"'),
        web.patch(f"sites/{site.id}/", {"street": "Elm"}, If_Match='"1"'),
    ]

    assert [(each.status_code, each.json()["code"]) for each in refused] == [(422, "residence_street")] * 3
    house.refresh_from_db()
    site.refresh_from_db()
    assert (house.description, site.street, site.street_published) == ("", "12 Elm Street", False)


def test_a_residence_is_not_put_where_the_street_is_published(cast, api, house) -> None:
    shown = Site.objects.create(organization=cast.north, street="1 Oak Street", street_published=True)

    refused = api(cast.supervisor).patch(f"programs/{house.id}/", {"sites": [str(shown.id)]}, If_Match='"1"')

    assert (refused.status_code, refused.json()["code"]) == (422, "residence_street")
    assert house.sites.get().street == "12 Elm Street"


@pytest.mark.parametrize(
    "change",
    [
        lambda house: house.sites.update(street_published=True),
        lambda house: house.sites.update(ended_at=clock.now()),
        lambda house: Program.sites.through.objects.create(
            program=house, site=Site.objects.create(street="1 Oak", street_published=True)
        ),
    ],
)
def test_postgresql_refuses_it_too(cast, house, change) -> None:
    """rules.md §7: at commit, whoever writes."""
    with pytest.raises(IntegrityError, match="ended|published"):
        committed(lambda: change(house))


def test_a_clinic_at_a_published_street_does_not_become_a_residence(cast) -> None:
    program = programs.program(cast.north, kind=Kind.IOP)
    program.sites.add(Site.objects.create(street="1 Oak", street_published=True))

    with pytest.raises(IntegrityError, match="published"):
        committed(lambda: Program.objects.update(kind=Kind.SOBER_LIVING))


def test_the_list_takes_the_same_number_of_queries_however_long_it_is(cast, api) -> None:
    web = api(cast.case_manager)
    counts = []

    for amount in (1, 50):
        for number in range(amount - Site.objects.count()):
            site = Site.objects.create(organization=cast.south, name=f"S{number:03}")
            programs.program(cast.south).sites.add(site)
        with CaptureQueriesContext(connection) as queries:
            found = web.get(f"sites/?limit=100&organization={cast.south.id}").json()["results"]
        assert [row["name"] for row in found] == sorted(row["name"] for row in found)
        assert len(found) == amount
        counts.append(len(queries))

    assert len(set(counts)) == 1

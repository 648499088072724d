"""Whose disclosures somebody reads, asked of the queries alone, without the second wall; what a report leaves out."""

from __future__ import annotations

from datetime import timedelta

import pytest

from casemgmt.accounts.roles import Role
from casemgmt.consent.models import Disclosure
from casemgmt.disclosures.models import AccountingRequest, EmergencyDisclosure, OralDisclosure
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor, ActorKind
from casemgmt.kernel.wall import acting_as
from tests.factories import consent as consents
from tests.factories import people

MACHINE = Actor.system("clock")
ASKS = {"requester": "self", "requester_name": "Ada Example"}


@pytest.fixture
def client(cast):
    """A client of North."""
    return people.client(cast.north)


@pytest.fixture
def officer(cast, api):
    """North's privacy officer."""
    return api(cast.at_north[Role.PRIVACY_OFFICER])


def tell(web, client, **changes):
    answer = web.post(f"clients/{client.id}/emergency-disclosures/", consents.EMERGENCY | changes)
    assert answer.status_code == 201, answer.content
    return answer.json()["emergency"]["id"]


def seen(model, *actors) -> list[int]:
    """Return how many rows each of these would be shown, were there no wall in the database."""
    with acting_as(MACHINE):
        return [model.objects.visible_to(actor).count() for actor in actors]


def test_emergencies_are_read_by_the_officer_managers_and_who_told(cast, api, client) -> None:
    tell(api(cast.peer), client)
    colleague = people.staff(Role.PEER_SPECIALIST, at=cast.north)
    nowhere = Actor(ActorKind.STAFF, cast.peer.id, None, cast.peer.roles)
    north, south = cast.at_north, cast.at_south
    stranger = people.staff(Role.SUPERVISOR, at=cast.south)
    with acting_as(MACHINE):
        people.client(cast.south)
    hidden = people.client(cast.south)
    tell(api(cast.at_south[Role.CASE_MANAGER]), hidden)
    EmergencyDisclosure.objects.filter(client_id=hidden.id).update(organization_id=cast.north.id)

    assert seen(EmergencyDisclosure, MACHINE, north[Role.PRIVACY_OFFICER]) == [2, 2]
    assert seen(EmergencyDisclosure, cast.case_manager, cast.supervisor, cast.peer) == [1, 1, 1]
    assert seen(EmergencyDisclosure, colleague, nowhere, stranger, south[Role.PRIVACY_OFFICER]) == [0, 0, 0, 0]
    assert seen(EmergencyDisclosure, north[Role.ADMIN], north[Role.INTAKE]) == [0, 0]


def test_an_admin_reads_no_emergency_although_they_told_of_one_before(cast, api, client) -> None:
    """The role is what counts, not who one was."""
    tell(api(cast.peer), client)
    before = Actor(ActorKind.STAFF, cast.peer.id, cast.north.id, frozenset({Role.ADMIN.value}))

    assert seen(EmergencyDisclosure, before) == [0]


def test_emergencies_are_listed_by_whether_they_are_finished_and_judged(cast, api, client, officer) -> None:
    first, second = (tell(api(cast.case_manager), client) for _ in range(2))
    assert api(cast.case_manager).post(f"emergency-disclosures/{first}/close/").status_code == 200

    def listed(query: str) -> list[str]:
        return [row["id"] for row in officer.get(f"emergency-disclosures/?{query}").json()["results"]]

    assert listed("closed=true") == [first]
    assert listed("closed=false") == [second]
    assert listed("reviewed=true") == []
    assert listed("reviewed=false") == [second, first]


def test_what_was_finished_in_time_is_not_overdue(cast, api, client, travel) -> None:
    first, second = (tell(api(cast.case_manager), client) for _ in range(2))
    assert api(cast.case_manager).post(f"emergency-disclosures/{first}/close/").status_code == 200
    travel(clock.now() + timedelta(days=30))

    with acting_as(MACHINE):
        late = EmergencyDisclosure.objects.unfinished().values_list("id", flat=True)
        assert [str(each) for each in late] == [second]


def test_spoken_disclosures_and_accountings_are_read_by_those_who_make_them_and_by_machines(
    cast, api, client, officer
) -> None:
    consents.consent(client, recipients=[cast.south])
    said = api(cast.case_manager).post(f"clients/{client.id}/oral-disclosures/", consents.spoken(cast.south))
    asked = officer.post(f"clients/{client.id}/accounting-requests/", ASKS)
    assert (said.status_code, asked.status_code) == (201, 201)
    north, abroad = cast.at_north, cast.at_south[Role.PRIVACY_OFFICER]

    who = (MACHINE, north[Role.PRIVACY_OFFICER], cast.case_manager, cast.peer, north[Role.HOUSE_MANAGER], abroad)
    assert seen(OralDisclosure, *who) == [1, 1, 1, 0, 0, 0]
    assert seen(AccountingRequest, *who) == [1, 1, 0, 0, 0, 0]


def test_a_report_is_of_this_client_and_of_this_organization(cast, api, client, officer) -> None:
    """P2-55."""
    at = clock.now() - timedelta(days=30)
    told = {"recipient_name": "X", "purpose": "treatment", "categories": ["reason"], "basis": "consent", "at": at}
    told |= {"notice_statement": 1, "method": "in_system", "actor_kind": "staff"}
    other = people.client(cast.north)
    with acting_as(MACHINE):
        for of, by, words in (
            (client, cast.north, "Ours"),
            (other, cast.north, "Other"),
            (client, cast.south, "South"),
        ):
            given = consents.consent(of, recipients=[cast.east])
            Disclosure.objects.create(client=of, organization=by, description=words, consent=given, **told)
    asked = officer.post(f"clients/{client.id}/accounting-requests/", ASKS).json()

    report = officer.get(f"accounting-requests/{asked['id']}/report/").json()

    assert [row["description"] for row in report["disclosures"]] == ["Ours"]


def test_a_report_names_of_an_emergency_what_is_known_of_it(cast, api, client, officer, travel) -> None:
    """164.528(b)(2): when, and whom, also before the facts are there."""
    unnamed = {"personnel_name": "", "disclosed_at": None}
    bare = {name: value for name, value in consents.EMERGENCY.items() if name not in unnamed}
    answer = api(cast.case_manager).post(f"clients/{client.id}/emergency-disclosures/", bare)
    assert answer.status_code == 201, answer.content
    row = EmergencyDisclosure.objects.get()
    assert (row.personnel_name, row.disclosed_at) == ("", None)
    travel(clock.now() + timedelta(minutes=1))
    asked = officer.post(f"clients/{client.id}/accounting-requests/", ASKS).json()

    (told,) = officer.get(f"accounting-requests/{asked['id']}/report/").json()["disclosures"]

    assert told["recipient"] == "St. Mary's Emergency Department"
    assert told["at"].startswith(str(people.today().year))

"""Restricted clients: absent for everybody but the team, by the same rule everywhere (F10)."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from casemgmt.access.models import Grant, Reason, Restriction, Scope
from casemgmt.accounts.models import Membership
from casemgmt.accounts.roles import Role
from casemgmt.audit.models import AuditEvent
from casemgmt.care_team.services import NewMember, add_member
from casemgmt.care_team.words import TeamRole
from casemgmt.clients.models import Client
from casemgmt.clients.services import NewClient, record_client
from casemgmt.safety.models import AlertPage
from casemgmt.worklist.models import WorkItem
from tests.factories import alerts, episodes, people, worklist


@pytest.fixture
def client(cast) -> Client:
    """A client of North with a case manager on the team."""
    made = people.client(cast.north)
    member = NewMember(cast.case_manager.id, TeamRole.CASE_MANAGER, lead=True)
    add_member(client_id=made.id, new=member, actor=cast.case_manager)
    return made


def restrict(api, cast, client: Client, reason: str = "staff"):
    return api(cast.supervisor).post(f"clients/{client.id}/restriction/", {"reason": reason})


def lift(web, made):
    return web.post(f"restrictions/{made.json()['id']}/lift/")


def test_the_team_sees_the_client_and_nobody_else_there(cast, api, client) -> None:
    assert restrict(api, cast, client).status_code == 201

    seen = {role: api(actor).get(f"clients/{client.id}/").status_code for role, actor in cast.at_north.items()}
    listed = {role: len(api(cast.at_north[role]).get("clients/").json()["results"]) for role in (Role.THERAPIST,)}

    assert seen.pop(Role.CASE_MANAGER) == 200
    assert set(seen.values()) == {404}
    assert listed == {Role.THERAPIST: 0}


def test_what_hangs_on_the_client_is_absent_with_them(cast, api, client) -> None:
    episode = episodes.episode(client)
    item = worklist.item(cast.north, client)
    restrict(api, cast, client)

    web, team = api(cast.therapist), api(cast.case_manager)
    paths = [f"episodes/{episode.id}/", f"work-items/{item.id}/", f"clients/{client.id}/contact-points/"]

    assert [web.get(path).status_code for path in paths[:2]] == [404, 404]
    assert [team.get(path).status_code for path in paths[:2]] == [200, 200]
    assert web.post(paths[2], {"kind": "phone", "value": "+13165550101"}).status_code == 404


def test_another_organization_is_not_touched(cast, api, client) -> None:
    Grant.objects.create(client_id=client.id, organization_id=cast.south.id, reason=Reason.CARE)

    restrict(api, cast, client)

    assert api(cast.at_south[Role.THERAPIST]).get(f"clients/{client.id}/").status_code == 200


def test_who_joins_the_team_sees_and_who_leaves_does_not(cast, api, client) -> None:
    restrict(api, cast, client)
    web = api(cast.case_manager)

    body = {"user": str(cast.therapist.id), "role": "therapist"}
    joined = web.post(f"clients/{client.id}/care-team/", body)
    during = api(cast.therapist).get(f"clients/{client.id}/").status_code
    web.post(f"care-team-members/{joined.json()['id']}/end/", {"reason": "reassigned"})

    assert (joined.status_code, during) == (201, 200)


def test_lifting_shows_the_client_to_everybody_again(cast, api, client) -> None:
    made = restrict(api, cast, client)
    officer = api(cast.at_north[Role.PRIVACY_OFFICER])
    listed = officer.get("restrictions/").json()["results"]

    lifted, again = lift(officer, made), lift(officer, made)

    assert [each["client_id"] for each in listed] == [str(client.id)]
    assert (lifted.status_code, again.status_code, again.json()["code"]) == (200, 409, "already_lifted")
    assert api(cast.therapist).get(f"clients/{client.id}/").status_code == 200
    assert officer.get("restrictions/").json()["results"] == []
    assert len(officer.get("restrictions/?lifted=true").json()["results"]) == 1


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.SUPERVISOR, Role.PRIVACY_OFFICER)])
def test_others_neither_restrict_nor_lift_nor_list(cast, api, client, role) -> None:
    made = restrict(api, cast, client)
    web = api(cast.at_north[role])

    assert web.post(f"clients/{client.id}/restriction/", {"reason": "staff"}).status_code == 403
    assert lift(web, made).status_code == 404
    assert web.get("restrictions/").json()["results"] == []
    assert Restriction.objects.open().count() == 1


def test_a_client_with_nobody_on_the_team_is_not_restricted(cast, api) -> None:
    alone = people.client(cast.north, phone=None)

    refused = restrict(api, cast, alone)

    assert (refused.status_code, refused.json()["code"]) == (409, "nobody_on_team")
    assert Restriction.objects.count() == 0
    assert api(cast.therapist).get(f"clients/{alone.id}/").status_code == 200


def test_a_client_is_restricted_once(cast, api, client) -> None:
    body = {"user": str(cast.supervisor.id), "role": "supervisor"}
    assert api(cast.case_manager).post(f"clients/{client.id}/care-team/", body).status_code == 201
    restrict(api, cast, client)

    again = restrict(api, cast, client)

    assert (again.status_code, again.json()["code"], Restriction.objects.count()) == (409, "already_restricted", 1)


def test_postgresql_refuses_to_open_a_restricted_client_to_everybody(cast, api, client) -> None:
    restrict(api, cast, client)

    with pytest.raises(IntegrityError, match="single people only"), transaction.atomic():
        Grant.objects.filter(scope=Scope.WITHHELD).update(scope=Scope.RECORD)
    with pytest.raises(IntegrityError, match="single people only"), transaction.atomic():
        Grant.objects.create(client_id=client.id, organization_id=cast.north.id, reason=Reason.EXPLICIT)


def test_who_records_another_client_is_not_affected(cast, api, client) -> None:
    restrict(api, cast, client)

    made = record_client(new=NewClient("Bo", "Other"), actor=cast.case_manager)

    assert api(cast.therapist).get(f"clients/{made.id}/").status_code == 200


def test_when_the_last_one_leaves_the_privacy_officers_hear_of_it(cast, api, client) -> None:
    made = restrict(api, cast, client)
    team = api(cast.case_manager)
    place = team.get(f"clients/{client.id}/care-team/").json()["results"][0]

    assert team.post(f"care-team-members/{place['id']}/end/", {"reason": "reassigned"}).status_code == 200

    item = WorkItem.objects.open().get(kind="restricted_unseen")
    officer = api(cast.at_north[Role.PRIVACY_OFFICER])
    assert (item.client_id, item.role, str(item.source_id)) == (None, "privacy_officer", made.json()["id"])
    assert str(item.id) in [each["id"] for each in officer.get("work-items/mine/").json()["results"]]
    lift(officer, made)
    assert not WorkItem.objects.open().filter(kind="restricted_unseen").exists()


def test_who_is_asked_to_answer_an_alert_sees_the_client_until_a_day_after(cast, api, client, travel) -> None:
    restrict(api, cast, client)
    alerts.on_call(cast.therapist, Role.THERAPIST, cast.north)
    assert api(cast.therapist).get(f"clients/{client.id}/").status_code == 404

    alerts.alert(client, cast.north)

    assert AlertPage.objects.filter(user_id=cast.therapist.id).exists()
    assert api(cast.therapist).get(f"clients/{client.id}/").status_code == 200
    assert len(api(cast.therapist).get("work-items/mine/").json()["results"]) == 1
    assert api(cast.peer).get(f"clients/{client.id}/").status_code == 404


def test_an_alert_about_somebody_else_gives_nobody_a_grant_of_their_own(cast) -> None:
    other = people.client(cast.north)
    alerts.on_call(cast.therapist, Role.THERAPIST, cast.north)

    alerts.alert(other, cast.north)

    assert not Grant.objects.filter(reason=Reason.ALERT).exists()


def test_the_log_of_who_looked_is_for_privacy_officers_and_for_supervisors_who_see(cast, api, client) -> None:
    """HIP-02: and asking for it is in it."""
    api(cast.therapist).get(f"clients/{client.id}/")
    api(cast.at_north[Role.INTAKE]).get(f"clients/{client.id}/")
    path = f"clients/{client.id}/access-log/"
    before = {role: api(actor).get(path).status_code for role, actor in cast.at_north.items()}
    restrict(api, cast, client)

    officer = api(cast.at_north[Role.PRIVACY_OFFICER]).get(path)
    after = {role: api(actor).get(path).status_code for role, actor in cast.at_north.items()}

    allowed = {role for role, status in before.items() if status == 200}
    assert allowed == {Role.PRIVACY_OFFICER, Role.SUPERVISOR}
    assert {role for role, status in after.items() if status == 200} == {Role.PRIVACY_OFFICER}
    rows = officer.json()["results"]
    assert ("client.read", str(cast.therapist.id)) in [(each["action"], each["actor_id"]) for each in rows]
    assert all(each["user_name"] for each in rows if each["actor_kind"] == "staff")
    assert AuditEvent.objects.filter(action="access_log.listed", client_ids__contains=[client.id]).count() == 4


def test_the_log_names_nobody_of_another_organization(cast, api, client) -> None:
    Grant.objects.create(client_id=client.id, organization_id=cast.south.id, reason=Reason.CARE)
    api(cast.at_south[Role.THERAPIST]).get(f"clients/{client.id}/")

    north = api(cast.at_north[Role.PRIVACY_OFFICER]).get(f"clients/{client.id}/access-log/").json()["results"]
    east = api(cast.outsider).get(f"clients/{client.id}/access-log/")

    of_south = set(Membership.objects.filter(organization=cast.south).values_list("user_id", flat=True))
    assert not {each["actor_id"] for each in north} & {str(each) for each in of_south}
    assert east.status_code == 404


def test_the_log_has_pages(cast, api, client) -> None:
    for _ in range(5):
        api(cast.therapist).get(f"clients/{client.id}/")
    web, path = api(cast.at_north[Role.PRIVACY_OFFICER]), f"clients/{client.id}/access-log/"

    first = web.get(f"{path}?limit=2").json()
    second = web.get(f"{path}?limit=2&cursor={first['next']}").json()

    assert len(first["results"]) == len(second["results"]) == 2
    assert first["results"][-1]["id"] > second["results"][0]["id"]

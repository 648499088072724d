"""Joining a client's team over HTTP: who may, who can be put there, who leads, and what it opens (F10)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from casemgmt.access.models import Grant, Reason
from casemgmt.accounts.models import Membership, User
from casemgmt.accounts.roles import Role
from casemgmt.audit.models import AuditEvent
from casemgmt.care_team.models import CareTeamMember
from casemgmt.care_team.services import current_team, members_with_role
from casemgmt.kernel import clock
from tests.factories import care_team, people


def joining(actor, role=None, **more) -> dict:
    return {"user": str(actor.id), "role": role or min(actor.roles), **more}


def nothing_happened() -> bool:
    told = AuditEvent.objects.filter(action__startswith="care_team.member")
    return not (CareTeamMember.objects.exists() or told.exists() or personal_grants().exists())


def personal_grants():
    return Grant.objects.filter(reason=Reason.CARE_TEAM)


@pytest.mark.parametrize("role", [Role.CASE_MANAGER, Role.THERAPIST, Role.SUPERVISOR])
def test_a_case_manager_and_up_puts_somebody_on_the_team(cast, api, role) -> None:
    client = people.client(cast.north)

    answer = api(cast.at_north[role]).post(f"clients/{client.id}/care-team/", joining(cast.peer))

    assert answer.status_code == 201, answer.content
    shown = answer.json()
    assert (shown["client_id"], shown["user_id"]) == (str(client.id), str(cast.peer.id))
    assert (shown["role"], shown["lead"], shown["ended_on"]) == ("peer_specialist", False, None)
    assert shown["name"] == User.objects.get(pk=cast.peer.id).name
    member = CareTeamMember.objects.get()
    assert (member.organization_id, member.added_by) == (cast.north.id, cast.at_north[role].id)
    told = AuditEvent.objects.get(action="care_team.member_added")
    assert (told.object_id, told.client_ids) == (member.id, [client.id])


def test_the_first_day_is_today_where_the_organization_is(cast, api, travel) -> None:
    travel(clock.now().replace(hour=3, minute=0))  # evening of the day before in Chicago
    client = people.client(cast.north)

    shown = api(cast.case_manager).post(f"clients/{client.id}/care-team/", joining(cast.peer)).json()

    assert shown["started_on"] == (clock.now().date() - timedelta(days=1)).isoformat()


@pytest.mark.parametrize("role", [Role.PEER_SPECIALIST, Role.HOUSE_MANAGER, Role.PRIVACY_OFFICER])
def test_others_are_refused(cast, api, role) -> None:
    client = people.client(cast.north)

    answer = api(cast.at_north[role]).post(f"clients/{client.id}/care-team/", joining(cast.peer))

    assert (answer.status_code, answer.json()["code"]) == (403, "not_permitted")
    assert nothing_happened()


@pytest.mark.parametrize("role", [Role.INTAKE, Role.ADMIN])
def test_who_sees_no_records_finds_nothing(cast, api, role) -> None:
    client = people.client(cast.north)

    assert api(cast.at_north[role]).get(f"clients/{client.id}/care-team/").status_code == 404
    assert api(cast.at_north[role]).post(f"clients/{client.id}/care-team/", joining(cast.peer)).status_code == 404
    assert nothing_happened()


def test_another_organization_finds_nothing(cast, api) -> None:
    client = people.client(cast.north)
    web = api(cast.outsider)

    assert web.get(f"clients/{client.id}/care-team/").status_code == 404
    assert web.post(f"clients/{client.id}/care-team/", joining(cast.outsider, "case_manager")).status_code == 404
    assert nothing_happened()


@pytest.mark.parametrize(
    ("whom", "role"),
    [
        (lambda cast: cast.at_south[Role.THERAPIST], "therapist"),  # another organization's
        (lambda cast: cast.peer, "therapist"),  # another role
    ],
)
def test_only_who_holds_the_role_here_can_join(cast, api, whom, role) -> None:
    client = people.client(cast.north)

    answer = api(cast.case_manager).post(f"clients/{client.id}/care-team/", joining(whom(cast), role))

    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["user"])
    assert nothing_happened()


@pytest.mark.parametrize("gone", ["membership", "account"])
def test_who_left_cannot_join(cast, api, gone) -> None:
    client = people.client(cast.north)
    if gone == "membership":
        Membership.objects.filter(user_id=cast.peer.id).update(ended_at=clock.now())
    else:
        User.objects.filter(pk=cast.peer.id).update(is_active=False)

    answer = api(cast.case_manager).post(f"clients/{client.id}/care-team/", joining(cast.peer))

    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["user"])
    assert nothing_happened()


def test_every_field_that_does_not_fit_is_named_at_once(cast, api) -> None:
    client = people.client(cast.north)
    tomorrow = (clock.now() + timedelta(days=2)).date().isoformat()
    wrong = {"user": str(client.id), "role": "therapist", "started_on": tomorrow, "lead": True}

    answer = api(cast.case_manager).post(f"clients/{client.id}/care-team/", wrong)

    assert (answer.status_code, sorted(answer.json()["fields"])) == (400, ["lead", "started_on", "user"])
    assert nothing_happened()


@pytest.mark.parametrize(
    "wrong",
    [{}, {"user": "x", "role": "therapist"}, {"role": "intake"}, {"surprise": 1}, {"started_on": "0000-01-01"}],
)
def test_odd_bodies_are_refused(cast, api, wrong) -> None:
    client = people.client(cast.north)
    body = {**joining(cast.peer), **wrong} if wrong else {}

    assert api(cast.case_manager).post(f"clients/{client.id}/care-team/", body).status_code == 400
    assert nothing_happened()


def test_nobody_joins_the_team_of_the_dead(cast, api) -> None:
    client = people.client(cast.north, deceased=True)

    answer = api(cast.case_manager).post(f"clients/{client.id}/care-team/", joining(cast.peer))

    assert (answer.status_code, answer.json()["code"]) == (422, "client_deceased")
    assert nothing_happened()


def test_the_same_role_twice_is_a_conflict_and_another_role_is_not(cast, api) -> None:
    client, web = people.client(cast.north), api(cast.case_manager)
    Membership.objects.create(user_id=cast.peer.id, organization=cast.north, role=Role.HOUSE_MANAGER)
    path = f"clients/{client.id}/care-team/"
    web.post(path, joining(cast.peer))

    again = web.post(path, joining(cast.peer))
    other = web.post(path, joining(cast.peer, "house_manager"))

    assert (again.status_code, again.json()["code"]) == (409, "already_on_team")
    assert (other.status_code, CareTeamMember.objects.count()) == (201, 2)


def test_a_new_lead_takes_the_place_of_the_one_before(cast, api) -> None:
    client, web = people.client(cast.north), api(cast.case_manager)
    second = people.staff(Role.CASE_MANAGER, at=cast.north)
    first_id = web.post(f"clients/{client.id}/care-team/", joining(cast.case_manager, lead=True)).json()["id"]

    answer = web.post(f"clients/{client.id}/care-team/", joining(second, lead=True))

    assert answer.status_code == 201
    before = web.get(f"care-team-members/{first_id}/").json()
    assert (before["lead"], before["version"], before["ended_on"]) == (False, 2, None)
    leads = members_with_role(client_id=client.id, organization_id=cast.north.id, role="case_manager")
    assert [(each.user_id, each.lead) for each in leads] == [(second.id, True), (cast.case_manager.id, False)]


def test_a_lead_is_handed_over_by_an_edit(cast, api) -> None:
    client, web = people.client(cast.north), api(cast.supervisor)
    first = care_team.member(client, cast.case_manager, lead=True)
    second = care_team.member(client, people.staff(Role.CASE_MANAGER, at=cast.north))
    path = f"care-team-members/{second.id}/"

    assert web.patch(path, {"lead": True}).status_code == 428
    assert web.patch(path, {"lead": True}, If_Match='"7"').status_code == 412
    assert web.patch(path, {"lead": True}, If_Match='"1"').json()["lead"] is True
    first.refresh_from_db()
    assert first.lead is False

    peer = care_team.member(client, cast.peer)
    refused = web.patch(f"care-team-members/{peer.id}/", {"lead": True}, If_Match='"1"')
    assert (refused.status_code, list(refused.json()["fields"])) == (400, ["lead"])
    assert api(cast.peer).patch(path, {"lead": False}, If_Match='"2"').status_code == 403
    assert api(cast.outsider).patch(path, {"lead": False}, If_Match='"2"').status_code == 404


def test_a_member_sees_the_client_by_name(cast, api) -> None:
    client = people.client(cast.north)

    api(cast.case_manager).post(f"clients/{client.id}/care-team/", joining(cast.peer))

    grant = personal_grants().get()
    member = CareTeamMember.objects.get()
    assert (grant.client_id, grant.organization_id) == (client.id, cast.north.id)
    assert (grant.user_id, grant.source_id, grant.revoked_at) == (cast.peer.id, member.id, None)


def test_an_organization_that_sees_by_a_referral_cannot_prolong_its_sight(cast, api) -> None:
    client = people.client(cast.north)
    lent = Grant.objects.create(client_id=client.id, organization_id=cast.south.id, reason=Reason.REFERRAL)
    manager = cast.at_south[Role.CASE_MANAGER]

    answer = api(manager).post(f"clients/{client.id}/care-team/", joining(manager))

    assert (answer.status_code, personal_grants().count()) == (201, 0)
    lent.revoked_at = clock.now()
    lent.save()
    assert api(manager).get(f"clients/{client.id}/").status_code == 404
    assert api(manager).get(f"clients/{client.id}/care-team/").status_code == 404


def test_two_organizations_do_not_see_each_others_teams(cast, api) -> None:
    client = people.client(cast.north)
    Grant.objects.create(client_id=client.id, organization_id=cast.south.id, reason=Reason.REFERRAL)
    ours = care_team.member(client, cast.peer)
    care_team.member(client, cast.at_south[Role.THERAPIST])
    south = api(cast.at_south[Role.SUPERVISOR])

    assert [row["role"] for row in south.get(f"clients/{client.id}/care-team/").json()["results"]] == ["therapist"]
    assert south.get(f"care-team-members/{ours.id}/").status_code == 404
    team = current_team(client_id=client.id, organization_id=cast.north.id)
    assert [each.user_id for each in team] == [cast.peer.id]


def refused_by_the_database(client, actor, **fields) -> bool:
    try:
        with transaction.atomic():
            care_team.member(client, actor, **fields)
    except IntegrityError:
        return True
    return False


def test_the_database_refuses_what_the_door_refuses(cast) -> None:
    client = people.client(cast.north)
    care_team.member(client, cast.case_manager, lead=True)
    another = people.staff(Role.CASE_MANAGER, at=cast.north)
    today = people.today()

    assert refused_by_the_database(client, cast.case_manager)
    assert refused_by_the_database(client, another, lead=True)
    assert refused_by_the_database(client, cast.peer, lead=True)
    assert refused_by_the_database(client, cast.peer, role="intake")
    assert refused_by_the_database(client, cast.peer, ended_on=today)
    assert refused_by_the_database(client, cast.peer, end_reason="reassigned")
    assert refused_by_the_database(client, cast.peer, ended_on=today - timedelta(days=11), end_reason="reassigned")
    assert CareTeamMember.objects.count() == 1

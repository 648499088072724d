"""Leaving a team: by hand, with the organization, with the episode, and with the client's death."""

from __future__ import annotations

from datetime import timedelta

import pytest

from casemgmt.access.models import Grant, Reason
from casemgmt.accounts.models import Membership, User
from casemgmt.accounts.roles import Role
from casemgmt.audit.models import AuditEvent
from casemgmt.care_team.handlers import follow_episode
from casemgmt.care_team.models import CareTeamMember
from casemgmt.care_team.services import current_team
from casemgmt.episodes.stages import Stage
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.events import Event
from tests.factories import care_team, episodes, people


def join(web, client, actor) -> str:
    body = {"user": str(actor.id), "role": min(actor.roles)}
    return str(web.post(f"clients/{client.id}/care-team/", body).json()["id"])


def sight():
    return Grant.objects.filter(reason=Reason.CARE_TEAM, revoked_at__isnull=True)


def test_who_leaves_is_history_and_sees_no_longer_by_name(cast, api) -> None:
    client, web = people.client(cast.north), api(cast.case_manager)
    member_id = join(web, client, cast.peer)

    answer = web.post(f"care-team-members/{member_id}/end/", {"reason": "client_asked", "version": 1})

    assert answer.status_code == 200, answer.content
    assert (answer.json()["end_reason"], answer.json()["version"]) == ("client_asked", 2)
    assert not sight().exists()
    assert web.get(f"clients/{client.id}/care-team/").json()["results"] == []
    past = web.get(f"clients/{client.id}/care-team/?past=true").json()["results"]
    assert [row["id"] for row in past] == [member_id]
    assert AuditEvent.objects.filter(action="care_team.member_ended").count() == 1
    assert join(web, client, cast.peer) != member_id  # and may come back


def test_a_second_time_and_a_stale_screen_are_conflicts(cast, api) -> None:
    member, web = care_team.member(people.client(cast.north), cast.peer), api(cast.case_manager)
    path = f"care-team-members/{member.id}/end/"

    stale = web.post(path, {"reason": "reassigned", "version": 9})
    stale_too = web.post(path, {"reason": "reassigned"}, If_Match='"9"')
    first = web.post(path, {"reason": "reassigned"})
    second = web.post(path, {"reason": "reassigned"})

    assert [(stale.status_code, stale.json()["code"]), stale_too.status_code] == [(409, "stale_version"), 409]
    assert (first.status_code, second.status_code, second.json()["code"]) == (200, 409, "membership_ended")
    lead = web.patch(f"care-team-members/{member.id}/", {"lead": False}, If_Match='"2"')
    assert (lead.status_code, lead.json()["code"]) == (409, "membership_ended")


@pytest.mark.parametrize("days", [-11, 2])
def test_the_last_day_lies_between_the_first_and_today(cast, api, days) -> None:
    member = care_team.member(people.client(cast.north), cast.peer)
    body = {"reason": "reassigned", "ended_on": (clock.now() + timedelta(days=days)).date().isoformat()}

    answer = api(cast.case_manager).post(f"care-team-members/{member.id}/end/", body)

    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["ended_on"])
    member.refresh_from_db()
    assert member.ended_on is None


@pytest.mark.parametrize("reason", ["episode_ended", "client_died", "", "bored"])
def test_only_a_person_s_reason_is_taken_from_a_person(cast, api, reason) -> None:
    member = care_team.member(people.client(cast.north), cast.peer)

    assert api(cast.case_manager).post(f"care-team-members/{member.id}/end/", {"reason": reason}).status_code == 400
    member.refresh_from_db()
    assert member.ended_on is None


def test_others_end_nothing(cast, api) -> None:
    member = care_team.member(people.client(cast.north), cast.peer)
    path = f"care-team-members/{member.id}/end/"

    assert api(cast.peer).post(path, {"reason": "reassigned"}).status_code == 403
    assert api(cast.outsider).post(path, {"reason": "reassigned"}).status_code == 404
    member.refresh_from_db()
    assert (member.ended_on, member.version) == (None, 1)


@pytest.mark.parametrize("gone", ["membership", "account"])
def test_who_left_the_organization_is_not_called_any_more(cast, api, gone) -> None:
    client = people.client(cast.north)
    care_team.member(client, cast.peer)
    care_team.member(client, cast.therapist)
    if gone == "membership":
        Membership.objects.filter(user_id=cast.peer.id).update(ended_at=clock.now())
    else:
        User.objects.filter(pk=cast.peer.id).update(is_active=False)
    web = api(cast.case_manager)

    team = current_team(client_id=client.id, organization_id=cast.north.id)

    assert [each.user_id for each in team] == [cast.therapist.id]
    assert [row["role"] for row in web.get(f"clients/{client.id}/care-team/").json()["results"]] == ["therapist"]
    past = web.get(f"clients/{client.id}/care-team/?past=true").json()["results"]
    assert [(row["role"], row["ended_on"]) for row in past] == [("peer_specialist", None)]


def test_a_team_ends_with_its_episode_and_only_that_one(cast, api) -> None:
    client, other = people.client(cast.north), people.client(cast.north)
    episode = episodes.episode(client)
    web = api(cast.case_manager)
    join(web, client, cast.peer)
    join(web, client, cast.therapist)
    join(web, other, cast.peer)
    elsewhere = care_team.member(client, cast.at_south[Role.THERAPIST])

    moved = web.post(f"episodes/{episode.id}/transitions/", {"verb": "cancel", "data": {"cancel_reason": "withdrew"}})

    assert moved.status_code == 201, moved.content
    assert current_team(client_id=client.id, organization_id=cast.north.id) == []
    ended = CareTeamMember.objects.filter(end_reason="episode_ended")
    assert (ended.count(), {each.version for each in ended}) == (2, {2})
    assert (sight().count(), len(current_team(client_id=other.id, organization_id=cast.north.id))) == (1, 1)
    elsewhere.refresh_from_db()
    assert elsewhere.ended_on is None
    told = AuditEvent.objects.get(action="care_team.disbanded")
    assert (told.object_id, told.actor_id) == (client.id, cast.case_manager.id)


@pytest.mark.parametrize(
    ("origin", "target"),
    [("iop", "therapy"), ("therapy", "on_hold"), ("discharged", "completed"), ("completed", "aftercare")],
)
def test_a_move_on_and_a_correction_of_an_end_leave_the_team_alone(cast, origin, target) -> None:
    client = people.client(cast.north)
    care_team.member(client, cast.peer)
    episode = episodes.episode(client, stage=Stage.THERAPY)
    fact = Event("episode.completed", episode.id, client.id, cast.north.id, {"from": origin, "to": target})

    follow_episode(fact, actor=Actor.system("test"))

    assert len(current_team(client_id=client.id, organization_id=cast.north.id)) == 1


def test_a_death_ends_the_teams_everywhere(cast, api) -> None:
    """Nobody is left to care for; what tells the team of it reads it before."""
    client = people.client(cast.north)
    join(api(cast.case_manager), client, cast.peer)
    care_team.member(client, cast.at_south[Role.THERAPIST])

    answer = api(cast.supervisor).post(f"clients/{client.id}/death/", {})

    assert answer.status_code == 200
    assert set(CareTeamMember.objects.values_list("end_reason", flat=True)) == {"client_died"}
    assert not CareTeamMember.objects.open().exists()
    assert not sight().exists()

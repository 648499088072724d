"""My work and my teams': what falls to whom, as case manager, therapist, peer and supervisor see it."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

import pytest

from casemgmt.accounts.models import Membership, User
from casemgmt.accounts.roles import Role
from casemgmt.kernel import clock
from casemgmt.worklist.models import ItemKind, Priority
from tests.factories import care_team, people
from tests.factories.worklist import item


def ids(answer) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [row["id"] for row in answer.json()["results"]]


def just(*items) -> list[str]:
    return [str(each.id) for each in items]


def test_empty_lists_are_empty(cast, api) -> None:
    for actor in (cast.case_manager, cast.therapist, cast.peer, cast.supervisor):
        assert api(actor).get("work-items/mine/").json() == {"results": [], "next": None}
        assert api(actor).get("work-items/my-teams/").json() == {"results": [], "next": None}


def test_work_falls_to_who_is_on_the_team_in_that_role(cast, api) -> None:
    colleague = people.staff(Role.CASE_MANAGER, at=cast.north)
    client = people.client(cast.north)
    care_team.member(client, cast.case_manager)
    work = item(cast.north, client)

    assert ids(api(cast.case_manager).get("work-items/mine/")) == just(work)
    assert ids(api(colleague).get("work-items/mine/")) == []


def test_work_of_a_role_that_nobody_on_the_team_has_falls_to_everybody_who_holds_it(cast, api) -> None:
    colleague = people.staff(Role.CASE_MANAGER, at=cast.north)
    client = people.client(cast.north)
    care_team.member(client, cast.peer)
    work = item(cast.north, client)

    for actor in (cast.case_manager, colleague):
        assert ids(api(actor).get("work-items/mine/")) == just(work)
    assert ids(api(cast.peer).get("work-items/mine/")) == []
    assert ids(api(cast.therapist).get("work-items/mine/")) == []


def test_work_about_nobody_falls_to_its_role(cast, api) -> None:
    work = item(cast.north, None, kind=ItemKind.CHANNEL_PAUSED, role=Role.SUPERVISOR)

    assert ids(api(cast.supervisor).get("work-items/mine/")) == just(work)
    assert ids(api(cast.case_manager).get("work-items/mine/")) == []


def test_assigned_work_falls_to_its_person_alone(cast, api) -> None:
    client = people.client(cast.north)
    care_team.member(client, cast.case_manager)
    work = item(cast.north, client, assignee_id=cast.therapist.id)

    assert ids(api(cast.therapist).get("work-items/mine/")) == just(work)
    assert ids(api(cast.case_manager).get("work-items/mine/")) == []
    assert ids(api(cast.case_manager).get("work-items/my-teams/")) == just(work)


@pytest.mark.parametrize("gone", ["membership", "account"])
def test_the_work_of_who_left_falls_to_the_role_again(cast, api, gone) -> None:
    client, leaver = people.client(cast.north), people.staff(Role.CASE_MANAGER, at=cast.north)
    care_team.member(client, leaver)
    assigned = item(cast.north, client, assignee_id=leaver.id)
    unassigned = item(cast.north, client, hours=2)
    mine = api(cast.case_manager)
    assert ids(mine.get("work-items/mine/")) == []

    if gone == "membership":
        Membership.objects.filter(user_id=leaver.id).update(ended_at=clock.now())
    else:
        User.objects.filter(pk=leaver.id).update(is_active=False)

    assert ids(mine.get("work-items/mine/")) == just(assigned, unassigned)


def test_who_left_the_team_has_none_of_its_work(cast, api) -> None:
    client, colleague = people.client(cast.north), people.staff(Role.CASE_MANAGER, at=cast.north)
    care_team.member(client, cast.case_manager, ended_on=people.today(), end_reason="reassigned")
    care_team.member(client, colleague)
    item(cast.north, client)

    assert ids(api(cast.case_manager).get("work-items/mine/")) == []
    assert ids(api(cast.case_manager).get("work-items/my-teams/")) == []


def test_my_teams_work_is_everybody_s_about_our_clients(cast, api) -> None:
    ours, theirs = people.client(cast.north), people.client(cast.north)
    care_team.member(ours, cast.peer)
    later = item(cast.north, ours, hours=3)
    sooner = item(cast.north, ours, kind=ItemKind.MEASURE_DUE, role=Role.THERAPIST)
    item(cast.north, theirs)
    item(cast.north, None, role=Role.PEER_SPECIALIST, kind=ItemKind.CHANNEL_PAUSED)

    assert ids(api(cast.peer).get("work-items/my-teams/")) == just(sooner, later)
    assert ids(api(cast.therapist).get("work-items/my-teams/")) == []


def test_a_team_elsewhere_opens_nothing(cast, api) -> None:
    client = people.client(cast.north)
    care_team.member(client, cast.outsider, "case_manager")  # a row that no door would write
    item(cast.north, client)

    for path in ("work-items/mine/", "work-items/my-teams/", "work-items/"):
        assert ids(api(cast.outsider).get(path)) == []


def test_filters_narrow_together(cast, api) -> None:
    client, other = people.client(cast.north), people.client(cast.north)
    for each in (client, other):
        care_team.member(each, cast.case_manager)
    late = item(cast.north, client, hours=-2)
    item(cast.north, client, hours=-3, kind=ItemKind.REPLY_SO_SO)
    item(cast.north, other, hours=-1)
    item(cast.north, client, hours=5)
    later = item(cast.north, client, hours=48, priority=Priority.TODAY)
    due = quote((clock.now() + timedelta(days=1)).isoformat())
    narrow = f"kind=reply_call_me&role=case_manager&client={client.id}"

    for path in ("work-items/", "work-items/mine/", "work-items/my-teams/"):
        web = api(cast.case_manager)
        assert ids(web.get(f"{path}?{narrow}&overdue=true")) == just(late)
        assert len(ids(web.get(f"{path}?overdue=true"))) == 3
        assert ids(web.get(f"{path}?{narrow}"))[0] == str(later.id)  # more urgent, though later
        assert str(later.id) not in ids(web.get(f"{path}?due_before={due}"))
        assert ids(web.get(f"{path}?{narrow}&role=therapist")) == []


def test_the_organization_s_list_shows_who_has_what(cast, api) -> None:
    client = people.client(cast.north)
    work = item(cast.north, client, assignee_id=cast.peer.id, role=Role.PEER_SPECIALIST)
    item(cast.north, client)
    web = api(cast.supervisor)

    assert ids(web.get(f"work-items/?assignee={cast.peer.id}")) == just(work)
    assert web.get("work-items/mine/?done=true").status_code == 400  # one's list holds what is to be done


@pytest.mark.parametrize(
    "query", ["due_before=soon", "due_before=0001-01-01T00:00:00%2B14:00", "overdue=perhaps", "role=client", "x=1"]
)
def test_odd_questions_are_refused(cast, api, query) -> None:
    assert api(cast.case_manager).get(f"work-items/mine/?{query}").status_code == 400


def test_work_shows_ids_and_no_name(cast, api) -> None:
    client = people.client(cast.north)
    care_team.member(client, cast.case_manager)
    item(cast.north, client)

    body = api(cast.case_manager).get("work-items/mine/").content.decode()

    assert str(client.id) in body
    assert client.given_name not in body
    assert client.family_name not in body


def test_pages_follow_each_other_while_work_is_done(cast, api) -> None:
    client = people.client(cast.north)
    care_team.member(client, cast.case_manager)
    work = [item(cast.north, client, hours=hours) for hours in range(1, 6)]
    web = api(cast.case_manager)

    first = web.get("work-items/mine/?limit=2").json()
    web.post(f"work-items/{work[1].id}/done/", {"outcome": "reached"})
    second = web.get(f"work-items/mine/?limit=2&cursor={first['next']}").json()
    last = web.get(f"work-items/mine/?limit=2&cursor={second['next']}").json()

    shown = [row["id"] for page in (first, second, last) for row in page["results"]]
    assert (shown, last["next"]) == (just(*work), None)

"""Giving work to somebody, and taking back that it is done."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction

from casemgmt.accounts.models import Membership, User
from casemgmt.accounts.roles import Role
from casemgmt.audit.models import AuditEvent
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.policies.services import set_number
from casemgmt.worklist.models import ItemKind
from casemgmt.worklist.services import close_items
from tests.factories import people
from tests.factories.worklist import item


def assign(web, work, actor, version=1, **headers):
    body = {"assignee": str(actor.id) if actor else None, **({"version": version} if version else {})}
    return web.post(f"work-items/{work.id}/assign/", body, **headers)


def unassigned(work) -> bool:
    work.refresh_from_db()
    trail = AuditEvent.objects.filter(action="work_item.assigned", object_id=work.id)
    return work.assignee_id is None and work.version == 1 and not trail.exists()


def test_a_case_manager_assigns_to_who_may_do_it(cast, api) -> None:
    work = item(cast.north, people.client(cast.north))
    web = api(cast.case_manager)

    given = assign(web, work, cast.therapist)
    back = assign(web, work, None, version=2)

    assert (given.status_code, given.json()["assignee_id"], given["ETag"]) == (200, str(cast.therapist.id), '"2"')
    assert (back.status_code, back.json()["assignee_id"]) == (200, None)
    assert AuditEvent.objects.filter(action="work_item.assigned").count() == 2


def test_the_version_comes_in_the_body_or_as_if_match_and_must_be_the_one_seen(cast, api) -> None:
    work = item(cast.north, people.client(cast.north))
    web = api(cast.case_manager)

    assert assign(web, work, cast.therapist, version=None).json()["code"] == "if_match_required"
    stale = assign(web, work, cast.therapist, version=7)
    assert (stale.status_code, stale.json()["code"]) == (409, "stale_version")
    assert assign(web, work, cast.therapist, version=None, If_Match='"7"').status_code == 409
    assert unassigned(work)
    assert assign(web, work, cast.therapist, version=None, If_Match='"1"').status_code == 200


@pytest.mark.parametrize(
    "whom",
    [
        lambda cast: cast.peer,  # below
        lambda cast: cast.at_north[Role.ADMIN],
        lambda cast: cast.at_south[Role.CASE_MANAGER],  # elsewhere
        lambda cast: cast.outsider,
    ],
)
def test_it_goes_to_nobody_who_may_not_do_it(cast, api, whom) -> None:
    work = item(cast.north, people.client(cast.north))

    answer = assign(api(cast.case_manager), work, whom(cast))

    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["assignee"])
    assert unassigned(work)


@pytest.mark.parametrize("gone", ["membership", "account"])
def test_it_goes_to_nobody_who_left(cast, api, gone) -> None:
    work = item(cast.north, people.client(cast.north))
    if gone == "membership":
        Membership.objects.filter(user_id=cast.therapist.id).update(ended_at=clock.now())
    else:
        User.objects.filter(pk=cast.therapist.id).update(is_active=False)

    assert assign(api(cast.case_manager), work, cast.therapist).status_code == 400
    assert unassigned(work)


def test_it_goes_to_nobody_who_may_not_see_whom_it_is_about(cast, api) -> None:
    work = item(cast.north, people.client(cast.north), role=Role.INTAKE)

    answer = assign(api(cast.case_manager), work, cast.at_north[Role.INTAKE])

    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["assignee"])
    assert unassigned(work)


def test_a_peer_takes_and_gives_back_what_peers_do_and_no_more(cast, api) -> None:
    client, web = people.client(cast.north), api(cast.peer)
    ours = item(cast.north, client, role=Role.PEER_SPECIALIST)
    managers = item(cast.north, client)
    colleague = people.staff(Role.PEER_SPECIALIST, at=cast.north)

    assert assign(web, ours, colleague).status_code == 403
    assert assign(web, managers, cast.peer).status_code == 400
    assert assign(web, ours, cast.peer).status_code == 200
    assert assign(web, ours, None, version=2).status_code == 200
    assert unassigned(managers)
    assert assign(api(cast.case_manager), ours, colleague, version=3).status_code == 200
    assert assign(web, ours, None, version=4).status_code == 403


def test_another_organization_assigns_nothing(cast, api) -> None:
    work = item(cast.north, people.client(cast.north))

    assert assign(api(cast.outsider), work, cast.outsider).status_code == 404
    assert unassigned(work)


def test_what_is_done_is_not_assigned(cast, api) -> None:
    work, web = item(cast.north, people.client(cast.north)), api(cast.case_manager)
    web.post(f"work-items/{work.id}/done/", {"outcome": "reached"})

    answer = assign(web, work, cast.therapist, version=2)

    assert (answer.status_code, answer.json()["code"]) == (409, "already_done")


def reopen(web, work, **more):
    return web.post(f"work-items/{work.id}/reopen/", {"reason": "finished_by_mistake", **more})


def test_a_slip_is_taken_back(cast, api) -> None:
    work, web = item(cast.north, people.client(cast.north)), api(cast.case_manager)
    web.post(f"work-items/{work.id}/done/", {"outcome": "reached"})

    answer = reopen(web, work, version=2)

    assert (answer.status_code, answer.json()["done_at"], answer.json()["outcome"]) == (200, None, "")
    assert AuditEvent.objects.get(action="work_item.reopened").reason_code == "finished_by_mistake"
    again = reopen(web, work)
    assert (again.status_code, again.json()["code"]) == (409, "not_done")


def test_only_who_finished_it_or_a_case_manager_takes_it_back(cast, api) -> None:
    work = item(cast.north, people.client(cast.north))
    api(cast.case_manager).post(f"work-items/{work.id}/done/", {"outcome": "reached"})

    assert reopen(api(cast.peer), work).status_code == 403
    assert reopen(api(cast.outsider), work).status_code == 404
    work.refresh_from_db()
    assert work.done_at is not None
    assert reopen(api(cast.therapist), work).status_code == 200


def test_it_is_taken_back_within_the_organization_s_hours(cast, api, travel) -> None:
    set_number(name="reopen_work_hours", value=2, reason="short shifts", actor=cast.supervisor)
    work, web = item(cast.north, people.client(cast.north)), api(cast.case_manager)
    web.post(f"work-items/{work.id}/done/", {"outcome": "reached"})
    travel(clock.now() + timedelta(hours=2, minutes=1))

    answer = reopen(web, work)

    assert (answer.status_code, answer.json()["code"]) == (409, "too_late")
    work.refresh_from_db()
    assert work.done_at is not None


def test_what_was_settled_is_not_taken_back(cast, api) -> None:
    work = item(cast.north, people.client(cast.north))
    with transaction.atomic():
        kinds = (ItemKind.REPLY_CALL_ME,)
        machine = Actor.system("test")
        close_items(source_id=work.source_id, kinds=kinds, outcome="settled", at=clock.now(), actor=machine)

    answer = reopen(api(cast.supervisor), work)

    assert (answer.status_code, answer.json()["code"]) == (409, "not_by_hand")


def test_what_was_put_on_the_list_again_is_not_taken_back_beside_it(cast, api) -> None:
    client, web = people.client(cast.north), api(cast.case_manager)
    work = item(cast.north, client)
    web.post(f"work-items/{work.id}/done/", {"outcome": "not_reached"})
    item(cast.north, client, source_id=work.source_id)

    answer = reopen(web, work)

    assert (answer.status_code, answer.json()["code"]) == (409, "opened_again")
    work.refresh_from_db()
    assert work.done_at is not None


@pytest.mark.parametrize("body", [{}, {"reason": "whim"}, {"reason": "not_settled", "version": 0}])
def test_odd_bodies_are_refused(cast, api, body) -> None:
    work, web = item(cast.north, people.client(cast.north)), api(cast.case_manager)

    assert web.post(f"work-items/{work.id}/reopen/", body).status_code == 400
    assert web.post(f"work-items/{work.id}/assign/", {"assignee": "x", **body}).status_code == 400
    assert unassigned(work)

"""The worklist: opened once, seen by those whom it concerns, done once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction

from casemgmt.accounts.roles import Role
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.ids import new_id
from casemgmt.worklist.models import ItemKind, Priority, WorkItem
from casemgmt.worklist.services import NewItem, close_items, open_item
from tests.factories import people
from tests.factories.worklist import item

MACHINE = Actor.system("test")


def put(at, client, kind=ItemKind.REPLY_CALL_ME, *, hours=1, priority=Priority.NORMAL, source=None) -> WorkItem:
    new = NewItem(
        organization_id=at.id,
        client_id=client.id,
        kind=kind,
        due_at=clock.now() + timedelta(hours=hours),
        source_type="test",
        source_id=source or new_id(),
        priority=priority,
    )
    with transaction.atomic():
        open_item(new, actor=MACHINE)
    return WorkItem.objects.latest("id")


def test_the_most_urgent_comes_first_and_done_work_is_elsewhere(cast, api) -> None:
    client = people.client(cast.north)
    later = put(cast.north, client, hours=5)
    sooner = put(cast.north, client, hours=1)
    now = put(cast.north, client, ItemKind.REPLY_CRISIS, hours=9, priority=Priority.NOW)
    web = api(cast.case_manager)

    assert [row["id"] for row in web.get("work-items/").json()["results"]] == [
        str(now.id),
        str(sooner.id),
        str(later.id),
    ]
    done = web.post(f"work-items/{now.id}/done/", {"outcome": "reached"})
    twice = web.post(f"work-items/{now.id}/done/", {"outcome": "reached"})

    assert (done.status_code, done.json()["outcome"]) == (200, "reached")
    assert (twice.status_code, twice.json()["code"]) == (409, "already_done")
    assert [row["id"] for row in web.get("work-items/?done=true").json()["results"]] == [str(now.id)]
    assert len(web.get("work-items/").json()["results"]) == 2


def test_opening_twice_is_opening_once_until_it_is_done(cast) -> None:
    client, source = people.client(cast.north), new_id()
    put(cast.north, client, source=source)
    put(cast.north, client, source=source)
    assert WorkItem.objects.count() == 1

    with transaction.atomic():
        close_items(source_id=source, kinds=(ItemKind.REPLY_CALL_ME,), outcome="settled", at=clock.now(), actor=MACHINE)
    put(cast.north, client, source=source)

    assert (WorkItem.objects.open().count(), WorkItem.objects.count()) == (1, 2)


def test_another_organization_sees_and_does_nothing(cast, api) -> None:
    item = put(cast.north, people.client(cast.north))
    web = api(cast.outsider)

    assert web.get("work-items/").json()["results"] == []
    assert web.get(f"work-items/{item.id}/").status_code == 404
    assert web.post(f"work-items/{item.id}/done/", {"outcome": "settled"}).status_code == 404
    item.refresh_from_db()
    assert item.done_at is None


def test_an_item_about_a_client_one_may_not_see_is_not_shown(cast, api) -> None:
    put(cast.north, people.client(cast.south))

    assert api(cast.case_manager).get("work-items/").json()["results"] == []


def test_work_done_meanwhile_does_not_lose_the_place_in_the_list(cast, api) -> None:
    client = people.client(cast.north)
    items = [put(cast.north, client, hours=hours) for hours in (1, 2, 3)]
    web = api(cast.case_manager)
    first = web.get("work-items/?limit=1").json()

    web.post(f"work-items/{items[0].id}/done/", {"outcome": "reached"})
    second = web.get(f"work-items/?limit=1&cursor={first['next']}")

    assert second.status_code == 200, second.content
    assert [row["id"] for row in second.json()["results"]] == [str(items[1].id)]


@pytest.mark.parametrize("role", [Role.PEER_SPECIALIST, Role.HOUSE_MANAGER, Role.CASE_MANAGER])
def test_work_of_a_role_above_is_not_done_by_who_may_only_see_it(cast, api, role) -> None:
    """MSR-07: what waits for a clinician stays on the list until a clinician did it, or gave it to somebody."""
    client = people.client(cast.north)
    work = item(cast.north, client, kind=ItemKind.RISK_ALERT, role=Role.THERAPIST)
    given = item(cast.north, client, role=Role.THERAPIST, assignee_id=cast.at_north[role].id)
    web = api(cast.at_north[role])

    refused = web.post(f"work-items/{work.id}/done/", {"outcome": "settled"})

    assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted")
    work.refresh_from_db()
    assert (work.done_at, work.version) == (None, 1)
    assert web.post(f"work-items/{given.id}/done/", {"outcome": "settled"}).status_code == 200
    assert api(cast.supervisor).post(f"work-items/{work.id}/done/", {"outcome": "settled"}).status_code == 200

"""Two take the same work, or one takes what another finishes: one of them is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connections

from casemgmt.accounts.roles import Role
from casemgmt.worklist.models import WorkItem
from tests.cast import gather
from tests.factories import people
from tests.factories.worklist import item
from tests.web import Web


def all_at_once(calls: list[Callable[[], Any]]) -> Counter[tuple[int, str]]:
    def one(call: Callable[[], Any]) -> tuple[int, str]:
        try:
            answer = call()
            return answer.status_code, answer.json().get("code", "")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=8) as pool:
        return Counter(pool.map(one, calls))


def take(work: WorkItem, web: Web, person: Any) -> Callable[[], Any]:
    return lambda: web.post(f"work-items/{work.id}/assign/", {"assignee": str(person.id), "version": 1})


def finish(work: WorkItem, web: Web) -> Callable[[], Any]:
    return lambda: web.post(f"work-items/{work.id}/done/", {"outcome": "reached", "version": 1})


def test_one_of_many_takes_it(committed_db) -> None:
    cast = gather()
    work = item(cast.north, people.client(cast.north))
    takers = [people.staff(Role.CASE_MANAGER, at=cast.north) for _ in range(6)]

    answers = all_at_once([take(work, Web(each), each) for each in takers])

    assert answers == {(200, ""): 1, (409, "stale_version"): 5}
    work.refresh_from_db()
    assert (work.assignee_id in {each.id for each in takers}, work.version) == (True, 2)


def test_it_is_assigned_or_finished(committed_db) -> None:
    cast = gather()
    web = Web(cast.case_manager)
    for _ in range(3):
        work = item(cast.north, people.client(cast.north))

        answers = all_at_once([take(work, web, cast.therapist), finish(work, web)])

        assert answers == {(200, ""): 1, (409, "stale_version"): 1}
        work.refresh_from_db()
        assert (work.assignee_id is None) is (work.done_at is not None)

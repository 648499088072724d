"""What the lists of work cost: the same few queries however long they are, each served by an index."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from casemgmt.accounts.models import Organization
from casemgmt.clients.models import Client
from casemgmt.worklist.models import WorkItem
from tests.factories import care_team, people
from tests.factories.worklist import item

LISTS = ("work-items/", "work-items/mine/", "work-items/my-teams/")

# one in ten is open, a third is for therapists
MANY = """
INSERT INTO worklist_workitem (
    id, version, organization_id, client_id, kind, role, priority, due_at, source_type, source_id, done_at, outcome,
    by_hand
)
SELECT gen_random_uuid(), 1, %s, (%s::uuid[])[1 + n %% %s], 'measure_due',
       CASE WHEN n %% 3 = 0 THEN 'therapist' ELSE 'case_manager' END, 2, now() + (n - 2000) * interval '1 minute',
       'test', gen_random_uuid(), CASE WHEN n %% 10 = 0 THEN NULL ELSE now() END, '', false
FROM generate_series(1, 20000) n
"""


def a_busy_year(organization: Organization, clients: list[Client]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(MANY, [organization.id, [each.id for each in clients], len(clients)])


@pytest.mark.parametrize("path", LISTS)
def test_a_long_list_costs_as_many_queries_as_a_short_one(cast, api, path) -> None:
    web = api(cast.case_manager)

    def more(count: int) -> None:
        for _ in range(count):
            client = people.client(cast.north, phone=None)
            care_team.member(client, cast.case_manager)
            item(cast.north, client)

    def cost(expected: int) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert len(web.get(f"{path}?limit=100").json()["results"]) == expected
        return len(seen)

    more(1)
    cost(1)  # warm
    few = cost(1)
    more(30)

    assert cost(31) == few


@pytest.mark.parametrize(
    ("narrow", "index"),
    [
        (lambda rows, _: rows.open(), "work_item_open"),
        (lambda rows, actor: rows.open().mine(actor), "work_item_open"),
        (lambda rows, actor: rows.open().mine(actor).overdue(), "work_item_open"),
        (lambda rows, actor: rows.open().of_my_teams(actor), "work_item_open"),
        (lambda rows, _: rows.filter(done_at__isnull=False), "work_item_all"),
    ],
    ids=["all", "mine", "overdue", "my teams", "done"],
)
def test_an_index_serves_each_list(cast, narrow: Callable, index: str) -> None:
    for organization in (cast.north, cast.south):
        clients = [people.client(organization, phone=None) for _ in range(20)]
        a_busy_year(organization, clients)
        if organization == cast.north:
            for each in clients[::4]:
                care_team.member(each, cast.case_manager)
    rows = narrow(WorkItem.objects.visible_to(cast.case_manager), cast.case_manager)

    page = rows.order_by("priority", "due_at", "id")[:51]
    with connection.cursor() as cursor:  # whether an index can serve the order, whatever statistics happen to say
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute("SET LOCAL enable_sort = off")

    plan = page.explain()
    assert f"Index Scan using {index} on worklist_workitem" in plan, plan
    assert "Sort" not in plan, plan
    assert len(page) == 51

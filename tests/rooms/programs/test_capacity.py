"""Saying how many places a program has: who may, what the ledger keeps, and what nobody confirmed (F5)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from casemgmt.accounts.roles import Role
from casemgmt.audit.models import AuditEvent
from casemgmt.kernel import clock
from programs.models import CapacityReport, Program
from tests.factories import programs


def ledger(program: Program) -> list[tuple[int | None, int | None]]:
    return list(CapacityReport.objects.filter(program=program).order_by("seq").values_list("old_total", "new_total"))


@pytest.fixture
def program(cast) -> Program:
    return programs.program(cast.north, capacity_total=8)


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.ADMIN])
def test_the_number_is_confirmed_and_changed_with_a_row_of_the_ledger(cast, api, program, role) -> None:
    web, path = api(cast.at_north[role]), f"programs/{program.id}/capacity/"

    same = web.post(path)
    other = web.post(path, {"capacity_total": 9}, If_Match=same["ETag"])
    rows = web.get(path).json()["results"]

    assert (same.status_code, same.json()["places_open"]) == (200, 8)
    assert (other.json()["capacity_total"], other.json()["places_open"]) == (9, 9)
    assert other.json()["capacity_confirmed_by_id"] == str(cast.at_north[role].id)
    assert [(row["old_total"], row["new_total"]) for row in rows] == [(8, 9), (8, 8)]
    assert {row["actor_id"] for row in rows} == {str(cast.at_north[role].id)}
    assert AuditEvent.objects.filter(action="program.capacity_confirmed").count() == 2


def test_what_nobody_confirmed_lately_is_unknown_and_not_free(cast, api, program, travel) -> None:
    """F5: not confirmed for 14 days, or what the reader's organization says."""
    web, path = api(cast.supervisor), f"programs/{program.id}/"
    start = clock.now()
    web.post(f"{path}capacity/")

    def shown(days: int) -> tuple[str, int | None]:
        travel(start + timedelta(days=days))
        Program.objects.filter(pk=program.pk).update(capacity_confirmed_at=start)
        found = api(cast.case_manager).get(path).json()
        return found["capacity"], found["places_open"]

    assert shown(13) == ("confirmed", 8)
    assert shown(15) == ("unconfirmed", None)
    number = {"name": "capacity_confirm_days", "value": 30, "reason": "Agreed."}
    assert api(cast.supervisor).post("policies/", number).status_code == 201
    assert shown(15) == ("confirmed", 8)
    Program.objects.update(capacity_total=None, capacity_confirmed_at=None)
    assert api(cast.case_manager).get(path).json()["capacity"] == "unknown"


def test_publishing_and_editing_a_number_write_the_ledger_too(cast, api) -> None:
    web = api(cast.supervisor)
    made = web.post("programs/", {"kind": "iop", "name": "IOP", "capacity_total": 5}).json()
    path, program = f"programs/{made['id']}/", Program.objects.get()

    web.patch(path, {"capacity_total": 5, "name": "IOP 2"}, If_Match='"1"')
    web.patch(path, {"capacity_total": 6}, If_Match='"2"')
    unknown = web.patch(path, {"capacity_total": None}, If_Match='"3"').json()

    assert ledger(program) == [(None, 5), (5, 6), (6, None)]
    assert (unknown["capacity"], unknown["capacity_confirmed_at"], unknown["places_open"]) == ("unknown", None, None)


def test_refusals_change_nothing(cast, api, program) -> None:
    path = f"programs/{program.id}/capacity/"
    Program.objects.update(places_taken=3)
    web = api(cast.supervisor)

    refused = [
        api(cast.at_south[Role.SUPERVISOR]).post(path),
        api(cast.case_manager).post(path),
        web.post(path, {"capacity_total": 2}),
        web.post(path, {"capacity_total": -1}),
        web.post(path, {"places": 9}),
        web.post(path, If_Match='"7"'),
    ]

    assert [(each.status_code, each.json()["code"]) for each in refused] == [
        (403, "not_permitted"),
        (403, "not_permitted"),
        (409, "capacity_below_taken"),
        (400, "invalid"),
        (400, "invalid"),
        (409, "stale_version"),
    ]
    assert ledger(program) == []
    assert Program.objects.get().capacity_total == 8


def test_a_number_that_nobody_said_cannot_be_confirmed(cast, api) -> None:
    program = programs.program(cast.north)

    refused = api(cast.supervisor).post(f"programs/{program.id}/capacity/")

    assert (refused.status_code, refused.json()["code"]) == (400, "capacity_unknown")
    assert ledger(program) == []


def test_others_read_no_ledger_and_find_no_draft(cast, api, program) -> None:
    api(cast.supervisor).post(f"programs/{program.id}/capacity/")
    path = f"programs/{program.id}/capacity/"

    assert api(cast.outsider).get(path).json()["results"] == []
    Program.objects.update(published=False)
    assert api(cast.outsider).get(path).status_code == 404
    assert api(cast.outsider).post(path).status_code == 404


def test_a_repeated_request_writes_one_row(cast, api, program) -> None:
    web, path = api(cast.supervisor), f"programs/{program.id}/capacity/"

    answers = [web.post(path, {"capacity_total": 9}, Idempotency_Key="once").content for _ in range(2)]

    assert answers[0] == answers[1]
    assert ledger(program) == [(8, 9)]


@pytest.mark.parametrize("verb", ["update", "delete"])
def test_the_ledger_only_grows(program, verb) -> None:
    rows = CapacityReport.objects.all()
    CapacityReport.objects.create(program=program, new_total=1, actor_kind="system")

    with pytest.raises(DatabaseError), transaction.atomic():
        rows.update(new_total=2) if verb == "update" else rows.delete()
    assert ledger(program) == [(None, 1)]


def test_the_ledger_takes_the_same_number_of_queries_however_long_it_is(cast, api, program) -> None:
    web, counts = api(cast.supervisor), []

    for amount in (1, 60):
        for _ in range(amount - CapacityReport.objects.count()):
            CapacityReport.objects.create(program=program, new_total=8, actor_kind="system")
        with CaptureQueriesContext(connection) as queries:
            assert len(web.get(f"programs/{program.id}/capacity/?limit=100").json()["results"]) == amount
        counts.append(len(queries))

    assert len(set(counts)) == 1

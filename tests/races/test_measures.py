"""Two people record or amend at the same moment: one next date, one amendment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connections, transaction

from casemgmt.clients.models import Client
from casemgmt.episodes.opening import open_episode
from casemgmt.measures.models import MeasureDue, Response
from casemgmt.measures.services import NewResponse, record_response
from casemgmt.worklist.models import ItemKind, WorkItem
from tests.cast import Cast, gather
from tests.factories import people
from tests.web import Web

THREADS = 6
BARC10 = {str(number): 4 for number in range(1, 11)}


def in_treatment() -> tuple[Cast, Client]:
    """Return a client of North with an open episode, for which the routine measures are due."""
    with transaction.atomic():
        cast = gather()
        client = people.client(cast.north)
        open_episode(client_id=client.id, source="self", reason="walked in", actor=cast.case_manager)
    return cast, client


def together(work: Callable[[int], Any]) -> list[Any]:
    """Do the same thing in several threads at once."""
    start = Barrier(THREADS)

    def run(number: int) -> Any:
        try:
            start.wait(timeout=30)
            return work(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run, range(THREADS)))


def test_recordings_at_once_leave_one_next_date(committed_db) -> None:
    """MSR-09: recording closes what is due and plans the next, whoever was first."""
    cast, client = in_treatment()
    web = Web(cast.peer)
    body = {"client": str(client.id), "instrument": "barc10", "items": BARC10, "mode": "self"}

    answered = together(lambda _: web.post("measures/responses/", body).status_code)

    assert answered == [201] * THREADS
    due = MeasureDue.objects.open().get(instrument="barc10")
    last = max(Response.objects.values_list("completed_at", flat=True))
    assert (due.because, (due.due_at - last).days) == ("cadence", 90)
    items = WorkItem.objects.open().filter(kind=ItemKind.MEASURE_DUE, source_id=due.id)
    assert [item.due_at for item in items] == [due.due_at]
    assert WorkItem.objects.open().filter(kind=ItemKind.MEASURE_DUE).count() == 4
    assert Response.objects.count() == THREADS


def test_amendments_at_once_leave_one(committed_db) -> None:
    """MSR-02: one wins, the others are told that the response was amended before."""
    cast, client = in_treatment()
    new = NewResponse(client.id, "barc10", BARC10, "self")
    old = record_response(new=new, actor=cast.therapist)
    web = Web(cast.therapist)

    def amend(number: int) -> tuple[int, str]:
        items = BARC10 | {"1": 1 + number % 6}
        answer = web.post(f"measures/responses/{old.id}/amendments/", {"items": items, "reason": "misread"})
        return answer.status_code, answer.json().get("code", "")

    answered = Counter(together(amend))

    assert answered == {(201, ""): 1, (409, "already_amended"): THREADS - 1}
    assert Response.objects.filter(supersedes=old).count() == 1
    assert Response.objects.count() == 2

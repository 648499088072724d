"""Many at once over one session, one series, one hour of one person: one wins, nothing is doubled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from django.db import connections

from casemgmt.kernel import clock
from casemgmt.sessions.models import Attendance, AttendanceMove, Series, Session
from casemgmt.sessions.services.materializing import materialize
from tests.cast import gather
from tests.factories import people, programs
from tests.factories import sessions as make
from tests.web import Web


def at_once(*asks: Callable[[], Any]) -> list[Any]:
    def one(ask: Callable[[], Any]) -> Any:
        try:
            return ask()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=8) as pool:
        return list(pool.map(one, asks))


def ended(answers: list[Any]) -> Counter[tuple[int, str]]:
    return Counter((each.status_code, each.json().get("code", "")) for each in answers)


def test_an_hour_is_given_once(committed_db) -> None:
    """PEER-05."""
    cast = gather()
    web = Web(cast.peer)
    starts_at = (clock.now() + timedelta(days=1)).isoformat()
    clients = [people.client(cast.north, phone=None) for _ in range(8)]
    bodies = [{"starts_at": starts_at, "minutes": 60, "clients": [str(each.id)]} for each in clients]

    answers = ended(at_once(*(lambda body=body: web.post("sessions/", body) for body in bodies)))

    assert answers == {(201, ""): 1, (409, "session_overlap"): 7}
    assert Session.objects.count() == Attendance.objects.count() == 1


def test_a_session_is_held_once(committed_db) -> None:
    """F9: each is told exactly once, whoever else calls the session off."""
    cast = gather()
    clients = [people.client(cast.north, phone=None) for _ in range(3)]
    for each in clients:
        programs.notice(each, cast.north)
    session = make.session(cast.therapist, *clients, ahead=-2)
    web, path = Web(cast.therapist), f"sessions/{session.id}/transitions/"
    hold = {"verb": "hold", "data": {"rest": "attended"}}
    cancel = {"verb": "cancel", "data": {"cancelled_by": "client"}}

    answers = ended(at_once(*(lambda body=body: web.post(path, body) for body in [hold, cancel] * 4)))

    assert answers == {(201, ""): 1, (409, "wrong_stage"): 7}
    assert AttendanceMove.objects.count() == 3
    assert Attendance.objects.values("state").distinct().count() == 1


def test_a_series_is_made_once_and_split_once(committed_db) -> None:
    """CHK-02, STG-10: rounds and edits at once; who saw the older version is told so."""
    cast = gather()
    web, today = Web(cast.peer), people.today()
    begun = {"rrule": "FREQ=DAILY", "starts_on": f"{today}", "local_time": "23:00", "minutes": 30}
    series = web.post("series/", begun).json()
    Series.objects.update(materialized_until=today)
    order = {"from_date": f"{today + timedelta(days=9)}", "local_time": "22:00", "version": 1}

    rounds = [lambda: materialize() for _ in range(4)]
    splits = [lambda: web.post(f"series/{series['id']}/continuations/", order) for _ in range(4)]
    found = at_once(*(each for pair in zip(splits, rounds, strict=True) for each in pair))

    assert ended(found[::2]) == {(201, ""): 1, (409, "stale_version"): 3}
    assert sum(found[1::2]) == 0
    days = list(Session.objects.filter(stage="scheduled").values_list("series_date", flat=True))
    assert len(days) == len(set(days))
    assert Series.objects.count() == 2

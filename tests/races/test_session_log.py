"""Sessions and notes told by many at once: an hour is spent once, the same telling makes one, a line has one end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from casemgmt.kernel import clock
from casemgmt.sessions.models import Attendance, PeerNote, Session
from tests.cast import gather
from tests.factories import people, programs
from tests.web import Web

from .test_places import all_at_once


def test_one_person_spends_an_hour_once(committed_db) -> None:
    cast = gather()
    clients = [people.client(cast.north) for _ in range(10)]
    for client in clients:
        programs.notice(client, cast.north)
    web = Web(cast.peer)
    started_at = (clock.now() - timedelta(hours=2)).isoformat()

    def log(client: Any) -> Any:
        return web.post(
            "session-log/", {"client": str(client.id), "minutes": 60, "mode": "phone", "started_at": started_at}
        )

    assert all_at_once(log, clients) == {(201, ""): 1, (409, "session_overlap"): 9}
    assert Session.objects.count() == Attendance.objects.count() == PeerNote.objects.count() == 1


def test_the_same_telling_makes_one_session(committed_db) -> None:
    """A phone without a net repeats itself; no key is needed for that."""
    cast = gather()
    client = people.client(cast.north)
    programs.notice(client, cast.north)
    web = Web(cast.peer)
    told = {"client": str(client.id), "minutes": 30, "mode": "phone", "summary": "Talked."}

    answers = all_at_once(lambda _: web.post("session-log/", told), [None] * 10)

    assert sum(answers.values()) == 10
    assert {status for status, _ in answers} == {200, 201}
    assert answers[201, ""] == 1
    assert Session.objects.count() == Attendance.objects.count() == PeerNote.objects.count() == 1


def test_a_note_is_amended_by_one_of_many(committed_db) -> None:
    """PEER-05: a line has one end."""
    cast = gather()
    client = people.client(cast.north)
    programs.notice(client, cast.north)
    web = Web(cast.peer)
    made = web.post("session-log/", {"client": str(client.id), "minutes": 30, "summary": "Talked."}).json()
    again = {"summary": "Talked of work.", "reason": "More."}

    answers = all_at_once(lambda _: web.post(f"notes/peer/{made['note_id']}/amendments/", again), [None] * 10)

    assert answers == {(201, ""): 1, (409, "already_amended"): 9}
    assert PeerNote.objects.count() == 2

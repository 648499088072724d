"""F9, T11: one puts care on hold while another plans a session of it. Whoever is first, no session is left open."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from casemgmt.accounts.roles import Role
from casemgmt.clients.services import record_death
from casemgmt.episodes.models import Episode
from casemgmt.episodes.stages import Stage
from casemgmt.kernel import clock
from casemgmt.kernel.wall import acting_as
from casemgmt.sessions.models import Attendance, Session
from casemgmt.sessions.services.scheduling import NewSession, schedule_session
from tests.cast import Cast, gather
from tests.factories import episodes, pathway, people
from tests.races.waiting import in_a_thread, somebody_waits
from tests.rooms.sessions.test_following import open_sessions


@pytest.fixture
def scene(committed_db: None) -> tuple[Cast, Episode]:
    cast = gather()
    with transaction.atomic():
        return cast, episodes.episode(people.client(cast.north, phone=None), stage=Stage.THERAPY)


def plan(cast: Cast, episode: Episode, *, ahead: int = 24) -> Any:
    new = NewSession(
        starts_at=clock.now() + timedelta(hours=ahead),
        minutes=50,
        mode="phone",
        client_ids=(episode.client_id,),
        staff_id=cast.at_north[Role.THERAPIST].id,
    )
    with acting_as(cast.therapist):
        return schedule_session(new=new, actor=cast.therapist)


def hold(cast: Cast, episode: Episode) -> Any:
    return pathway.step(episode, Stage.ON_HOLD, actor=cast.case_manager)


def test_the_hold_is_first(scene) -> None:
    cast, episode = scene
    with ThreadPoolExecutor(max_workers=1) as pool:
        with transaction.atomic():
            hold(cast, episode)  # not committed yet: the other does not see it, and waits
            planned = pool.submit(in_a_thread(lambda: plan(cast, episode)))
            assert somebody_waits()
        answer = planned.result()

    assert answer == "care_on_hold"
    assert (Session.objects.count(), open_sessions()) == (0, 0)


def test_the_plan_is_first(scene) -> None:
    cast, episode = scene
    with ThreadPoolExecutor(max_workers=1) as pool:
        with transaction.atomic():
            plan(cast, episode)
            held = pool.submit(in_a_thread(lambda: hold(cast, episode)))
            assert somebody_waits()
        answer = held.result()

    assert answer == "done"
    assert (Attendance.objects.get().state, Session.objects.get().stage) == ("cancelled", "cancelled")
    assert open_sessions() == 0


def test_a_death_is_first(committed_db) -> None:
    cast = gather()
    with transaction.atomic():
        ended = episodes.episode(people.client(cast.north, phone=None), stage=Stage.DISCHARGED)

    def die() -> None:
        with acting_as(cast.therapist):
            record_death(client_id=ended.client_id, died_on=None, actor=cast.therapist)

    with ThreadPoolExecutor(max_workers=1) as pool:
        with transaction.atomic():
            die()
            planned = pool.submit(in_a_thread(lambda: plan(cast, ended)))
            assert somebody_waits()
        assert planned.result() in ("care_on_hold", "client_deceased")

    assert (Session.objects.count(), open_sessions()) == (0, 0)


def test_many_plan_while_one_holds(scene) -> None:
    cast, episode = scene

    def one(number: int) -> str:
        work = (lambda: hold(cast, episode)) if number == 4 else (lambda: plan(cast, episode, ahead=24 + 2 * number))
        return in_a_thread(work)()

    with ThreadPoolExecutor(max_workers=6) as pool:
        answers = list(pool.map(one, range(10)))

    assert answers[4] == "done"
    assert set(answers) <= {"done", "care_on_hold"}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM sessions_session WHERE stage = 'scheduled'")
        assert cursor.fetchone() == (0,)
    assert open_sessions() == 0

"""Corrections that meet: a row is superseded once, and no correction passes by a move (T20, CLN-50)."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import transaction

from casemgmt.episodes.amending import Correction
from casemgmt.episodes.corrections import correct_move
from casemgmt.episodes.history import replay
from casemgmt.episodes.ledger import rows_of
from casemgmt.episodes.models import Episode, StageMove
from casemgmt.episodes.opening import open_episode
from casemgmt.episodes.services import MoveOrder, move_episode
from casemgmt.episodes.stages import Stage
from casemgmt.kernel import clock
from casemgmt.ledgers import first_broken, ledgers
from tests import cast as people
from tests.factories import readiness

from .waiting import in_a_thread, somebody_waits

THREADS = 10
Case = tuple[people.Cast, Episode]


def at_stage(stage: Stage) -> Case:
    with transaction.atomic():
        cast = people.gather()
        return cast, readiness.ready_episode(cast, stage=stage)


@pytest.fixture
def case(committed_db) -> Case:
    return at_stage(Stage.THERAPY)


@pytest.fixture
def ended(committed_db) -> Case:
    return at_stage(Stage.COMPLETED)


def last_row() -> int:
    return int(StageMove.objects.latest("seq").seq)


def correct(case: Case, *, move: int, **wanted: object) -> object:
    cast, episode = case
    correction = Correction(move=move, reason="Wrong.", **wanted)  # type: ignore[arg-type]
    return correct_move(episode_id=episode.id, correction=correction, actor=cast.supervisor)


def hold(case: Case) -> object:
    cast, episode = case
    order = MoveOrder("hold", readiness.told(cast, episode))
    return move_episode(episode_id=episode.id, order=order, actor=cast.case_manager)


def all_is_whole() -> str:
    """Assert that the ledger tells the stage, and return it."""
    assert [first_broken(ledger) for ledger in ledgers()] == [None] * len(list(ledgers()))
    episode = Episode.objects.order_by("opened_at")[0]
    at = clock.now()
    assert replay(rows_of(episode), as_of=at, known_at=at).stage == str(episode.stage)
    return str(episode.stage)


def test_one_of_ten_corrections_of_a_row_is_written(case) -> None:
    """T20: the others are told which row took the place."""
    together, row = Barrier(THREADS), last_row()

    def try_it() -> None:
        together.wait(timeout=30)
        correct(case, move=row, in_error=True)

    with ThreadPoolExecutor(THREADS) as pool:
        outcomes = Counter(each.result() for each in [pool.submit(in_a_thread(try_it)) for _ in range(THREADS)])

    assert outcomes == {"done": 1, "already_corrected": THREADS - 1}
    assert StageMove.objects.filter(supersedes_id=row).count() == 1
    assert all_is_whole() == "intake"


def test_a_correction_that_waited_for_a_move_is_judged_after_it(case) -> None:
    """T20: there would be no way into the hold any more."""
    row = last_row()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            hold(case)
            correcting = pool.submit(in_a_thread(lambda: correct(case, move=row, in_error=True)))
            assert somebody_waits()
        outcome = correcting.result()

    assert outcome == "correction_not_possible"
    assert all_is_whole() == "on_hold"


def test_a_move_that_waited_for_a_correction_is_judged_after_it(case) -> None:
    """T20: nothing is put on hold before care."""
    row = last_row()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            correct(case, move=row, in_error=True)
            moving = pool.submit(in_a_thread(lambda: hold(case)))
            assert somebody_waits()
        outcome = moving.result()

    assert outcome == "wrong_stage"
    assert all_is_whole() == "intake"


def test_a_row_recorded_after_waiting_is_recorded_after_what_it_waited_for(case) -> None:
    """F2: a transaction's time is when it began; the order of recording is the order of the rows."""
    row = last_row()

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        began = clock.now()
        moving = pool.submit(in_a_thread(lambda: hold(case)))
        moving.result()
        correct(case, move=row, stage="iop")

    times = list(StageMove.objects.order_by("seq").values_list("at", flat=True))
    assert times == sorted(times)
    assert times[-1] > began
    assert all_is_whole() == "on_hold"


def test_of_a_correction_and_a_new_episode_one_leaves_an_open_one(ended) -> None:
    """CLN-50: one open episode per client and organization, whoever comes first."""
    cast, episode = ended
    row = last_row()

    def come_back() -> object:
        return open_episode(
            client_id=episode.client_id, source="self", reason="Back.", previous_id=episode.id, actor=cast.case_manager
        )

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            come_back()
            correcting = pool.submit(in_a_thread(lambda: correct(ended, move=row, in_error=True)))
            assert somebody_waits()
        outcome = correcting.result()

    assert outcome == "episode_already_open"
    assert Episode.objects.open().count() == 1
    assert all_is_whole() == "completed"

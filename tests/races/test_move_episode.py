"""20 threads, one verb: one success, 19 refusals, one ledger row."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connections, transaction

from casemgmt.episodes.models import Episode, StageMove
from tests.cast import gather
from tests.factories import readiness
from tests.web import Web

THREADS = 20


def test_twenty_screens_move_one_client_at_once(committed_db) -> None:
    with transaction.atomic():
        cast = gather()
        episode = readiness.ready_episode(cast)
    order = {"verb": "enter_iop", "data": readiness.told(cast, episode)}
    web, together = Web(cast.therapist), Barrier(THREADS)

    def move(_: int) -> tuple[int, str]:
        try:
            together.wait(timeout=30)
            answer = web.post(f"episodes/{episode.id}/transitions/", order)
            return answer.status_code, answer.json().get("code", "")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(THREADS) as pool:
        answers = Counter(pool.map(move, range(THREADS)))

    assert answers == {(201, ""): 1, (409, "wrong_stage"): 19}
    assert StageMove.objects.filter(verb="enter_iop").count() == 1
    assert str(Episode.objects.get().stage) == "iop"

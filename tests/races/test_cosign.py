"""Signatures that meet: of two people, and of a person and the clock (T8)."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import transaction

from casemgmt.episodes.cosigning import lapse_signatures, refuse_move, sign_move
from casemgmt.episodes.models import CoSignature, Episode
from casemgmt.episodes.services import MoveOrder, move_episode
from casemgmt.episodes.stages import Stage
from casemgmt.worklist.models import WorkItem
from tests import cast as people
from tests.factories import readiness

from .waiting import in_a_thread, somebody_waits

THREADS = 10


@pytest.fixture
def cast(committed_db) -> people.Cast:
    with transaction.atomic():
        cast = people.gather()
        episode = readiness.ready_episode(cast, stage=Stage.THERAPY)
    told = {"expedite": True, "trigger": "request"}
    move_episode(episode_id=episode.id, order=MoveOrder("enter_iop", told, "In need now."), actor=cast.case_manager)
    return cast


def asked() -> CoSignature:
    return CoSignature.objects.get()


def open_kinds() -> list[str]:
    return list(WorkItem.objects.open().filter(kind__startswith="cosign").values_list("kind", flat=True))


def test_of_ten_who_sign_or_refuse_at_once_one_decides(cast) -> None:
    """T8: decided once, whoever comes first."""
    together, signature_id = Barrier(THREADS), asked().id

    def decide(number: int) -> None:
        together.wait(timeout=30)
        if number % 2:
            sign_move(signature_id=signature_id, version=None, actor=cast.therapist)
        else:
            refuse_move(signature_id=signature_id, reason="No.", version=None, actor=cast.supervisor)

    with ThreadPoolExecutor(THREADS) as pool:
        work = [pool.submit(in_a_thread(lambda number=number: decide(number))) for number in range(THREADS)]
        outcomes = Counter(each.result() for each in work)

    assert outcomes == {"done": 1, "already_decided": THREADS - 1}
    assert open_kinds() == (["cosign_lapsed"] if asked().status == "refused" else [])
    assert str(Episode.objects.get().stage) == "iop"


def test_the_clock_passes_by_what_is_being_signed(cast, travel) -> None:
    """T8: a signature on its way counts, though its time ran out meanwhile."""
    signature = asked()
    travel(signature.due_at)

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        sign_move(signature_id=signature.id, version=None, actor=cast.therapist)
        outcome = pool.submit(in_a_thread(lambda: lapse_signatures())).result()

    assert (outcome, asked().status, open_kinds()) == ("done", "signed", [])


def test_who_signs_while_the_clock_closes_is_told(cast, travel) -> None:
    """T8: never both."""
    signature = asked()
    travel(signature.due_at)
    sign = in_a_thread(lambda: sign_move(signature_id=signature.id, version=None, actor=cast.therapist))

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            assert lapse_signatures() == 1
            signing = pool.submit(sign)
            assert somebody_waits()
        outcome = signing.result()

    assert (outcome, asked().status, open_kinds()) == ("already_decided", "lapsed", ["cosign_lapsed"])

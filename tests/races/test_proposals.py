"""Proposals and moves that meet: decided once, never left behind, never in each other's way (STG-11, T17)."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import transaction

from casemgmt.clients.models import Client
from casemgmt.episodes.models import Episode, StageMove, StageProposal
from casemgmt.episodes.proposals import Suggestion, confirm_proposal, dismiss_proposal, propose_move
from casemgmt.episodes.services import MoveOrder, move_episode
from casemgmt.kernel.actor import Actor
from casemgmt.worklist.models import WorkItem
from tests import cast as people
from tests.factories import readiness

from .waiting import in_a_thread, somebody_waits

CANCEL = MoveOrder("cancel", given={"cancel_reason": "withdrew"})
DEATH = MoveOrder("record_death", given={"death_source": "family"})
THREADS = 10


@pytest.fixture
def case(committed_db) -> tuple[people.Cast, Episode]:
    with transaction.atomic():
        cast = people.gather()
        return cast, readiness.ready_episode(cast)


def proposed(case: tuple[people.Cast, Episode], verb: str, **given: object) -> StageProposal:
    cast, episode = case
    return propose_move(episode_id=episode.id, suggestion=Suggestion(verb, given), actor=cast.case_manager)


def confirm(proposal: StageProposal, actor: Actor) -> object:
    return confirm_proposal(proposal_id=proposal.id, given={}, version=None, actor=actor)


def open_items() -> int:
    return WorkItem.objects.open().filter(kind__startswith="stage_").count()


def test_one_of_ten_confirmations_carries_it_out(case) -> None:
    cast, episode = case
    proposal = proposed(case, "enter_iop", **readiness.told(cast, episode))
    together = Barrier(THREADS)

    def decide() -> None:
        together.wait(timeout=30)
        confirm(proposal, cast.therapist)

    with ThreadPoolExecutor(THREADS) as pool:
        outcomes = Counter(each.result() for each in [pool.submit(in_a_thread(decide)) for _ in range(THREADS)])

    assert outcomes == {"done": 1, "already_decided": THREADS - 1}
    assert StageMove.objects.filter(verb="enter_iop").count() == 1
    assert (StageProposal.objects.get().status, open_items()) == ("carried_out", 0)


def test_a_dismissal_is_not_overwritten_by_a_move_that_waited_for_it(case) -> None:
    cast, episode = case
    proposal = proposed(case, "enter_iop")
    move = in_a_thread(lambda: move_episode(episode_id=episode.id, order=CANCEL, actor=cast.case_manager))

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            dismiss_proposal(proposal_id=proposal.id, reason="No.", version=None, actor=cast.case_manager)
            moving = pool.submit(move)
            assert somebody_waits()
        outcome = moving.result()

    assert outcome == "done"
    assert (StageProposal.objects.get().status, open_items()) == ("dismissed", 0)


def test_what_is_proposed_while_the_episode_ends_is_not_left_behind(case) -> None:
    cast, episode = case
    propose = in_a_thread(lambda: proposed(case, "enter_iop"))

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            move_episode(episode_id=episode.id, order=CANCEL, actor=cast.case_manager)
            proposing = pool.submit(propose)
            assert somebody_waits()
        outcome = proposing.result()

    assert outcome == "wrong_stage"
    assert (StageProposal.objects.count(), open_items()) == (0, 0)


def test_a_confirmed_death_and_a_recorded_one_lock_in_the_same_order(case) -> None:
    cast, episode = case
    proposal = proposed(case, "record_death", death_source="family")

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            Client.objects.lock(episode.client_id)
            confirming = pool.submit(in_a_thread(lambda: confirm(proposal, cast.therapist)))
            assert somebody_waits()
            move_episode(episode_id=episode.id, order=DEATH, actor=cast.supervisor)
        outcome = confirming.result()

    assert outcome == "already_decided"
    assert StageMove.objects.filter(verb="record_death").count() == 1
    assert Client.objects.get(pk=episode.client_id).deceased

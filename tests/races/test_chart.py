"""Two people at the same entry of the chart: one row takes its place, the other is told (CLN-30)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import transaction

from casemgmt.chart.models import ReturnToUse, ReturnToUseReview
from casemgmt.chart.services.returns import NewReturn, amend_return, record_return
from casemgmt.chart.services.reviews import NewReview, review_return
from casemgmt.episodes.models import StageProposal
from casemgmt.episodes.stages import Stage
from casemgmt.worklist.models import ItemKind
from tests.cast import gather
from tests.factories import chart, people
from tests.factories import episodes as spells

from .waiting import in_a_thread, somebody_waits


@pytest.fixture
def cast(committed_db):
    """Return everybody, for real."""
    return gather()


@pytest.fixture
def used(cast) -> ReturnToUse:
    """Return a return to use of a client in aftercare."""
    with transaction.atomic():
        episode = spells.episode(people.client(cast.north), stage=Stage.AFTERCARE)
    return record_return(episode_id=episode.id, new=told(), actor=cast.peer)


def told(**more) -> NewReturn:
    """Return what the team learned yesterday."""
    known = {
        "learned_on": people.today() - timedelta(days=1),
        "source": "client",
        "overdose": False,
        "still_using": "no",
        "naloxone_offered": True,
        "safety_plan_checked": True,
    }
    return NewReturn(**{**known, **more})


def test_of_two_amendments_one_takes_the_place(cast, used) -> None:
    """CLN-30: the line never forks."""
    new = told(still_using="yes")
    second = in_a_thread(lambda: amend_return(return_id=used.id, new=new, reason="two", actor=cast.therapist))

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            amend_return(return_id=used.id, new=new, reason="one", actor=cast.supervisor)  # not committed yet
            amending = pool.submit(second)
            assert somebody_waits()
        outcome = amending.result()

    assert outcome == "already_amended"
    assert ReturnToUse.objects.current().get().reason == "one"
    assert len(chart.open_items(ItemKind.RETURN_TO_USE_REVIEW)) == 1


def test_of_many_reviews_one_is_made_and_one_step_proposed(cast, used) -> None:
    """T19: however many clinicians press at once."""
    new = NewReview("step_up", target="iop")
    review = in_a_thread(lambda: review_return(return_id=used.id, new=new, actor=cast.therapist))

    with ThreadPoolExecutor(8) as pool:
        outcomes = sorted(each.result() for each in [pool.submit(review) for _ in range(8)])

    assert outcomes == ["already_reviewed"] * 7 + ["done"]
    assert (ReturnToUseReview.objects.count(), StageProposal.objects.count()) == (1, 1)
    assert chart.open_items(ItemKind.RETURN_TO_USE_REVIEW) == []

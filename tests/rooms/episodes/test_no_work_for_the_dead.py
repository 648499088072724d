"""No clock and no correction puts work on a list about a client who died, whoever told of the death (T17, STG-14)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from casemgmt.clients.models import Client
from casemgmt.clients.services import note_death
from casemgmt.episodes.clockwork import pass_time
from casemgmt.episodes.models import CoSignature, Episode, StageMove
from casemgmt.episodes.services import MoveOrder, move_episode
from casemgmt.episodes.stages import Stage
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.worklist.models import WorkItem
from tests.factories import readiness


def move(cast, episode: Episode, verb: str, *, by: Any = None, **data: Any) -> None:
    told = readiness.told(cast, episode) | data
    move_episode(episode_id=episode.id, order=MoveOrder(verb, told, "Agreed."), actor=by or cast.supervisor)


def dies_elsewhere(episode: Episode) -> None:
    note_death(Client.objects.lock(episode.client_id), died_on=None, actor=Actor.system("test"))


def work() -> list[str]:
    return sorted(WorkItem.objects.open().values_list("kind", flat=True))


@pytest.mark.parametrize("dies", [False, True])
def test_who_died_is_not_looked_after_on_the_waitlist(cast, travel, dies) -> None:
    """T2, STG-14: until the death is recorded here the episode waits on, and nobody is asked to call."""
    episode = readiness.ready_episode(cast)
    move(cast, episode, "waitlist")
    WorkItem.objects.open().update(done_at=clock.now(), outcome="reached")
    if dies:
        dies_elsewhere(episode)
    travel(clock.now() + timedelta(days=15))

    pass_time()

    assert work() == (["stage_proposed"] if dies else ["waitlist_contact", "waitlist_rescreen"])


@pytest.mark.parametrize("dies", [False, True])
def test_a_signature_that_lapses_asks_nobody_how_the_dead_go_on(cast, travel, dies) -> None:
    """T8, STG-14."""
    episode = readiness.ready_episode(cast, stage=Stage.SOBER_LIVING)
    move(cast, episode, "enter_iop", by=cast.case_manager, expedite=True)
    if dies:
        dies_elsewhere(episode)
    travel(clock.now() + timedelta(hours=25))

    pass_time()

    assert CoSignature.objects.get().status == "lapsed"
    assert ("cosign_lapsed" in work()) is not dies


@pytest.mark.parametrize("dies", [False, True])
def test_a_corrected_end_asks_nobody_to_reach_out_to_the_dead(cast, api, dies) -> None:
    """T15, T20, STG-14: the ledger is put right; the client will not come back."""
    episode = readiness.ready_episode(cast, stage=Stage.AFTERCARE)
    move(cast, episode, "complete")
    if dies:
        dies_elsewhere(episode)
    last = StageMove.objects.filter(episode=episode).latest("seq").seq
    body = {"move": last, "reason": "Left.", "stage": "discharged", "data": {"discharge_reason": "other"}}

    answer = api(cast.supervisor).post(f"episodes/{episode.id}/corrections/", body)

    assert answer.status_code == 201, answer.content
    assert ("outreach_due" in work()) is not dies
    assert "stage_corrected" in work()


def test_a_death_that_was_none_leaves_the_work_of_the_right_end(cast, api) -> None:
    """T20: who lives after all may be reached out to."""
    episode = readiness.ready_episode(cast, stage=Stage.THERAPY)
    move(cast, episode, "record_death")
    last = StageMove.objects.filter(episode=episode).latest("seq").seq
    body = {"move": last, "reason": "Mistaken.", "stage": "discharged", "data": {"discharge_reason": "other"}}

    assert api(cast.supervisor).post(f"episodes/{episode.id}/corrections/", body).status_code == 201

    assert "outreach_due" in work()

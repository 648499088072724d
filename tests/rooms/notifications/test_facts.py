"""What the pathway learns of check-ins (G9)."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from casemgmt.episodes.models import Episode
from casemgmt.episodes.stages import Stage
from casemgmt.kernel import clock
from notifications.facts import for_episode
from notifications.models import CheckInPlan
from tests.factories import episodes, pathway, people


def planned(episode: Any) -> bool:
    """Return what the guards see."""
    fresh = Episode.objects.get(pk=episode.pk)
    answer: bool = for_episode(fresh, at=clock.now())["check_ins_planned"]
    return answer


@pytest.fixture
def episode(cast) -> Any:
    """Return an episode at North that leads with peer support."""
    return episodes.episode(people.client(cast.north), stage=Stage.PEER_SUPPORT)


def plan(episode: Any, **fields: Any) -> CheckInPlan:
    """Return a plan of daily check-ins."""
    known = {"times": [time(9)], "weekdays": [1, 2, 3, 4, 5, 6, 7], "starts_on": date(2020, 1, 1)}
    return CheckInPlan.objects.create(
        client=episode.client, episode=episode, organization=episode.organization, **{**known, **fields}
    )


def test_a_live_plan_of_this_episode_counts(cast, episode) -> None:
    """G9: not another episode's."""
    assert planned(episode) is False
    plan(episode)
    assert planned(episode) is True
    assert planned(episodes.episode(people.client(cast.north, phone=None))) is False


@pytest.mark.parametrize("status", ["paused", "ended"])
def test_one_that_a_person_stopped_does_not(episode, status) -> None:
    """G9: a schedule that sends nothing is none."""
    plan(episode, status=status, reason="staff_decision")

    assert planned(episode) is False


def test_one_that_the_hold_paused_counts_for_it_goes_on(cast, episode) -> None:
    """G9, T13: out of a hold into aftercare."""
    made = plan(episode)
    pathway.step(episode, Stage.ON_HOLD, actor=cast.supervisor)

    assert str(CheckInPlan.objects.get(pk=made.pk).status) == "paused"
    assert planned(episode) is True


@pytest.mark.parametrize(("days", "expected"), [(-1, False), (0, True), (1, True)])
def test_its_last_day_is_the_clients(episode, travel, days, expected) -> None:
    """G9: at half past eleven in the evening in Chicago it is not tomorrow yet."""
    travel(clock.now().replace(month=1, day=15, hour=5, minute=30) + timedelta(days=365))  # 23:30 the day before
    today = (clock.now() - timedelta(hours=6)).date()
    plan(episode, ends_on=today + timedelta(days=days))

    assert planned(episode) is expected


def test_it_is_one_query_beside_the_clients(episode) -> None:
    plan(episode)
    fresh, at = Episode.objects.select_related("client").get(pk=episode.pk), clock.now()

    with CaptureQueriesContext(connection) as queries:
        for_episode(fresh, at=at)

    assert len(queries) == 1

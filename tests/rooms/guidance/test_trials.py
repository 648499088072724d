"""Looking back on a trial of both kinds of support goes with its episode (DG-13)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from casemgmt.episodes.models import Episode, StageMove
from casemgmt.episodes.stages import Stage
from casemgmt.kernel import clock
from casemgmt.worklist.models import WorkItem
from tests.factories import episodes, people, readiness, told
from tests.factories.pathway import step


def try_both(cast, api, episode: Episode) -> None:
    """Accept the suggestion to try both."""
    told.statement(episode, "unsure", True, by=cast.peer.id)
    shown = api(cast.therapist).get(f"episodes/{episode.id}/guidance/").json()["suggestions"]
    basis = next(each["basis"] for each in shown if (each["rule_id"], each["service"]) == ("DG-13", "therapy"))
    body = {"rule_id": "DG-13", "target": "therapy", "basis": basis, "verdict": "accepted"}
    assert api(cast.therapist).post(f"episodes/{episode.id}/guidance/decisions/", body).status_code == 201


def reviews() -> list[tuple]:
    return list(WorkItem.objects.filter(kind="guidance_review").order_by("id").values_list("outcome", "due_at"))


@pytest.fixture
def episode(cast, api):
    made = episodes.episode(people.client(cast.north), stage=Stage.THERAPY)
    try_both(cast, api, made)
    return made


def correct_end(cast, api, episode: Episode) -> None:
    last = StageMove.objects.filter(episode=episode).latest("seq").seq
    body = {"move": last, "reason": "Another client was meant.", "entered_in_error": True}
    assert api(cast.supervisor).post(f"episodes/{episode.id}/corrections/", body).status_code == 201


def test_the_end_of_the_episode_takes_it_off_the_list(cast, episode) -> None:
    """DG-13: there is nobody to ask which of both fits."""
    step(episode, Stage.DISCHARGED, actor=cast.therapist)

    assert [outcome for outcome, _ in reviews()] == ["episode_ended"]


def test_a_step_within_the_episode_leaves_it_there(cast, episode) -> None:
    step(episode, Stage.ON_HOLD, actor=cast.therapist)

    assert [outcome for outcome, _ in reviews()] == [""]


def test_another_clients_trial_goes_on(cast, api, episode) -> None:
    other = episodes.episode(people.client(cast.north), stage=Stage.THERAPY)

    step(other, Stage.DISCHARGED, actor=cast.therapist)

    assert [outcome for outcome, _ in reviews()] == [""]


@pytest.mark.parametrize(("verb", "outcome"), [("discharge", "episode_ended"), ("record_death", "client_died")])
def test_an_end_in_error_puts_it_back_for_when_it_was_due(cast, api, episode, verb, outcome) -> None:
    """DG-13, T20."""
    data = readiness.told(cast, episode)
    ended = api(cast.supervisor).post(f"episodes/{episode.id}/transitions/", {"verb": verb, "data": data})
    assert ended.status_code == 201

    correct_end(cast, api, episode)

    due_at = clock.now() + timedelta(days=30)
    assert reviews() == [(outcome, due_at), ("", due_at)]


def test_what_somebody_looked_back_on_before_the_end_is_not_asked_again(cast, api, episode) -> None:
    """DG-13, T20: it was done."""
    item = WorkItem.objects.get(kind="guidance_review")
    assert api(cast.case_manager).post(f"work-items/{item.id}/done/", {"outcome": "settled"}).status_code < 300
    step(episode, Stage.DISCHARGED, actor=cast.therapist)

    correct_end(cast, api, episode)

    assert [outcome for outcome, _ in reviews()] == ["settled"]

"""A death told elsewhere leaves the episode here open until it is recorded; nothing new is due of the client (T17)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from casemgmt.chart.models import Checkup, IopReview, ReturnToUse
from casemgmt.clients.models import Client
from casemgmt.clients.services import note_death
from casemgmt.episodes.models import Episode, StageMove
from casemgmt.episodes.stages import Stage
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.worklist.models import WorkItem
from tests.factories import chart, people, told
from tests.factories import episodes as spells


def left_open(cast, stage: Stage) -> Episode:
    """Return an open episode of North, whose client's death somebody else noted."""
    episode = spells.episode(people.client(cast.north), stage=stage)
    note_death(Client.objects.lock(episode.client_id), died_on=None, actor=Actor.system("test"))
    return episode


def work() -> list[str]:
    return sorted(WorkItem.objects.open().values_list("kind", flat=True))


def body_of(episode: Episode, path: str) -> dict[str, Any]:
    bodies: dict[str, dict[str, Any]] = {
        "returns-to-use/": chart.used_again(episode, overdose=True),
        "levels-of-care/": chart.level(episode),
        "continuing-care-plans/": chart.plan(episode),
        "iop-reviews/": {"episode": str(episode.id), "kind": "review", "outcome": "still_fits"},
        f"episodes/{episode.id}/guidance/facts/": told.form(("crisis_now", True)),
    }
    return bodies[path.replace("EPISODE", str(episode.id))]


@pytest.mark.parametrize(
    "path",
    [
        "returns-to-use/",
        "levels-of-care/",
        "continuing-care-plans/",
        "iop-reviews/",
        "episodes/EPISODE/guidance/facts/",
    ],
)
def test_nothing_is_written_that_asks_for_care(cast, api, path) -> None:
    """T17, STG-14: the death is what is left to record; nobody is asked to call."""
    episode = left_open(cast, Stage.IOP)
    before = work()

    refused = api(cast.therapist).post(path.replace("EPISODE", str(episode.id)), body_of(episode, path))

    assert (refused.status_code, refused.json()["code"]) == (422, "client_deceased")
    assert work() == before == ["stage_proposed"]
    assert (ReturnToUse.objects.count(), IopReview.objects.count()) == (0, 0)


def test_the_same_is_written_of_the_living(cast, api) -> None:
    episode = spells.episode(people.client(cast.north), stage=Stage.IOP)

    for path in ("returns-to-use/", "levels-of-care/", "continuing-care-plans/", "iop-reviews/"):
        assert api(cast.therapist).post(path, body_of(episode, path)).status_code == 201


@pytest.mark.parametrize("stage", [Stage.AFTERCARE, Stage.IOP])
def test_a_correction_of_the_ledger_plans_nothing_for_the_dead(cast, api, stage) -> None:
    """T20, STG-14: the ledger is put right, and no check-up and no review falls due."""
    episode = left_open(cast, stage)
    last = StageMove.objects.filter(episode=episode).latest("seq").seq
    since = (clock.now() - timedelta(hours=2)).isoformat()

    answer = api(cast.supervisor).post(
        f"episodes/{episode.id}/corrections/", {"move": last, "reason": "Typed wrongly.", "effective_at": since}
    )

    assert answer.status_code == 201, answer.content
    assert work() == ["stage_corrected", "stage_proposed"]
    assert not Checkup.objects.planned().exists()


def test_what_turns_out_to_have_been_urgent_is_kept_and_asks_nobody(cast, api) -> None:
    """CLN-30, STG-14: the record may be put right after a death."""
    episode = spells.episode(people.client(cast.north), stage=Stage.THERAPY)
    made = api(cast.therapist).post("returns-to-use/", chart.used_again(episode)).json()
    note_death(Client.objects.lock(episode.client_id), died_on=None, actor=Actor.system("test"))
    before = work()
    body = {name: value for name, value in chart.used_again(episode, overdose=True).items() if name != "episode"}

    answer = api(cast.therapist).post(
        f"returns-to-use/{made['id']}/amendments/", {**body, "reason": "The hospital told us."}
    )

    assert answer.status_code == 201, answer.content
    assert work() == before == ["stage_proposed"]

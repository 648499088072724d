"""What is told with a correction is judged as with any step (T20): causes, days, moments."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from casemgmt.clients.models import Client
from casemgmt.episodes.models import Episode, StageMove
from casemgmt.episodes.services import MoveOrder, move_episode
from casemgmt.episodes.stages import Stage
from tests.factories import episodes, people, readiness

RTU_ONLY = {"discharge_reason": "terminated_by_facility", "causes": ["return_to_use"]}


def ended(cast, verb: str, **data: Any) -> Episode:
    """Return an episode that ended out of therapy."""
    episode = readiness.ready_episode(cast, stage=Stage.THERAPY)
    told = readiness.told(cast, episode) | data
    move_episode(episode_id=episode.id, order=MoveOrder(verb, told, "Agreed."), actor=cast.supervisor)
    return episode


def correct(api, cast, episode: Episode, **wanted: Any) -> Any:
    last = StageMove.objects.filter(episode=episode).latest("seq").seq
    body = {"move": last, "reason": "Typed wrongly.", **wanted}
    return api(cast.supervisor).post(f"episodes/{episode.id}/corrections/", body)


def picture(episode: Episode) -> tuple:
    """Return what a refused correction must leave alone."""
    row = Episode.objects.filter(pk=episode.pk).values().get()
    return row, StageMove.objects.count(), Client.objects.filter(pk=episode.client_id).values().get()


def test_another_reason_of_a_discharge_is_justified_too(cast, api) -> None:
    """CLN-30, T20: a correction that moves nothing is no way around the supervisor's justification."""
    episode = ended(cast, "discharge")
    before = picture(episode)

    refused = correct(api, cast, episode, data=RTU_ONLY)

    assert (refused.status_code, refused.json()["code"]) == (422, "rtu_discharge_needs_supervisor")
    assert picture(episode) == before
    justified = correct(api, cast, episode, data={**RTU_ONLY, "supervisor_justification": "Sold drugs in the house."})
    assert justified.status_code == 201
    assert Episode.objects.get(pk=episode.pk).teds_code == 3


def test_what_was_justified_before_needs_not_be_justified_again(cast, api) -> None:
    """CLN-30: a correction of the day keeps what was told with the row."""
    told = RTU_ONLY | {"supervisor_justification": "Sold drugs in the house."}
    episode = ended(cast, "discharge", **told)
    day = people.today() - timedelta(days=1)

    answer = correct(api, cast, episode, data={"last_contact": str(day)})

    assert answer.status_code == 201, answer.content
    assert Episode.objects.get(pk=episode.pk).last_contact_on == day


def test_the_day_of_a_death_is_corrected_on_the_client_too(cast, api) -> None:
    """T17, T20."""
    episode = ended(cast, "record_death", died_on="2026-01-01")

    answer = correct(api, cast, episode, data={"died_on": "2026-01-02"})

    assert answer.status_code == 201, answer.content
    client = Client.objects.get(pk=episode.client_id)
    assert (client.deceased, str(client.deceased_on)) == (True, "2026-01-02")


def test_no_death_is_corrected_into_the_future(cast, api) -> None:
    """T17, T20."""
    episode = ended(cast, "record_death", died_on="2026-01-01")
    before = picture(episode)

    refused = correct(api, cast, episode, data={"died_on": str(people.today() + timedelta(days=2))})

    assert (refused.status_code, list(refused.json()["fields"])) == (400, ["died_on"])
    assert picture(episode) == before


def test_a_last_contact_lies_in_the_past(cast, api) -> None:
    """T15, T20, CLN-50: the length of stay ends with it."""
    future = str(people.today() + timedelta(days=2))
    episode = ended(cast, "discharge")
    before = picture(episode)

    refused = correct(api, cast, episode, data={"last_contact": future})

    assert (refused.status_code, list(refused.json()["fields"])) == (400, ["data.last_contact"])
    assert picture(episode) == before


@pytest.mark.parametrize("stage", [Stage.INTAKE, Stage.COMPLETED])
def test_no_episode_began_in_a_year_that_nobody_lived_in(cast, api, stage) -> None:
    """T20: a typing error in a year must not take the list of episodes down."""
    episode = episodes.episode(people.client(cast.north), stage=stage)
    before = picture(episode)
    opening = StageMove.objects.filter(episode=episode).earliest("seq").seq

    refused = correct(api, cast, episode, move=opening, effective_at="0026-01-01T00:00:00Z")

    assert (refused.status_code, refused.json()["fields"]) == (400, {"effective_at": ["A year from 1900 to 9998."]})
    assert picture(episode) == before
    assert api(cast.supervisor).get("episodes/").status_code == 200

"""A death told late, told after the end, or entered in error (T17, T20, STG-14)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from casemgmt.audit.models import AuditEvent
from casemgmt.clients.models import Client
from casemgmt.clients.services import record_death
from casemgmt.episodes.models import Episode, StageMove
from casemgmt.episodes.services import MoveOrder, move_episode
from casemgmt.episodes.stages import Stage
from casemgmt.kernel import clock
from casemgmt.worklist.models import WorkItem
from notifications.models import CheckInPlan
from tests.factories import episodes, people, readiness

REASON = "Another person of that name."


def plan_for(episode: Episode) -> CheckInPlan:
    return CheckInPlan.objects.create(
        client=episode.client,
        episode=episode,
        organization_id=episode.organization_id,
        times=["12:00"],
        weekdays=[2],
        starts_on=people.today(),
    )


def settle() -> None:
    """Keep here what a transaction keeps at its end."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


def client_of(episode: Episode) -> Client:
    return Client.objects.get(pk=episode.client_id)


def correct(api, actor, episode: Episode, **wanted: Any) -> Any:
    last = StageMove.objects.filter(episode=episode).latest("seq").seq
    return api(actor).post(f"episodes/{episode.id}/corrections/", {"move": last, "reason": REASON, **wanted})


@pytest.fixture
def died(cast):
    """Return an episode that ended with a death, its check-ins and enrollments with it."""
    episode = readiness.ready_episode(cast, stage=Stage.THERAPY)
    plan_for(episode)
    told = {"death_source": "family", "died_on": people.today()}
    move_episode(episode_id=episode.id, order=MoveOrder("record_death", told), actor=cast.therapist)
    settle()
    assert client_of(episode).deceased
    return episode


@pytest.mark.parametrize("stage", [Stage.COMPLETED, Stage.DISCHARGED, Stage.TRANSFERRED, Stage.CANCELLED])
def test_a_death_after_the_end_is_noted_on_the_client_and_leaves_what_ended(cast, api, stage) -> None:
    """STG-14: the client is marked, messages stop, the closed episode stays as it was."""
    ended = readiness.ready_episode(cast, stage=stage)
    before = Episode.objects.filter(pk=ended.pk).values().get()
    moves = StageMove.objects.count()
    elsewhere = episodes.episode(ended.client, at_other=cast.south)  # still open
    plan = plan_for(elsewhere)

    answer = api(cast.therapist).post(f"clients/{ended.client_id}/death/", {"died_on": str(people.today())})

    plan.refresh_from_db()
    assert (answer.status_code, client_of(ended).deceased) == (200, True)
    assert (plan.status, plan.reason) == ("ended", "client_deceased")
    assert Episode.objects.filter(pk=ended.pk).values().get() == before
    assert StageMove.objects.count() == moves + 1  # the opening of the one elsewhere


def test_a_death_entered_in_error_is_taken_back_and_nothing_starts_by_itself(cast, api, died) -> None:
    """T20, T17: the client lives; what had stopped stays so until people start it."""
    answer = correct(api, cast.supervisor, died, entered_in_error=True)

    client = client_of(died)
    assert answer.status_code == 201, answer.content
    assert (client.deceased, client.deceased_on) == (False, None)
    assert (str(Episode.objects.get(pk=died.pk).stage), Episode.objects.get(pk=died.pk).teds_code) == ("therapy", None)
    assert CheckInPlan.objects.get(episode=died).status == "ended"
    assert set(died.enrollments.values_list("stage", flat=True)) == {"ended"}
    assert AuditEvent.objects.filter(action="client.death_corrected", actor_id=cast.supervisor.id).count() == 1
    opened = set(WorkItem.objects.open().filter(client_id=client.id).values_list("kind", flat=True))
    assert "stage_corrected" in opened
    assert "client_died" not in opened


def test_a_client_who_died_after_a_discharge_stays_dead(cast, api, died) -> None:
    """T20: only the stage was wrong."""
    data = {"discharge_reason": "dropped_out"}

    answer = correct(api, cast.supervisor, died, stage="discharged", data=data, still_deceased=True)

    assert (answer.status_code, client_of(died).deceased) == (201, True)
    assert Episode.objects.get(pk=died.pk).teds_code == 2


def test_a_death_that_another_episode_tells_stays(cast, api, died) -> None:
    """T20, T17."""
    episodes.episode(died.client, stage=Stage.DECEASED)
    Episode.objects.filter(pk=died.pk).update(opened_at=clock.now())

    answer = correct(api, cast.supervisor, died, stage="discharged", data={"discharge_reason": "other"})

    assert (answer.status_code, client_of(died).deceased) == (201, True)


def test_nobody_opens_the_episode_of_the_dead(cast, api) -> None:
    """T20: neither by saying that the death stands, nor while it was noted outside the pathway."""
    ended = readiness.ready_episode(cast, stage=Stage.COMPLETED)
    record_death(client_id=ended.client_id, died_on=None, actor=cast.therapist)

    answer = correct(api, cast.supervisor, ended, entered_in_error=True)

    assert (answer.status_code, answer.json()["code"]) == (422, "client_deceased")
    assert str(Episode.objects.get(pk=ended.pk).stage) == "completed"


def test_saying_that_the_death_stands_opens_nothing(cast, api, died) -> None:
    """T20."""
    answer = correct(api, cast.supervisor, died, entered_in_error=True, still_deceased=True)

    assert (answer.status_code, answer.json()["code"]) == (422, "client_deceased")
    assert (str(Episode.objects.get(pk=died.pk).stage), client_of(died).deceased) == ("deceased", True)


def test_a_correction_to_a_death_stops_everything_as_a_death_does(cast, api) -> None:
    """T20, T17: in the same transaction, in whichever organization."""
    episode = readiness.ready_episode(cast, stage=Stage.COMPLETED)
    other = episodes.episode(episode.client, stage=Stage.INTAKE)
    Episode.objects.filter(pk=other.pk).update(organization=cast.south)
    plan = plan_for(other)

    answer = correct(api, cast.supervisor, episode, stage="deceased", data={"died_on": str(people.today())})

    plan.refresh_from_db()
    assert answer.status_code == 201, answer.content
    assert (client_of(episode).deceased, plan.status, plan.reason) == (True, "ended", "client_deceased")
    assert WorkItem.objects.open().filter(kind="client_died").count() == 1


@pytest.mark.parametrize(("by", "status"), [("therapist", 403), ("case_manager", 403), ("outsider", 404)])
def test_supervisors_take_a_death_back_and_nobody_else(cast, api, by, status) -> None:
    """STG-14, T20: what was noted outside the pathway, too."""
    client = readiness.ready_client(cast)
    record_death(client_id=client.id, died_on=None, actor=cast.therapist)

    refused = api(getattr(cast, by)).delete(f"clients/{client.id}/death/")
    assert (refused.status_code, Client.objects.get(pk=client.pk).deceased) == (status, True)

    done = api(cast.supervisor).delete(f"clients/{client.id}/death/")
    again = api(cast.supervisor).delete(f"clients/{client.id}/death/")
    assert (done.status_code, again.status_code, Client.objects.get(pk=client.pk).deceased) == (204, 204, False)
    assert AuditEvent.objects.filter(action="client.death_corrected").count() == 1


def test_a_death_told_late_holds_from_when_it_was(cast) -> None:
    """T17, F2: the episode ended then, not when it was told."""
    episode = readiness.ready_episode(cast, stage=Stage.THERAPY)
    since = clock.now() - timedelta(hours=6)
    order = MoveOrder("record_death", {"death_source": "family"}, effective_at=since)

    move_episode(episode_id=episode.id, order=order, actor=cast.therapist)

    found = Episode.objects.get(pk=episode.pk)
    assert (found.ended_at, found.teds_code) == (since, 6)

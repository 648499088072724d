"""Enrollments go along with the pathway and end with it."""

from __future__ import annotations

from typing import Any

import pytest

from casemgmt.clients.services import record_death
from casemgmt.episodes.services import MoveOrder, move_episode
from casemgmt.episodes.stages import Stage
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.events import Event
from programs.handlers import follow_stage
from programs.lifecycle import EnrollmentStage
from programs.models import Enrollment, EnrollmentMove, Program
from programs.rules.kinds import Kind
from tests.factories import consent as consents
from tests.factories import episodes, people, programs, readiness


@pytest.fixture
def episode(cast) -> Any:
    """Return an episode at North at intake."""
    return episodes.episode(people.client(cast.north))


def entered(episode: Any, stage: Stage, *, actor: Actor) -> None:
    """Tell the room that an episode entered a stage."""
    event = Event(f"episode.entered_{stage.value}", episode.id, episode.client_id, None, {"to": stage.value})
    follow_stage(event, actor=actor)


def stages() -> list[str]:
    """Return the stages of all enrollments in the order they were planned."""
    return [str(each.stage) for each in Enrollment.objects.order_by("id")]


def test_the_one_planned_first_with_a_provider_begins(cast, episode) -> None:
    therapy = [programs.program(cast.north, kind=Kind.THERAPY, name=name) for name in "abc"]
    programs.enrollment(episode, therapy[0])
    programs.enrollment(episode, therapy[1], provider_id=cast.therapist.id)
    programs.enrollment(episode, therapy[2], provider_id=cast.therapist.id)
    programs.enrollment(episode, programs.program(cast.north), provider_id=cast.peer.id)

    entered(episode, Stage.THERAPY, actor=cast.therapist)

    assert stages() == ["planned", "active", "planned", "planned"]
    move = EnrollmentMove.objects.get(verb="activate")
    assert (move.rule, move.actor_id) == ("STG-01", cast.therapist.id)


def test_the_pathway_is_blocked_without_a_provider_and_begins_what_was_planned(cast, api, episode) -> None:
    consents.treatment_consent(episode.client)
    programs.notice(episode.client, cast.north)
    readiness.screened(cast, episode.client)
    enrollment = programs.enrollment(episode, programs.program(cast.north, capacity_total=1))
    web = api(cast.case_manager)
    order = {"verb": "enter_peer_support", "data": {"peer": str(cast.peer.id), "goals": "a job"}}

    blocked = web.post(f"episodes/{episode.id}/transitions/", order)
    web.patch(f"enrollments/{enrollment.id}/", {"provider": str(cast.peer.id)}, If_Match='"1"')
    moved = web.post(f"episodes/{episode.id}/transitions/", order)

    assert [each["code"] for each in blocked.json()["failed_guards"]] == ["provider_missing"]
    assert moved.status_code == 201
    assert web.get(f"enrollments/{enrollment.id}/").json()["stage"] == "active"


def test_where_one_runs_already_none_is_added(cast, episode) -> None:
    first, second = (programs.program(cast.north, name=name) for name in "ab")
    programs.enrollment(episode, first, provider_id=cast.peer.id, stage=EnrollmentStage.ACTIVE)
    programs.enrollment(episode, second, provider_id=cast.peer.id)

    entered(episode, Stage.PEER_SUPPORT, actor=cast.case_manager)

    assert stages() == ["active", "planned"]


def test_another_organizations_program_does_not_begin_without_a_referral(cast, episode) -> None:
    programs.enrollment(episode, programs.program(cast.south), provider_id=cast.peer.id)

    entered(episode, Stage.PEER_SUPPORT, actor=cast.case_manager)

    assert stages() == ["planned"]


def test_a_discharge_ends_everything_open_in_the_same_transaction(cast, episode) -> None:
    episode = episodes.episode(people.client(cast.north), stage=Stage.THERAPY)
    one, two, three = (programs.program(cast.north, name=name, capacity_total=1) for name in "abc")
    programs.enrollment(episode, one)
    programs.enrollment(episode, two, stage=EnrollmentStage.ACTIVE)
    programs.enrollment(episode, three, stage=EnrollmentStage.ON_HOLD)
    given = {"discharge_reason": "other", "last_contact": "2026-01-01", "reentry_information_given": True}

    move_episode(episode_id=episode.id, order=MoveOrder("discharge", given), actor=cast.supervisor)

    assert stages() == ["ended"] * 3
    assert list(Program.objects.values_list("places_taken", flat=True)) == [0, 0, 0]
    ends = EnrollmentMove.objects.filter(verb="end")
    assert {(move.actor_id, move.given["end_reason"]) for move in ends} == {(cast.supervisor.id, "discharged")}


def test_another_episodes_enrollments_stay(cast, episode) -> None:
    other = episodes.episode(people.client(cast.north), stage=Stage.THERAPY)
    programs.enrollment(episode, programs.program(cast.north))
    given = {"discharge_reason": "other", "last_contact": "2026-01-01", "reentry_information_given": True}

    move_episode(episode_id=other.id, order=MoveOrder("discharge", given), actor=cast.supervisor)

    assert stages() == ["planned"]


def test_a_death_ends_them(cast) -> None:
    dying = episodes.episode(people.client(cast.north), stage=Stage.PEER_SUPPORT)
    programs.enrollment(dying, programs.program(cast.north), stage=EnrollmentStage.ACTIVE)

    order = MoveOrder("record_death", {"death_source": "family"})
    move_episode(episode_id=dying.id, order=order, actor=cast.supervisor)

    assert stages() == ["ended"]


def test_a_death_noted_after_the_end_finds_none(cast) -> None:
    ended = episodes.episode(people.client(cast.north), stage=Stage.COMPLETED)

    record_death(client_id=ended.client_id, died_on=None, actor=cast.supervisor)

    assert stages() == []


def test_what_a_machine_learned_of_leaves_them_with_their_open_episode(cast, episode) -> None:
    """T17: they end with the episode, once its people have recorded the death."""
    programs.enrollment(episode, programs.program(cast.north), stage=EnrollmentStage.ACTIVE)

    record_death(client_id=episode.client_id, died_on=None, actor=Actor.system("import_fhir"))

    assert stages() == ["active"]
    assert not EnrollmentMove.objects.filter(verb="end").exists()

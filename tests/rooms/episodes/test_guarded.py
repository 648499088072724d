"""The guards over real rows: each room's records satisfy them, and what stands against a step leaves no trace."""

from __future__ import annotations

from typing import Any

from casemgmt.episodes.models import Episode, StageMove
from casemgmt.episodes.stages import Stage
from casemgmt.outbox.models import OutboxEvent
from programs.models import Enrollment, Program
from tests.factories import episodes, people, readiness

HIGH = {"1": 1, "2": 1, "3": 1, "4": 1, "5": 0, "6": 0}


def enter(cast, api, episode, stage: str, *, by: str = "supervisor", **data: Any):
    order = {"verb": f"enter_{stage}", "data": readiness.told(cast, episode) | data, "reason": "Agreed."}
    before = (StageMove.objects.count(), OutboxEvent.objects.count())
    answer = api(getattr(cast, by)).post(f"episodes/{episode.id}/transitions/", order)
    if answer.status_code != 201:
        assert (StageMove.objects.count(), OutboxEvent.objects.count()) == before
        assert str(Episode.objects.get(pk=episode.id).stage) == str(episode.stage)
    return answer


def codes(answer) -> list[str]:
    assert answer.status_code == 409, answer.content
    return [each["code"] for each in answer.json()["failed_guards"]]


def test_a_safety_screen_gets_old(cast, api) -> None:
    """G4: measures recorded eight days ago do not let anybody in."""
    episode = readiness.ready_episode(cast)
    bare = episodes.episode(people.client(cast.north, phone="+13165550111"))
    readiness.measured(cast, bare.client, days_ago=8)

    assert "safety_screen_outdated" in codes(enter(cast, api, bare, "aftercare"))
    assert enter(cast, api, episode, "peer_support").status_code == 201


def test_a_screener_that_finds_danger_leaves_only_clinical_care_open(cast, api) -> None:
    """G4, G7: peer support does not carry it alone; IOP may begin at once."""
    episode = readiness.ready_episode(cast)
    readiness.measured(cast, episode.client, days_ago=0, cssrs=HIGH)

    refused = enter(cast, api, episode, "peer_support")

    assert "peer_alone_unsafe" in codes(refused)
    assert enter(cast, api, episode, "iop").status_code == 201


def test_another_level_than_the_stage_takes_a_clinicians_reason(cast, api) -> None:
    """G5: refused, then documented; a case manager cannot document it."""
    episode = readiness.ready_episode(cast, level="2.5")
    reason = "No place at level 2.5 before March; client agrees to start here."

    assert codes(enter(cast, api, episode, "iop")) == ["level_of_care_differs"]
    done = enter(cast, api, episode, "iop", by="therapist", divergence_reason=reason)

    assert done.status_code == 201, done.content
    assert StageMove.objects.get(verb="enter_iop").given["divergence_reason"] == reason


def test_the_level_that_is_told_is_the_one_in_force(cast, api) -> None:
    """T3: another episode's level, or an older one, is told back."""
    episode, other = readiness.ready_episode(cast), readiness.ready_episode(cast)

    refused = enter(cast, api, episode, "iop", level_of_care=readiness.told(cast, other)["level_of_care"])

    assert (refused.status_code, list(refused.json()["fields"])) == (400, ["data.level_of_care"])


def test_a_house_of_unknown_kind_takes_nobody(cast, api) -> None:
    """G8: everything the residence lacks is told together."""
    episode = readiness.ready_episode(cast)
    Program.objects.filter(kind="sober_living").update(narr_level="")

    assert codes(enter(cast, api, episode, "sober_living")) == ["narr_level_missing"]
    Program.objects.filter(kind="sober_living").update(narr_level="II")
    assert enter(cast, api, episode, "sober_living").status_code == 201


def test_a_house_is_no_therapy(cast, api) -> None:
    """G8: with a PHQ-9 of 15 a clinical enrollment runs beside it."""
    episode = readiness.ready_episode(cast)
    low = {str(number): 2 if number < 8 else 1 for number in range(1, 9)} | {"9": 0}
    readiness.measured(cast, episode.client, days_ago=0, phq9=low)

    assert codes(enter(cast, api, episode, "sober_living")) == ["clinical_care_missing"]


def test_aftercare_waits_for_its_plan(cast, api) -> None:
    """G9."""
    episode = episodes.episode(readiness.ready_client(cast))
    readiness.enroll_everywhere(episode, cast)
    readiness.measured(cast, episode.client)

    assert codes(enter(cast, api, episode, "aftercare")) == ["continuing_care_plan_missing"]
    readiness.cared_for_afterwards(cast, episode)
    assert enter(cast, api, episode, "aftercare").status_code == 201


def test_a_step_down_waits_for_fresh_measures(cast, api) -> None:
    """T9: the PHQ-9 of three weeks ago says nothing of today; the safety screen of yesterday neither."""
    episode = episodes.episode(readiness.ready_client(cast), stage=Stage.THERAPY)
    readiness.enroll_everywhere(episode, cast)
    readiness.cared_for_afterwards(cast, episode)
    readiness.measured(cast, episode.client, days_ago=21)
    readiness.screened(cast, episode.client)

    assert codes(enter(cast, api, episode, "aftercare")) == ["measures_outdated"]
    readiness.measured(cast, episode.client)
    assert enter(cast, api, episode, "aftercare").status_code == 201


def test_a_peer_who_is_not_enrolled_is_told_back(cast, api) -> None:
    """T4: the peer named is the one who will be there."""
    episode = readiness.ready_episode(cast)

    refused = enter(cast, api, episode, "peer_support", peer=str(cast.therapist.id))

    assert (refused.status_code, list(refused.json()["fields"])) == (400, ["data.peer"])
    assert not Enrollment.objects.filter(stage="active").exists()

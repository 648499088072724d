"""What peers and houses learn of services: those of the present episode, of earlier ones nothing (CLN-31)."""

from __future__ import annotations

from typing import Any

import pytest

from casemgmt.accounts.roles import Role
from casemgmt.episodes.models import Episode
from programs.models import Enrollment
from programs.rules.kinds import Kind
from tests.factories import episodes, people, programs

LIMITED = [Role.PEER_SPECIALIST, Role.HOUSE_MANAGER]


@pytest.fixture
def came_back(cast, api) -> Episode:
    """Return an ended episode with an enrollment; another one followed, with a stay in the house."""
    house, client = programs.program(cast.north, kind=Kind.SOBER_LIVING), people.client(cast.north)
    earlier = episodes.episode(client)
    programs.enrollment(earlier, house)
    web = api(cast.case_manager)
    over = {"verb": "cancel", "data": {"cancel_reason": "withdrew"}}
    assert web.post(f"episodes/{earlier.id}/transitions/", over).status_code == 201
    again = {"client": str(client.id), "source": "self", "reason": "Asks.", "previous": str(earlier.id)}
    present = Episode.objects.get(pk=web.post("episodes/", again).json()["id"])
    house.refresh_from_db()
    programs.enrollment(present, house)
    return earlier


def episodes_of(answer: Any) -> set[str]:
    """Return the episodes that the rows of a list name."""
    return {row["episode_id"] for row in answer.json()["results"]}


@pytest.mark.parametrize("role", LIMITED)
def test_services_of_an_earlier_episode_are_not_there_for_them(cast, api, came_back, role) -> None:
    """CLN-31: nobody counts how often somebody began."""
    theirs, whole = api(cast.at_north[role]), api(cast.case_manager)
    present, gone = str(Episode.objects.open().get().id), Enrollment.objects.get(episode=came_back)

    assert episodes_of(whole.get("enrollments/")) == {present, str(came_back.id)}
    assert episodes_of(theirs.get("enrollments/")) == {present}
    for path in ("", "transitions/", "moves/", "house-agreements/"):
        assert whole.get(f"enrollments/{gone.id}/{path}").status_code == 200
        assert theirs.get(f"enrollments/{gone.id}/{path}").status_code == 404


@pytest.mark.parametrize("role", LIMITED)
def test_why_an_enrollment_ended_is_not_told_to_them(cast, api, role) -> None:
    """Table 1.9: where and since when."""
    stay = programs.enrollment(episodes.episode(people.client(cast.north)), programs.program(cast.north))
    path = f"enrollments/{stay.id}/"
    over = {"verb": "end", "data": {"end_reason": "client_left"}, "reason": "Voices at night."}
    moved = api(cast.therapist).post(f"{path}transitions/", over).json()

    row = api(cast.at_north[role]).get(f"{path}moves/").json()["results"][0]
    whole = api(cast.case_manager).get(f"{path}moves/").json()["results"][0]

    assert (row["to_stage"], row["reason"], row["given"], row["details_hidden"]) == ("ended", "", {}, True)
    assert (whole["reason"], whole["given"], whole["details_hidden"]) == (over["reason"], over["data"], False)
    assert "Voices" in str(moved)

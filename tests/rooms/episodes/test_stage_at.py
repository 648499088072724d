"""Where an episode stood at a moment, as it was known at a moment (F2), over HTTP."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from casemgmt.audit.models import AuditEvent
from casemgmt.clients.models import Client
from casemgmt.episodes.models import Episode, StageMove
from casemgmt.episodes.opening import open_episode
from casemgmt.episodes.services import MoveOrder, move_episode
from casemgmt.episodes.stages import Stage
from casemgmt.kernel import clock
from casemgmt.kernel.definition import definition_of
from tests.factories import readiness

DAY = timedelta(days=1)


@pytest.fixture
def episode(cast, travel):
    """Return an episode opened ten days before now, by the clock of the tests."""
    client: Client = readiness.ready_client(cast)
    opened = open_episode(client_id=client.id, source="self", reason="Asks.", actor=cast.case_manager)
    readiness.enroll_everywhere(opened, cast)
    travel(opened.opened_at + 10 * DAY)
    return opened


def wait(cast, episode: Episode, *, since: datetime) -> StageMove:
    order = MoveOrder("waitlist", readiness.told(cast, episode), "No place.", effective_at=since)
    return move_episode(episode_id=episode.id, order=order, actor=cast.case_manager)


def stage_at(api, actor, episode: Episode, **moments: datetime) -> dict[str, Any]:
    query = "&".join(f"{name}={moment:%Y-%m-%dT%H:%M:%S.%fZ}" for name, moment in moments.items())
    answer = api(actor).get(f"episodes/{episode.id}/stage/?{query}")
    assert answer.status_code == 200, answer.content
    return answer.json()  # type: ignore[no-any-return]


def test_a_late_entry_answers_differently_by_what_was_known(cast, api, episode) -> None:
    """F2: state as of a moment, and what was believed at a moment."""
    since = episode.opened_at + 4 * DAY
    yesterday, then = clock.now() - DAY, since + DAY

    row = wait(cast, episode, since=since)

    believed = stage_at(api, cast.case_manager, episode, as_of=then, known_at=yesterday)
    true = stage_at(api, cast.case_manager, episode, as_of=then)
    assert (believed["stage"], true["stage"], true["move"]) == ("intake", "waitlist", row.seq)
    assert stage_at(api, cast.case_manager, episode, as_of=since - DAY)["stage"] == "intake"


def test_without_moments_it_is_the_stage_of_now(cast, api, episode) -> None:
    """F2: both default to now."""
    wait(cast, episode, since=clock.now() - DAY)

    found = stage_at(api, cast.case_manager, episode)

    assert (found["stage"], found["held_stage"]) == ("waitlist", "")
    assert found["as_of"] == found["known_at"]
    assert AuditEvent.objects.filter(action="episode.stage_read", object_id=episode.id).count() == 1


@pytest.mark.parametrize("moment", ["as_of", "known_at"])
def test_before_the_beginning_there_is_no_stage(cast, api, episode, moment) -> None:
    """F2: a clear answer, not an absence."""
    found = stage_at(api, cast.case_manager, episode, **{moment: episode.opened_at - DAY})

    assert (found["stage"], found["held_stage"], found["since"], found["move"]) == (None, "", None, None)


def test_a_hold_tells_what_it_resumes_to(cast, api) -> None:
    """F2, T11."""
    held = readiness.ready_episode(cast, stage=Stage.ON_HOLD, held=Stage.IOP)

    found = stage_at(api, cast.case_manager, held)

    assert (found["stage"], found["held_stage"]) == ("on_hold", "iop")


def test_a_correction_changes_what_held_and_not_what_was_believed(cast, api, travel, episode) -> None:
    """F2, T20."""
    row = wait(cast, episode, since=clock.now() - 2 * DAY)
    before = clock.now()
    travel(before + DAY)
    body = {"move": row.seq, "reason": "Another client.", "entered_in_error": True}

    assert api(cast.supervisor).post(f"episodes/{episode.id}/corrections/", body).status_code == 201

    believed = stage_at(api, cast.case_manager, episode, as_of=before, known_at=before)
    assert (believed["stage"], believed["move"]) == ("waitlist", row.seq)
    assert stage_at(api, cast.case_manager, episode, as_of=before)["stage"] == "intake"


def test_strangers_and_odd_moments_are_refused(cast, api, episode) -> None:
    """P2-06: another organization sees nothing."""
    path = f"episodes/{episode.id}/stage/"

    assert api(cast.outsider).get(path).status_code == 404
    assert api(None).get(path).status_code == 401
    assert api(cast.case_manager).get(f"{path}?as_of=yesterday").status_code == 400
    assert api(cast.case_manager).get(f"{path}?when=now").status_code == 400


def test_a_row_tells_who_in_which_roles_for_whom_and_by_which_table(cast, api, episode) -> None:
    """F2: actor, roles, on whose behalf, reason, both moments, definition, request."""
    asked = {"verb": "waitlist", "asked_by": "client", "reason": "Asks to wait.", "data": {}}
    told = {"wait_reason": "No place.", "target_service": "iop", "priority": "routine"}
    proposed = api(cast.case_manager).post(f"episodes/{episode.id}/proposals/", {**asked, "data": told})
    assert proposed.status_code == 201, proposed.content
    done = api(cast.case_manager).post(
        f"proposals/{proposed.json()['id']}/confirmations/", {}, X_Request_Id="req-of-the-test-0001"
    )
    assert done.status_code == 200, done.content

    newest = api(cast.case_manager).get(f"episodes/{episode.id}/moves/").json()["results"][0]

    assert (newest["actor_id"], newest["actor_roles"]) == (str(cast.case_manager.id), ["case_manager"])
    assert (newest["on_behalf_of"], newest["reason"]) == ("client", "Asks to wait.")
    assert newest["definition"] == definition_of(Episode)
    assert newest["at"] == newest["effective_at"]
    assert newest["request_id"] == StageMove.objects.latest("seq").request_id != ""
    assert StageMove.objects.latest("seq").facts["notice_delivered"] is True

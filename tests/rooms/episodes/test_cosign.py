"""Starting a step ahead of those who decide it, and the signature that follows (T8, T15)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from casemgmt.accounts.roles import Role
from casemgmt.episodes.cosigning import lapse_signatures, sign_move
from casemgmt.episodes.models import CoSignature, Episode, StageMove
from casemgmt.episodes.stages import Stage
from casemgmt.kernel import clock
from casemgmt.kernel.errors import NotPermitted
from casemgmt.outbox.models import OutboxEvent
from casemgmt.policies.services import set_number
from casemgmt.worklist.models import WorkItem
from tests.factories import readiness

DAY = timedelta(hours=24)


def counts() -> tuple[int, int, int, int]:
    return (
        StageMove.objects.count(),
        CoSignature.objects.count(),
        OutboxEvent.objects.count(),
        WorkItem.objects.open().count(),
    )


def open_items() -> list[tuple[str, str]]:
    found = WorkItem.objects.open().filter(kind__startswith="cosign").order_by("id")
    return list(found.values_list("kind", "role"))


@pytest.fixture
def episode(cast):
    return readiness.ready_episode(cast, stage=Stage.THERAPY)


@pytest.fixture
def asked(cast, api, episode):
    """A case manager stepped a client up into IOP ahead of the clinicians."""
    answer = api(cast.case_manager).post(f"episodes/{episode.id}/transitions/", ahead(cast, episode))
    assert answer.status_code == 201, answer.content
    return CoSignature.objects.get()


def ahead(cast, episode, **data):
    told = readiness.told(cast, episode) | {"expedite": True, "trigger": "symptom_rise"} | data
    return {"verb": "enter_iop", "data": told, "reason": "Sleeps on the street since Sunday."}


def stage_of(episode) -> str:
    return str(Episode.objects.get(pk=episode.id).stage)


def test_a_case_manager_goes_ahead_and_a_clinician_is_asked(cast, api, episode, asked) -> None:
    """T8: the stage has moved; the signature is due in 24 hours and on the clinicians' list."""
    move = StageMove.objects.get(verb="enter_iop")

    assert stage_of(episode) == "iop"
    assert (asked.move_id, asked.status, asked.roles) == (move.seq, "waiting", ["supervisor", "therapist"])
    assert asked.due_at - asked.asked_at == DAY
    assert (move.rule, move.actor_id, asked.started_by) == ("T8", cast.case_manager.id, cast.case_manager.id)
    assert open_items() == [("cosign_needed", "therapist")]
    listed = api(cast.therapist).get("co-signatures/?status=waiting").json()["results"]
    assert [(each["id"], each["rule"], each["to_stage"]) for each in listed] == [(str(asked.id), "T8", "iop")]
    assert listed[0]["move_reason"] == "Sleeps on the street since Sunday."


def test_the_list_of_transitions_says_who_signs(cast, api, episode) -> None:
    """T8: `needs_cosign` for who may go ahead, and only for them."""
    path = f"episodes/{episode.id}/transitions/"

    seen = {
        role: api(cast.at_north[role]).get(path).json()["transitions"]
        for role in (Role.CASE_MANAGER, Role.PEER_SPECIALIST)
    }

    option = next(each for each in seen[Role.CASE_MANAGER] if (each["verb"], each["rule"]) == ("enter_iop", "T8"))
    assert (option["status"], option["cosign"]) == ("needs_cosign", ["supervisor", "therapist"])
    peers = next(each for each in seen[Role.PEER_SPECIALIST] if (each["verb"], each["rule"]) == ("enter_iop", "T8"))
    assert peers["status"] == "needs_approval"


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"data": {"expedite": False}}, 403, "not_permitted"),
        ({"data": {"expedite": None}}, 400, "invalid"),
        ({"reason": "  "}, 400, "invalid"),
        ({"data": {"trigger": "return_to_use"}}, 400, "data_missing"),
    ],
)
def test_going_ahead_takes_saying_so_and_a_reason(cast, api, episode, change, status, code) -> None:
    """T8: without them nothing happens."""
    order, before = ahead(cast, episode), counts()
    order = {**order, **change, "data": {**order["data"], **change.get("data", {})}}

    refused = api(cast.case_manager).post(f"episodes/{episode.id}/transitions/", order)

    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert (counts(), stage_of(episode)) == (before, "therapy")


def test_guards_stand_against_who_goes_ahead_too(cast, api) -> None:
    """T8: ahead of a signature, not of the guards."""
    episode = readiness.ready_episode(cast, stage=Stage.AFTERCARE)
    episode.enrollments.filter(program__kind="iop").update(provider_id=None)
    before = counts()

    refused = api(cast.case_manager).post(f"episodes/{episode.id}/transitions/", ahead(cast, episode))

    assert refused.json()["code"] == "transition_blocked"
    assert (counts(), stage_of(episode)) == (before, "aftercare")


def test_a_clinician_who_decides_anyway_needs_nobody(cast, api, episode) -> None:
    """T8."""
    answer = api(cast.therapist).post(f"episodes/{episode.id}/transitions/", ahead(cast, episode))

    assert answer.status_code == 201
    assert (CoSignature.objects.count(), open_items()) == (0, [])


def test_a_clinician_signs(cast, api, episode, asked) -> None:
    """T8: once; the stage stays, the list is clear."""
    path = f"co-signatures/{asked.id}/signatures/"

    stale = api(cast.therapist).post(path, {"version": 7})
    signed = api(cast.therapist).post(path, {"version": 1})
    again = api(cast.supervisor).post(path)

    assert (stale.status_code, stale.json()["code"]) == (409, "stale_version")
    assert (signed.status_code, signed.json()["status"], signed["ETag"]) == (200, "signed", '"2"')
    assert (again.status_code, again.json()["code"]) == (409, "already_decided")
    asked.refresh_from_db()
    assert asked.decided_by == cast.therapist.id
    assert (open_items(), stage_of(episode)) == ([], "iop")


def test_who_started_does_not_sign_and_others_may_not(cast, api, asked) -> None:
    """T8: another person of a role that may decide, at the same organization."""
    path, before = f"co-signatures/{asked.id}/signatures/", counts()
    promoted = replace(cast.case_manager, roles=frozenset({Role.SUPERVISOR.value}))

    answers = {
        "case manager": api(cast.case_manager).post(path),
        "peer": api(cast.peer).post(path),
        "south": api(cast.at_south[Role.SUPERVISOR]).post(path),
        "outsider": api(cast.outsider).post(path),
        "read from outside": api(cast.outsider).get(f"co-signatures/{asked.id}/"),
    }
    with pytest.raises(NotPermitted):
        sign_move(signature_id=asked.id, version=None, actor=promoted)

    assert [each.status_code for each in answers.values()] == [403, 403, 404, 404, 404]
    assert answers["peer"].json()["who"] == ["supervisor", "therapist"]
    assert api(cast.outsider).get("co-signatures/").json()["results"] == []
    asked.refresh_from_db()
    assert (asked.status, counts()) == ("waiting", before)


def test_a_refusal_leaves_the_stage_and_makes_work(cast, api, episode, asked) -> None:
    """T8: to a task, not to the old stage."""
    path = f"co-signatures/{asked.id}/refusals/"

    without = api(cast.therapist).post(path)
    refused = api(cast.therapist).post(path, {"reason": "The level was 1.5."})

    assert without.status_code == 400
    assert (refused.status_code, refused.json()["status"], refused.json()["reason"]) == (
        200,
        "refused",
        "The level was 1.5.",
    )
    assert open_items() == [("cosign_lapsed", "therapist")]
    assert stage_of(episode) == "iop"
    assert StageMove.objects.filter(episode=episode).last().to_stage == "iop"


def test_what_nobody_signs_in_time_lapses_to_a_task(cast, api, travel, episode, asked) -> None:
    """T8, CLN-01: no clock moves anybody."""
    moves = StageMove.objects.count()
    assert lapse_signatures() == 0

    travel(asked.due_at + timedelta(seconds=1))
    rounds = [lapse_signatures(), lapse_signatures()]

    assert rounds == [1, 0]
    asked.refresh_from_db()
    assert (asked.status, asked.decided_by) == ("lapsed", None)
    assert open_items() == [("cosign_lapsed", "therapist")]
    assert (stage_of(episode), StageMove.objects.count()) == ("iop", moves)
    late = api(cast.therapist).post(f"co-signatures/{asked.id}/signatures/")
    assert (late.status_code, late.json()["code"]) == (409, "already_decided")


def test_nobody_is_asked_how_a_client_who_died_goes_on(cast, api, travel, episode, asked) -> None:
    """T8, T17: the signature lapses in silence."""
    order = {"verb": "record_death", "data": {"death_source": "family"}}
    assert api(cast.supervisor).post(f"episodes/{episode.id}/transitions/", order).status_code == 201

    travel(asked.due_at + timedelta(seconds=1))
    assert lapse_signatures() == 1

    asked.refresh_from_db()
    assert (asked.status, open_items(), stage_of(episode)) == ("lapsed", [], "deceased")


def test_the_organization_says_how_long_there_is_to_sign(cast, api, episode) -> None:
    """T8: the number is the organization's."""
    set_number(name="cosign_hours", value=4, reason="Night shift.", actor=cast.supervisor)

    api(cast.case_manager).post(f"episodes/{episode.id}/transitions/", ahead(cast, episode))

    asked = CoSignature.objects.get()
    assert asked.due_at - asked.asked_at == timedelta(hours=4)


def test_a_confirmed_proposal_is_carried_out_by_who_goes_ahead(cast, api, episode) -> None:
    """T8: a peer asks, the case manager goes ahead, a clinician signs."""
    made = api(cast.peer).post(
        f"episodes/{episode.id}/proposals/",
        {"verb": "enter_iop", "data": {"trigger": "request"}, "reason": "Asks for more days.", "asked_by": "client"},
    )
    assert made.status_code == 201, made.content

    done = api(cast.case_manager).post(f"proposals/{made.json()['id']}/confirmations/", {"data": {"expedite": True}})

    assert done.json()["proposal"]["status"] == "carried_out"
    assert CoSignature.objects.get().move_id == done.json()["move"]["seq"]
    assert (stage_of(episode), clock.now() < CoSignature.objects.get().due_at) == ("iop", True)

"""Drafting a referral: who may, to whom, once."""

from __future__ import annotations

import pytest

from casemgmt.accounts.roles import Role
from casemgmt.outbox.models import OutboxEvent
from casemgmt.worklist.models import WorkItem
from referrals.models import Referral, ReferralMove
from tests.factories import episodes, people, programs, referrals


@pytest.fixture
def case(cast):
    """Return a client of North and a therapy program of South."""
    return referrals.case(cast)


def body(case, **fields):
    return {"episode": str(case.episode.id), "program": str(case.program.id), "reason": "Asks for therapy", **fields}


def test_a_draft_names_both_sides_and_writes_the_first_ledger_row(case, api) -> None:
    answer = api(case.sender).post("referrals/", body(case, urgency="urgent", told={"level_of_care": "2.1"}))

    row = Referral.objects.get()
    move = ReferralMove.objects.get()
    assert (answer.status_code, answer.json()["stage"], answer["ETag"]) == (201, "draft", '"1"')
    assert (row.client_id, row.organization, row.receiver) == (case.client.id, case.cast.north, case.cast.south)
    assert (row.kind, row.urgency, row.told) == ("therapy", "urgent", {"level_of_care": "2.1"})
    assert (row.packet_sha256, row.sent_at) == ("", None)
    assert (move.from_stage, move.to_stage, move.verb) == ("", "draft", "draft")


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.ADMIN, Role.INTAKE)])
def test_who_may_draft_is_as_table_1_9_says(case, api, role) -> None:
    may = role is not Role.PRIVACY_OFFICER

    answer = api(case.cast.at_north[role]).post("referrals/", body(case))

    assert answer.status_code == (201 if may else 403)
    assert Referral.objects.count() == int(may)


def test_an_emergency_is_no_referral(case, api) -> None:
    answer = api(case.sender).post("referrals/", body(case, urgency="emergent"))

    assert (answer.status_code, answer.json()["code"]) == (422, "use_crisis_path")
    assert Referral.objects.count() == 0


def test_a_second_open_referral_to_the_program_is_refused_until_the_first_ended(case, api) -> None:
    web = api(case.sender)
    first = web.post("referrals/", body(case)).json()

    second = web.post("referrals/", body(case))
    elsewhere = web.post("referrals/", body(case, program=str(programs.program(case.cast.south).id)))
    case.move(first["id"], "cancel", case.sender, cancel_reason="other")
    third = web.post("referrals/", body(case))

    assert (second.status_code, second.json()["code"]) == (409, "duplicate_referral")
    assert (elsewhere.status_code, third.status_code) == (201, 201)
    assert Referral.objects.filter(program=case.program).count() == 2


def test_inside_one_organization_nobody_is_referred(case, api) -> None:
    own = programs.program(case.cast.north)

    answer = api(case.sender).post("referrals/", body(case, program=str(own.id)))

    assert (answer.status_code, answer.json()["code"]) == (400, "referral_within_organization")
    assert Referral.objects.count() == 0


def test_an_ended_episode_refers_nobody(case, api) -> None:
    ended = episodes.episode(people.client(case.cast.north, phone=None), stage=episodes.Stage.COMPLETED)

    answer = api(case.sender).post("referrals/", body(case, episode=str(ended.id)))

    assert (answer.status_code, answer.json()["code"]) == (409, "episode_ended")


def test_a_draft_is_edited_by_its_sender_only(case, api) -> None:
    draft = case.draft()
    path = f"referrals/{draft.id}/"

    edited = api(case.sender).patch(path, {"categories": ["identity", "reason"], "urgency": "urgent"}, If_Match='"1"')
    stale = api(case.sender).patch(path, {"reason": "x"}, If_Match='"1"')
    emergent = api(case.sender).patch(path, {"urgency": "emergent"}, If_Match='"2"')
    receiver = api(case.receiver).patch(path, {"reason": "x"}, If_Match='"2"')

    assert (edited.status_code, edited.json()["categories"], edited["ETag"]) == (200, ["identity", "reason"], '"2"')
    assert (stale.status_code, emergent.json()["code"], receiver.status_code) == (412, "use_crisis_path", 404)
    draft = Referral.objects.get(pk=draft.id)
    assert (draft.urgency, draft.reason, draft.version) == ("urgent", "Asks for weekly therapy", 2)


def test_what_was_sent_is_not_edited(case, api) -> None:
    sent = case.sent()

    by_sender = api(case.sender).patch(f"referrals/{sent.id}/", {"reason": "x"}, If_Match=f'"{sent.version}"')
    by_receiver = api(case.cast.at_south[Role.CASE_MANAGER]).patch(
        f"referrals/{sent.id}/", {"reason": "x"}, If_Match=f'"{sent.version}"'
    )

    assert (by_sender.status_code, by_sender.json()["code"]) == (409, "referral_not_draft")
    assert (by_receiver.status_code, by_receiver.json()["code"]) == (403, "not_your_side")


def test_the_receiver_learns_nothing_of_a_draft(case, api) -> None:
    draft = case.draft()
    web = api(case.receiver)

    assert web.get(f"referrals/{draft.id}/").status_code == 404
    assert web.get("referrals/?box=inbox").json()["results"] == []
    assert (WorkItem.objects.exclude(organization_id=case.cast.north.id).count(), OutboxEvent.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    "change",
    [{"told": {"counseling_notes": "x"}}, {"categories": ["x"]}, {"urgency": "soon"}, {"reason": ""}, {"x": 1}],
)
def test_nonsense_is_a_400(case, api, change) -> None:
    answer = api(case.sender).post("referrals/", body(case) | change)

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert Referral.objects.count() == 0

"""The receiver answers; the sender gets to know; the loop closes. Each side sets only what is its own (REF-08)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from casemgmt.access.models import Grant
from casemgmt.accounts.roles import Role
from casemgmt.consent.models import Disclosure
from casemgmt.episodes.models import StageProposal
from casemgmt.kernel import clock
from casemgmt.worklist.models import WorkItem
from referrals.models import Referral, ReferralMove
from tests.factories import referrals

DECLINE = {"verb": "decline", "data": {"decline_reason": "no_capacity", "declined_by": "receiver"}}


@pytest.fixture
def case(cast):
    """Return a client of North and a therapy program of South."""
    return referrals.case(cast)


def order(api, actor, referral, body):
    return api(actor).post(f"referrals/{referral.id}/transitions/", body)


def items(**fields) -> list[tuple[str, bool]]:
    rows = WorkItem.objects.filter(**fields).exclude(kind="referral_drafted").order_by("id")
    return [(row.kind, row.done_at is not None) for row in rows]


def test_accepting_proposes_the_stage_and_tells_the_sender(case, api) -> None:
    sent = case.sent()

    answer = order(api, case.receiver, sent, {"verb": "accept"})

    row = Referral.objects.get(pk=sent.id)
    assert (answer.status_code, answer.json()["from_stage"], answer.json()["to_stage"]) == (201, "sent", "accepted")
    assert row.acknowledged_at == row.answered_at == row.moved_at
    assert items(organization_id=case.cast.south.id) == [("referral_received", True), ("referral_to_schedule", False)]
    assert ("referral_answered", False) in items(organization_id=case.cast.north.id)
    proposal = StageProposal.objects.get()
    assert (proposal.verb, proposal.source_id, proposal.proposed_by_kind) == ("enter_therapy", sent.id, "system")
    assert case.episode.moves.count() == 1


def test_acknowledging_comes_first_or_with_the_answer(case, api) -> None:
    sent = case.sent()

    first = order(api, case.receiver, sent, {"verb": "acknowledge"})
    again = order(api, case.receiver, sent, {"verb": "acknowledge"})
    accepted = order(api, case.receiver, sent, {"verb": "accept"})

    assert (first.status_code, again.status_code, accepted.status_code) == (201, 409, 201)
    assert (again.json()["code"], again.json()["possible"]) == (
        "wrong_stage",
        ["request_info", "accept", "waitlist", "decline", "expire", "cancel", "enter_in_error", "stop"],
    )
    assert [move.to_stage for move in ReferralMove.objects.order_by("seq")] == [
        "draft",
        "sent",
        "acknowledged",
        "accepted",
    ]


def test_declining_names_reason_and_party_and_ends_sight_at_once(case, api) -> None:
    sent = case.sent()

    answer = order(api, case.receiver, sent, DECLINE)

    row = Referral.objects.get(pk=sent.id)
    assert (answer.status_code, row.stage, row.ended_reason, row.ended_by) == (
        201,
        "declined",
        "no_capacity",
        "receiver",
    )
    assert api(case.receiver).get(f"referrals/{sent.id}/").status_code == 404
    assert Grant.objects.get(source_id=sent.id).revoked_at is not None
    assert items(organization_id=case.cast.south.id) == [("referral_received", True)]
    assert items(organization_id=case.cast.north.id) == [("referral_reroute", False), ("referral_answered", False)]
    assert Disclosure.objects.filter(referral_id=sent.id).count() == 1
    assert StageProposal.objects.count() == 0


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ({}, "data_missing"),
        ({"decline_reason": "no_capacity"}, "data_missing"),
        ({"decline_reason": "dislike", "declined_by": "receiver"}, "invalid"),
        ({"decline_reason": "payer", "declined_by": "sender"}, "invalid"),
        ({"decline_reason": "payer", "declined_by": "client", "x": 1}, "invalid"),
    ],
)
def test_declining_without_a_coded_reason_is_refused(case, api, data, code) -> None:
    sent = case.sent()

    answer = order(api, case.receiver, sent, {"verb": "decline", "data": data})

    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert Referral.objects.get(pk=sent.id).stage == "sent"


def test_completing_closes_the_loop_and_sight_lasts_thirty_days(case, api, travel) -> None:
    accepted = case.started()

    answer = order(api, case.receiver, accepted, {"verb": "complete", "data": {"outcome": "enrolled"}})

    row = Referral.objects.get(pk=accepted.id)
    assert (answer.status_code, row.stage, row.ended_reason, row.ended_by) == (201, "completed", "enrolled", "receiver")
    assert Grant.objects.get(source_id=accepted.id).expires_at == row.ended_at + timedelta(days=30)
    assert api(case.receiver).get(f"referrals/{accepted.id}/").status_code == 200
    web = api(case.receiver)
    travel(row.ended_at + timedelta(days=30, seconds=1))
    assert web.get(f"referrals/{accepted.id}/").status_code == 404
    assert web.get("referrals/?box=inbox").json()["results"] == []


def test_each_side_sets_only_what_is_its_own(case, api) -> None:
    sent = case.sent()
    wrong = [
        (case.sender, {"verb": "acknowledge"}),
        (case.sender, {"verb": "accept"}),
        (case.sender, DECLINE),
        (case.sender, {"verb": "stop", "data": {}}),
        (case.cast.at_south[Role.SUPERVISOR], {"verb": "stop"}),
    ]

    for actor, body in wrong:
        answer = order(api, actor, sent, body)

        assert (answer.status_code, answer.json()["code"]) == (403, "not_your_side"), body
    assert Referral.objects.get(pk=sent.id).stage == "sent"
    assert order(api, case.receiver, sent, {"verb": "send"}).json()["code"] == "wrong_stage"


def test_the_senders_completion_is_not_the_receivers(case, api) -> None:
    accepted = case.accepted()

    answer = order(api, case.sender, accepted, {"verb": "complete", "data": {"outcome": "served"}})

    assert (answer.status_code, answer.json()["code"]) == (403, "not_your_side")


@pytest.mark.parametrize("stage", ["draft", "sent", "acknowledged", "accepted"])
def test_the_sender_takes_back_an_open_referral(case, api, stage) -> None:
    referral = case.draft() if stage == "draft" else case.sent()
    if stage in ("acknowledged", "accepted"):
        case.move(referral.id, {"acknowledged": "acknowledge", "accepted": "accept"}[stage], case.receiver)

    answer = order(api, case.sender, referral, {"verb": "cancel", "data": {"cancel_reason": "client_withdrew"}})

    row = Referral.objects.get(pk=referral.id)
    assert (answer.status_code, row.stage, row.ended_by) == (201, "cancelled", "client")
    assert not Grant.objects.filter(source_id=referral.id, revoked_at__isnull=True).exists()
    told = items(organization_id=case.cast.south.id)
    work = [("referral_received", True)] + ([("referral_to_schedule", True)] if stage == "accepted" else [])
    assert told == ([] if stage == "draft" else [*work, ("referral_stopped", False)])


def test_the_receiver_gives_an_accepted_referral_back(case, api) -> None:
    accepted = case.accepted()

    answer = order(
        api, case.receiver, accepted, {"verb": "cancel", "data": {"cancel_reason": "unable_to_serve"}, "reason": "fire"}
    )

    row = Referral.objects.get(pk=accepted.id)
    assert (answer.status_code, row.stage, row.ended_by, row.ended_reason) == (
        201,
        "cancelled",
        "receiver",
        "unable_to_serve",
    )
    assert api(case.receiver).get(f"referrals/{accepted.id}/").status_code == 404


@pytest.mark.parametrize("role", [Role.PEER_SPECIALIST, Role.HOUSE_MANAGER, Role.PRIVACY_OFFICER, Role.ADMIN])
def test_who_does_not_receive_referrals_sees_and_answers_none(case, api, role) -> None:
    sent = case.sent()

    answer = order(api, case.cast.at_south[role], sent, {"verb": "accept"})

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert Referral.objects.get(pk=sent.id).stage == "sent"


def test_a_stale_screen_moves_nothing(case, api) -> None:
    sent = case.sent()

    answer = order(api, case.receiver, sent, {"verb": "accept", "version": sent.version - 1})

    assert (answer.status_code, answer.json()["code"]) == (409, "stale_version")
    assert Referral.objects.get(pk=sent.id).stage == "sent"


def test_a_referral_is_not_moved_in_the_past(case, api) -> None:
    sent = case.sent()
    body = {"verb": "accept", "effective_at": (clock.now() - timedelta(days=1)).isoformat()}

    answer = order(api, case.receiver, sent, body)

    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["effective_at"])

"""When consent, client or episode end, what stood on them ends in the same transaction (REF-02, T17)."""

from __future__ import annotations

import pytest

from casemgmt.access.models import Grant
from casemgmt.audit.models import AuditEvent
from casemgmt.clients.services import record_death
from casemgmt.consent.models import Consent, Disclosure
from casemgmt.consent.services import Revocation, revoke_consent
from casemgmt.consent.words import RevocationChannel
from casemgmt.episodes.services import MoveOrder, move_episode
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import GuardsFailed
from casemgmt.worklist.models import WorkItem
from referrals.models import Referral, ReferralMove
from tests.factories import consent as consents
from tests.factories import people, programs, referrals


@pytest.fixture
def case(cast):
    """Return a client of North and a therapy program of South."""
    return referrals.case(cast)


def revoke(case, *, recipient=None) -> None:
    taken_back = Revocation(RevocationChannel.WRITTEN, recipient_id=recipient.id if recipient else None)
    revoke_consent(consent_id=Consent.objects.get().id, revocation=taken_back, version=None, actor=case.sender)


def end(case, verb="cancel", **given) -> None:
    order = MoveOrder(verb, given=given or {"cancel_reason": "withdrew"})
    move_episode(episode_id=case.episode.id, order=order, actor=case.cast.therapist)


@pytest.mark.parametrize("stage", ["sent", "acknowledged"])
def test_a_revoked_consent_cancels_what_waits_for_an_answer(case, api, stage) -> None:
    referral = case.sent()
    if stage == "acknowledged":
        case.move(referral.id, "acknowledge", case.receiver)

    revoke(case)

    row = Referral.objects.get(pk=referral.id)
    move = ReferralMove.objects.latest("seq")
    assert (row.stage, row.ended_reason, row.ended_by) == ("cancelled", "consent_ended", "system")
    assert (move.verb, move.rule, move.from_stage, move.actor_kind, move.actor_id) == (
        "stop",
        "REF-02",
        stage,
        "system",
        None,
    )
    assert api(case.receiver).get(f"referrals/{referral.id}/").status_code == 404
    assert Disclosure.objects.count() == 1
    assert AuditEvent.objects.filter(action="referral.stopped", actor_name="referral-ground").count() == 1


def test_the_receiver_is_told_to_stop_and_has_nothing_left_to_answer(case, api) -> None:
    referral = case.sent()

    revoke(case)

    (item,) = api(case.receiver).get("work-items/").json()["results"]
    assert (item["kind"], item["source_id"]) == ("referral_stopped", str(referral.id))
    assert WorkItem.objects.get(kind="referral_received").done_at is not None


def test_an_accepted_referral_goes_on_but_its_packet_is_shown_no_longer(case, api) -> None:
    referral = case.accepted()

    revoke(case)

    row = Referral.objects.get(pk=referral.id)
    assert (row.stage, ReferralMove.objects.latest("seq").verb) == ("accepted", "accept")
    assert api(case.receiver).get(f"referrals/{referral.id}/").status_code == 404
    assert WorkItem.objects.filter(organization_id=case.cast.south.id, kind="referral_stopped").count() == 1


def test_a_completed_referral_is_shown_no_longer_either(case, api) -> None:
    referral = case.started()
    case.move(referral.id, "complete", case.receiver, outcome="served")

    revoke(case)

    assert Referral.objects.get(pk=referral.id).stage == "completed"
    assert api(case.receiver).get(f"referrals/{referral.id}/").status_code == 404


def test_taking_back_another_recipient_stops_nothing_here(case, api) -> None:
    consents.consent(case.client, recipients=[case.cast.south, case.cast.east])
    referral = case.draft()
    case.move(referral.id, "send", case.sender)

    revoke(case, recipient=case.cast.east)
    assert Referral.objects.get(pk=referral.id).stage == "sent"

    revoke(case, recipient=case.cast.south)
    assert Referral.objects.get(pk=referral.id).stage == "cancelled"


def test_a_draft_that_relies_on_nothing_yet_stays(case) -> None:
    sent = case.sent()
    case.program = programs.program(case.cast.south)
    draft = case.draft()

    revoke(case)

    assert Referral.objects.get(pk=sent.id).stage == "cancelled"
    assert Referral.objects.get(pk=draft.id).stage == "draft"


@pytest.mark.parametrize("stage", ["draft", "sent", "accepted"])
def test_a_death_closes_every_open_referral(case, api, stage) -> None:
    referral = {"draft": case.draft, "sent": case.sent, "accepted": case.accepted}[stage]()
    other = referrals.case(case.cast, phone=None).sent()

    record_death(client_id=case.client.id, died_on=None, actor=Actor.system("import_fhir"))

    row = Referral.objects.get(pk=referral.id)
    assert (row.stage, row.ended_reason) == ("cancelled", "client_deceased")
    assert not Grant.objects.filter(source_id=referral.id, revoked_at__isnull=True).exists()
    assert Referral.objects.get(pk=other.id).stage == "sent"


def test_a_death_in_the_pathway_closes_them_too_and_once(case) -> None:
    referral = case.sent()

    end(case, "record_death", death_source="family")

    assert Referral.objects.get(pk=referral.id).ended_reason == "client_deceased"
    assert ReferralMove.objects.filter(referral=referral, verb="stop").count() == 1


def test_an_ended_episode_closes_what_it_still_asked_for(case) -> None:
    waiting = case.sent()
    case.program = programs.program(case.cast.south)
    draft = case.draft()

    end(case)

    rows = {row.id: (row.stage, row.ended_reason) for row in Referral.objects.all()}
    assert rows == {waiting.id: ("cancelled", "episode_ended"), draft.id: ("cancelled", "episode_ended")}


def test_an_ended_episode_leaves_what_was_accepted(case) -> None:
    accepted = case.accepted()

    end(case)

    assert Referral.objects.get(pk=accepted.id).stage == "accepted"


def test_a_move_that_does_not_end_the_episode_closes_nothing(case) -> None:
    sent = case.sent()
    consents.notice(case.client)

    end(case, "waitlist", wait_reason="full", target_service="iop", priority="routine")

    assert Referral.objects.get(pk=sent.id).stage == "sent"


def test_nobody_is_referred_after_death(case) -> None:
    referral = case.draft()
    people.Client.objects.filter(pk=case.client.id).update(deceased=True)
    consents.consent(case.client, recipients=[case.cast.south])
    with pytest.raises(GuardsFailed) as refused:
        case.move(referral.id, "send", case.sender)

    assert [each.code for each in refused.value.refusals] == ["client_deceased"]
    assert Disclosure.objects.count() == 0

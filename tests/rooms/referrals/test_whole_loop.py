"""A referral from the first lack of a consent to the end that both sides agree on (rules.md §9, F3)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from casemgmt.access.models import Grant
from casemgmt.consent.models import Consent, Disclosure
from casemgmt.consent.notices import STATEMENTS
from casemgmt.consent.packets import packet_hash
from casemgmt.consent.services import Revocation, activate_consent, record_consent, revoke_consent
from casemgmt.consent.words import RevocationChannel
from casemgmt.kernel import clock
from casemgmt.worklist.models import WorkItem
from programs.rules.kinds import Kind
from programs.services.enrollments import move_enrollment
from programs.services.steps import EnrollmentOrder
from referrals.models import Referral, ReferralMove, ReferralSupplement
from tests.factories import consent as consents
from tests.factories import programs, referrals

HOUR = timedelta(hours=1)


@pytest.fixture
def case(cast):
    """Return a client of North and a therapy program of South."""
    return referrals.case(cast)


def order(api, actor, referral, verb, **data):
    return api(actor).post(f"referrals/{referral.id}/transitions/", {"verb": verb, "data": data})


def stage(referral) -> str:
    return str(Referral.objects.get(pk=referral.id).stage)


def work(organization, *, done=False) -> list[str]:
    rows = WorkItem.objects.filter(organization_id=organization.id, done_at__isnull=not done)
    return sorted(rows.values_list("kind", flat=True))


def soon(**ahead) -> str:
    return (clock.now() + timedelta(**ahead)).isoformat()


def drafted_consent(case) -> Consent:
    form = consents.form(at=clock.now(), recipients=[case.cast.south])
    return record_consent(client_id=case.client.id, form=form, activate=False, actor=case.sender)


def test_a_draft_waits_for_its_consent_and_is_ready_the_moment_it_is_signed(case, api) -> None:
    draft, consent = case.draft(), drafted_consent(case)

    answer = order(api, case.cast.peer, draft, "await_consent")
    assert (answer.status_code, stage(draft)) == (201, "consent_pending")
    assert work(case.cast.north) == ["referral_consent"]
    activate_consent(consent_id=consent.id, version=None, actor=case.sender)

    move = ReferralMove.objects.latest("seq")
    assert (stage(draft), move.verb, move.actor_kind) == ("ready", "make_ready", "system")
    assert work(case.cast.north) == ["referral_ready"]
    assert not Disclosure.objects.exists()
    assert order(api, case.sender, draft, "send").status_code == 201
    assert work(case.cast.north) == []


def test_a_ready_referral_waits_again_when_its_consent_is_taken_back(case, api) -> None:
    """REF-02."""
    consent = consents.consent(case.client, recipients=[case.cast.south])
    draft = case.draft()
    assert order(api, case.sender, draft, "make_ready").status_code == 201

    revoke_consent(
        consent_id=consent.id, revocation=Revocation(RevocationChannel.WRITTEN), version=None, actor=case.sender
    )

    assert (stage(draft), ReferralMove.objects.latest("seq").rule) == ("consent_pending", "REF-02")
    assert order(api, case.sender, draft, "send").json()["code"] == "consent_revoked"
    assert not Disclosure.objects.exists()
    assert not Grant.objects.filter(source_id=draft.id).exists()


def test_a_question_is_answered_by_a_second_packet_that_a_consent_covers(case, api) -> None:
    """P2-20, P2-30: the answer is judged, carries the notice, and is accounted for like the packet."""
    sent = case.sent()
    assert order(api, case.receiver, sent, "request_info", question="What does she want to reach?").status_code == 201
    assert api(case.sender).get(f"referrals/{sent.id}/").json()["question"] == "What does she want to reach?"
    assert work(case.cast.north) == ["referral_question"]

    refused = order(api, case.sender, sent, "answer_info", told={"goals": "To sleep again"})
    empty = order(api, case.sender, sent, "answer_info", told={})

    assert (refused.status_code, refused.json()["code"]) == (422, "category_not_covered")
    assert (empty.status_code, empty.json()["code"]) == (400, "data_missing")
    assert (stage(sent), Disclosure.objects.count()) == ("info_requested", 1)
    answer = order(api, case.sender, sent, "answer_info", told={"risk_level": "low, as of today"})
    assert (answer.status_code, stage(sent)) == (201, "acknowledged")
    assert "told" not in answer.json()["given"]
    (told,) = api(case.receiver).get(f"referrals/{sent.id}/").json()["supplements"]
    assert told["packet"]["sections"] == {"risk_level": "low, as of today"}
    assert told["packet"]["notice"]["text"] == STATEMENTS[1]
    assert told["packet"]["consent_scope"]
    assert told["packet_sha256"] == packet_hash(told["packet"])
    row = ReferralSupplement.objects.get()
    assert (row.disclosure.packet_sha256, row.disclosure.categories) == (row.packet_sha256, ["risk_level"])
    assert Disclosure.objects.count() == 2
    assert Referral.objects.get(pk=sent.id).packet == sent.packet
    assert work(case.cast.south) == ["referral_received"]


@pytest.mark.parametrize("end", ["taken back", "taken back for one", "over"])
def test_an_answer_is_shown_no_longer_than_its_own_consent(case, api, travel, end) -> None:
    """REF-02, P2-18: the packet relies on one consent and goes on; the answer relied on another."""
    sent = case.sent()
    order(api, case.receiver, sent, "request_info", question="What does she want to reach?")
    later = clock.now() + timedelta(days=2)
    wider = consents.consent(
        sent.client, recipients=[case.cast.south, case.cast.north], info_categories=("goals",), expires_at=later
    )
    order(api, case.sender, sent, "answer_info", told={"goals": "To sleep again"})
    sender, receiver = api(case.sender), api(case.receiver)
    assert len(receiver.get(f"referrals/{sent.id}/").json()["supplements"]) == 1

    if end == "over":
        travel(later + HOUR)
    else:
        one = case.cast.south.id if end == "taken back for one" else None
        taken = Revocation(channel=RevocationChannel.WRITTEN, reason="", recipient_id=one)
        revoke_consent(consent_id=wider.id, revocation=taken, version=None, actor=case.sender)

    read = receiver.get(f"referrals/{sent.id}/").json()
    assert (read["supplements"], read["packet"]) == ([], sent.packet)
    assert len(sender.get(f"referrals/{sent.id}/").json()["supplements"]) == 1


def test_a_consent_taken_back_lets_no_answer_leave(case, api) -> None:
    sent = case.sent()
    order(api, case.receiver, sent, "request_info", question="And her goals?")
    Consent.objects.update(revoked_for=[case.cast.south.id])

    answer = order(api, case.sender, sent, "answer_info", told={"risk_level": "low"})

    assert (answer.status_code, answer.json()["code"]) == (422, "consent_revoked")
    assert not ReferralSupplement.objects.exists()


def test_from_acceptance_to_a_loop_that_both_sides_call_closed(case, api) -> None:
    taken = case.accepted()
    steps = [
        (case.sender, "schedule", {"appointment_at": soon(days=2)}),
        (case.receiver, "rebook", {"appointment_at": soon(days=3), "rebook_reason": "client_asked"}),
        (case.receiver, "start", {"first_visit_at": soon()}),
        (case.receiver, "hold", {"hold_reason": "hospital"}),
        (case.receiver, "resume", {}),
        (case.receiver, "complete", {"outcome": "served", "summary": "Twelve sessions; sleeps again."}),
    ]
    for actor, verb, data in steps:
        answer = order(api, actor, taken, verb, **data)
        assert answer.status_code == 201, (verb, answer.json())

    shown = api(case.sender).get(f"referrals/{taken.id}/").json()
    assert (shown["stage"], shown["returned_summary"]) == ("completed", "Twelve sessions; sleeps again.")
    assert shown["loop"] == {"state": "claimed", "sender_agrees": None, "receiver_agrees": True}
    assert "referral_summary" in work(case.cast.north)
    path = f"referrals/{taken.id}/confirmations/"
    no = api(case.sender).post(path, {"agrees": False, "outcome": "not_needed", "reason": "She never came back."})
    assert no.status_code == 201, no.json()
    assert api(case.receiver).get(f"referrals/{taken.id}/").json()["loop"]["state"] == "disputed"
    assert "referral_disputed" in work(case.cast.south)
    yes = api(case.sender).post(path, {"agrees": True})
    assert yes.status_code == 201
    assert api(case.receiver).get(f"referrals/{taken.id}/").json()["loop"]["state"] == "closed"
    assert not {"referral_summary", "referral_disputed"} & {*work(case.cast.north), *work(case.cast.south)}


def test_nobody_agrees_on_an_end_that_has_not_come_or_disagrees_without_a_word(case, api) -> None:
    started = case.started()
    path = f"referrals/{started.id}/confirmations/"

    early = api(case.sender).post(path, {"agrees": True})
    case.move(started.id, "complete", case.receiver, outcome="served")
    mute = api(case.sender).post(path, {"agrees": False})
    stranger = api(case.cast.outsider).post(path, {"agrees": True})
    peer = api(case.cast.peer).post(path, {"agrees": True})

    assert (early.status_code, early.json()["code"]) == (409, "referral_not_completed")
    assert (mute.status_code, list(mute.json()["fields"])) == (400, ["reason"])
    assert (stranger.status_code, peer.status_code) == (404, 403)
    assert api(case.sender).get(f"referrals/{started.id}/").json()["loop"]["state"] == "claimed"


def test_the_sender_closes_the_loop_only_on_the_clients_word(case, api) -> None:
    """REF-08."""
    started = case.started()

    without = order(api, case.sender, started, "complete", outcome="served", client_confirmed=False)
    with_it = order(api, case.sender, started, "complete", outcome="served", client_confirmed=True)

    assert (without.status_code, without.json()["failed_guards"][0]["code"]) == (409, "client_not_asked")
    row = Referral.objects.get(pk=started.id)
    assert (with_it.status_code, row.ended_by) == (201, "sender")


def test_who_did_not_come_is_offered_two_more_times_before_it_ends(case, api) -> None:
    """§9, failed."""
    taken = case.accepted()
    order(api, case.receiver, taken, "schedule", appointment_at=soon(days=1))
    for tries in range(2):
        early = order(api, case.receiver, taken, "fail", fail_reason="no_show")
        assert early.json()["failed_guards"][0]["code"] == "rebook_first", tries
        again = order(api, case.receiver, taken, "rebook", appointment_at=soon(days=2 + tries), rebook_reason="no_show")
        assert again.status_code == 201

    answer = order(api, case.sender, taken, "fail", fail_reason="no_show")

    row = Referral.objects.get(pk=taken.id)
    assert (answer.status_code, row.stage, row.ended_by, row.no_shows) == (201, "failed", "client", 2)
    assert "referral_outreach" in work(case.cast.north)


@pytest.mark.parametrize(
    ("verb", "data", "code"),
    [
        ("schedule", {"appointment_at": -HOUR}, "appointment_not_ahead"),
        ("schedule", {"appointment_at": timedelta(days=400)}, "appointment_not_ahead"),
        ("start", {"first_visit_at": HOUR}, "visit_not_over"),
        ("start", {"first_visit_at": timedelta(days=-3)}, "visit_not_over"),
        ("complete", {"outcome": "served"}, "visit_first"),
    ],
)
def test_a_time_that_cannot_be_is_refused(case, api, verb, data, code) -> None:
    taken = case.accepted()
    told = {name: soon(seconds=value.total_seconds()) if name != "outcome" else value for name, value in data.items()}

    answer = order(api, case.receiver, taken, verb, **told)

    assert (answer.status_code, answer.json()["failed_guards"][0]["code"]) == (409, code)
    assert stage(taken) == "accepted"


def test_a_client_who_waits_for_a_place_is_asked_after_and_may_still_be_taken(case, api) -> None:
    sent = case.sent()

    assert order(api, case.receiver, sent, "waitlist", estimate="2027-01-15").status_code == 201
    assert work(case.cast.south) == ["referral_reconfirm"]
    assert order(api, case.receiver, sent, "accept", contact_name="Ines").status_code == 201

    shown = api(case.sender).get(f"referrals/{sent.id}/").json()
    assert (shown["stage"], shown["contact_name"]) == ("accepted", "Ines")
    assert work(case.cast.south) == ["referral_to_schedule"]


@pytest.mark.parametrize("way", ["draft", "sent", "accepted", "declined"])
def test_a_mistake_is_marked_and_nothing_of_it_is_shown_any_longer(case, api, way) -> None:
    referral = {"draft": case.draft, "accepted": case.accepted}.get(way, case.sent)()
    if way == "declined":
        case.move(referral.id, "decline", case.receiver, decline_reason="payer", declined_by="receiver")

    answer = order(api, case.sender, referral, "enter_in_error", error_reason="wrong_client")

    row = Referral.objects.get(pk=referral.id)
    assert (answer.status_code, row.stage, row.ended_reason) == (201, "entered_in_error", "wrong_client")
    assert not Grant.objects.filter(source_id=referral.id, revoked_at__isnull=True).exists()
    assert Disclosure.objects.filter(referral_id=referral.id).exists() is (way != "draft")


def test_what_the_client_gets_elsewhere_is_asked_for_no_longer(case) -> None:
    """F3: a referral made moot is closed with its reason; what was taken goes on."""
    sent = case.sent()
    other = programs.program(case.cast.north, kind=Kind.THERAPY)
    programs.notice(case.client, case.cast.north)
    enrollment = programs.enrollment(case.episode, other, provider_id=case.cast.therapist.id)

    move_enrollment(enrollment_id=enrollment.id, order=EnrollmentOrder("activate"), actor=case.sender)

    row = Referral.objects.get(pk=sent.id)
    assert (row.stage, row.ended_reason, row.ended_by) == ("cancelled", "another_way", "system")


def test_each_side_reads_the_ledger_and_its_own_reasons(case, api) -> None:
    sent = case.sent()
    api(case.receiver).post(f"referrals/{sent.id}/transitions/", {"verb": "accept", "reason": "A place is free."})

    mine = api(case.receiver).get(f"referrals/{sent.id}/moves/").json()["results"]
    theirs = api(case.sender).get(f"referrals/{sent.id}/moves/").json()["results"]

    assert [row["verb"] for row in mine] == [row["verb"] for row in theirs] == ["accept", "send", "draft"]
    assert (mine[0]["reason"], theirs[0]["reason"]) == ("A place is free.", None)
    assert api(case.cast.outsider).get(f"referrals/{sent.id}/moves/").status_code == 404

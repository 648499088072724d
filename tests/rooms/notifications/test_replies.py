"""What clients text us, how it is understood, and what people get to do about it (SMS-60, CHK-04, CHK-05)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from casemgmt.accounts.roles import Role
from casemgmt.care_team.models import CareTeamMember
from casemgmt.safety.models import RiskAlert
from casemgmt.worklist.models import WorkItem
from notifications.models import CheckIn, InboundText, Message
from notifications.services.delivery import drain
from notifications.services.inbox import process_inbox
from tests.factories import notifications as make


@pytest.fixture
def asked(ada, gateway) -> CheckIn:
    message = make.message(ada)
    drain(gateway=gateway)
    return CheckIn.objects.get(pk=message.check_in_id)


def says(who: make.Texted, *bodies: str) -> None:
    for body in bodies:
        make.arrives(who.number, body)
    process_inbox()


def work() -> list[tuple[str, str, int]]:
    return list(WorkItem.objects.open().order_by("id").values_list("kind", "role", "priority"))


@pytest.mark.parametrize(
    ("body", "answer", "items"),
    [
        ("1", 1, []),
        ("good", 1, []),
        ("2", 2, [("reply_so_so", "case_manager", 2)]),
        ("3", 3, [("reply_call_me", "case_manager", 1)]),
        ("3 please call me", 3, [("reply_call_me", "case_manager", 1)]),
    ],
)
def test_an_answer_closes_its_check_in_and_gives_people_what_follows(ada, asked, body, answer, items) -> None:
    says(ada, body)

    asked.refresh_from_db()
    text = InboundText.objects.get()
    assert (asked.status, asked.answer, work()) == ("answered", answer, items)
    assert (text.client_id, text.check_in_id, text.understood_as) == (ada.client.id, asked.id, "answer")


@pytest.mark.parametrize(
    ("said_at", "due_at"),
    [
        (datetime(2026, 11, 24, 18, tzinfo=UTC), datetime(2026, 11, 24, 22, tzinfo=UTC)),  # noon: four in the afternoon
        (datetime(2026, 11, 24, 20, tzinfo=UTC), datetime(2026, 11, 25, 16, tzinfo=UTC)),  # two: ten the next morning
        (datetime(2026, 11, 26, 0, tzinfo=UTC), datetime(2026, 11, 27, 19, tzinfo=UTC)),  # before Thanksgiving: Friday
    ],
)
def test_a_call_is_due_within_four_office_hours(ada, asked, travel, said_at, due_at) -> None:
    travel(said_at)

    says(ada, "3")

    assert WorkItem.objects.get().due_at == due_at


def test_outside_office_hours_the_reply_says_when_somebody_gets_in_touch(ada, asked, gateway, travel) -> None:
    """CHK-07: in office hours a person answers, and no machine says so."""
    says(ada, "3")
    drain(gateway=gateway)
    assert len(gateway.sent) == 1  # the question

    travel(make.NOON + timedelta(hours=8))
    says(ada, "3")
    drain(gateway=gateway)
    assert [text.body[:40] for text in gateway.sent[1:]] == ["CareLine: Thanks. We are closed now and "]


def test_so_so_is_for_a_peer_of_the_team_and_for_a_clinician_under_a_high_alert(cast, ada, asked, travel) -> None:
    """CHK-07: whoever is a peer on the client's team is asked first; an open high alert makes it a clinician's."""
    CareTeamMember.objects.create(
        client=ada.client,
        organization=ada.client.organization,
        user_id=cast.peer.id,
        role=Role.PEER_SPECIALIST,
        started_on=make.NOON.date(),
    )
    says(ada, "3")
    assert work() == [("reply_call_me", "peer_specialist", 1)]

    says(ada, "3")
    assert RiskAlert.objects.get().severity == "high"
    assert ("reply_call_me", "therapist", 1) in work()


def test_a_crisis_is_answered_once_an_hour_and_in_the_client_s_language(ada, gateway, travel) -> None:
    """SMS-62, SMS-66: people are called each time; the machine does not converse."""
    ada.client.__class__.objects.update(language="es-MX")
    says(ada, "quiero morir", "quiero morir")
    drain(gateway=gateway)
    assert [text.body[:17] for text in gateway.sent] == ["Leemos su mensaje"]

    travel(make.NOON + timedelta(hours=1, seconds=1))
    says(ada, "no quiero vivir")
    drain(gateway=gateway)
    assert len(gateway.sent) == 2


def test_a_crisis_after_stop_is_not_answered_and_the_alert_says_that_only_a_call_helps(ada, gateway) -> None:
    """SMS-63."""
    says(ada, "STOP")
    says(ada, "I want to die")
    drain(gateway=gateway)

    assert gateway.sent == []
    assert RiskAlert.objects.get().call_only


def test_a_repeated_webhook_is_one_answer(ada, asked) -> None:
    receipt = make.arrives(ada.number, "3")
    process_inbox()
    process_inbox()

    assert receipt.__class__.objects.count() == InboundText.objects.count() == WorkItem.objects.count() == 1


def test_an_answer_goes_to_the_newest_open_check_in(ada, asked, gateway, travel) -> None:
    travel(make.NOON + timedelta(days=1))
    newer = make.message(ada, due_at=make.NOON + timedelta(days=1)).check_in
    drain(gateway=gateway)

    says(ada, "1")

    newer.refresh_from_db()
    asked.refresh_from_db()
    assert (newer.status, asked.status) == ("answered", "asked")


def test_a_check_in_that_was_not_texted_yet_is_not_answered(ada, asked) -> None:
    soon = make.NOON + timedelta(minutes=30)
    coming = make.check_in(ada, due_at=soon, slot=1, status="scheduled")
    make.message(ada, due_at=soon, check_in=coming)

    says(ada, "1")

    coming.refresh_from_db()
    assert (coming.status, CheckIn.objects.get(pk=asked.pk).status) == ("scheduled", "answered")


def test_an_answer_after_three_days_goes_to_a_person(ada, asked, travel) -> None:
    travel(make.NOON + timedelta(hours=72, seconds=1))

    says(ada, "1")

    asked.refresh_from_db()
    assert (asked.status, work()) == ("asked", [("reply_unparsed", "case_manager", 2)])


def test_a_wish_to_be_called_needs_no_check_in(ada) -> None:
    says(ada, "3")

    assert work() == [("reply_call_me", "case_manager", 1)]


def test_an_answer_settles_a_text_in_doubt(ada, asked) -> None:
    Message.objects.update(status="unknown", lease_until=make.NOON, sent_at=None)
    CheckIn.objects.update(status="scheduled")

    says(ada, "1")

    assert list(Message.objects.values_list("status", "reason")) == [("sent", "answered")]


def test_a_text_nobody_can_parse_is_read_by_a_person_and_says_so_once_a_day(ada, gateway, travel) -> None:
    says(ada, "my sister came by", "she left")
    drain(gateway=gateway)

    assert [text.body.split(",")[0] for text in gateway.sent] == ["CareLine: Thanks"]
    assert work() == [("reply_unparsed", "case_manager", 2)] * 2

    travel(make.NOON + timedelta(days=1, minutes=1))
    says(ada, "hello again")
    drain(gateway=gateway)
    assert len(gateway.sent) == 2


def test_help_is_answered_at_night_too(ada, gateway, travel) -> None:
    travel(make.NOON + timedelta(hours=12))

    says(ada, "HELP")
    drain(gateway=gateway)

    (text,) = gateway.sent
    assert text.body.startswith("CareLine: For help call +13165550199")
    assert work() == [("reply_unparsed", "case_manager", 2)]


def test_a_crisis_calls_a_clinician_now_and_silences_the_machine(ada, gateway) -> None:
    message = make.message(ada)

    says(ada, "I want to die")
    drain(gateway=gateway)

    message.refresh_from_db()
    item = WorkItem.objects.get(kind="reply_crisis")
    assert work() == [("reply_crisis", "therapist", 0), ("risk_alert", "supervisor", 0)]  # nobody is on call
    assert (item.due_at, item.client_id, item.source_id) == (make.NOON, ada.client.id, InboundText.objects.get().id)
    assert message.reason == "sms_frozen"
    (reply,) = gateway.sent
    assert reply.body.startswith("We got your message and are contacting on-call staff now.")


def test_a_crisis_raises_a_critical_alert_in_the_same_transaction(ada) -> None:
    """SMS-62: source, lexicon version and the name of what matched; the client's words stay where they are."""
    says(ada, "I can't do this, I want to die")

    alert, text = RiskAlert.objects.get(), InboundText.objects.get()
    assert (alert.severity, alert.source, alert.what, alert.source_id) == ("critical", "text", "crisis_text", text.id)
    assert (alert.client_id, alert.organization_id) == (ada.client.id, text.organization_id)
    assert (alert.term, alert.lexicon_version, alert.call_only) == ("want to die", "1", False)
    assert (alert.raised_at, alert.contact_due_at) == (make.NOON, make.NOON + timedelta(minutes=15))
    assert alert.nobody_on_call


def test_texts_stay_frozen_until_the_alert_is_closed_whatever_the_worklist_says(ada, gateway) -> None:
    """SMS-62: taking the work item off the list does not set the machine free."""
    says(ada, "I want to die")
    WorkItem.objects.filter(kind="reply_crisis").update(done_at=make.NOON)
    drain(gateway=gateway)  # the reply
    message = make.message(ada)

    drain(gateway=gateway)

    message.refresh_from_db()
    assert (message.reason, len(gateway.sent)) == ("sms_frozen", 1)


def test_asking_twice_within_a_day_to_be_called_is_a_high_alert_once(ada, travel) -> None:
    """SMS-61: 3 twice in 24 hours is high, not crisis; a third time is the same worry."""
    says(ada, "3")
    assert not RiskAlert.objects.exists()

    travel(make.NOON + timedelta(hours=23))
    says(ada, "3", "3")

    assert list(RiskAlert.objects.values_list("severity", "what", "term")) == [("high", "call_me_twice", "")]


def test_asking_again_after_a_day_is_no_alert(ada, travel) -> None:
    """SMS-61: within 24 hours only."""
    says(ada, "3")
    travel(make.NOON + timedelta(hours=24, minutes=1))

    says(ada, "3")

    assert not RiskAlert.objects.exists()


def test_a_crisis_and_a_stop_in_one_text_both_take_effect(ada) -> None:
    says(ada, "stop texting me, I want to die")

    ada.consent.refresh_from_db()
    text = InboundText.objects.get()
    assert (ada.consent.state, text.understood_as, text.opted_out) == ("opted_out", "crisis", True)
    assert ("reply_crisis", "therapist", 0) in work()
    assert RiskAlert.objects.get().call_only  # SMS-63: our reply would be blocked, a person calls


def test_a_shared_number_is_answered_by_a_person(ada, north, asked) -> None:
    make.texted(north, phone=ada.number)

    says(ada, "1")

    text = InboundText.objects.get()
    asked.refresh_from_db()
    assert (asked.status, text.client_id, text.unknown_sender) == ("asked", None, "")
    assert work() == [("reply_unparsed", "case_manager", 2)]
    assert WorkItem.objects.get().client_id is None


def test_a_stranger_s_crisis_reaches_somebody_with_the_number_to_call(north, gateway) -> None:
    make.arrives("+13165550177", "quiero morir")
    process_inbox()

    text = InboundText.objects.get()
    assert (text.contact_point, text.unknown_sender) == (None, "+13165550177")
    assert (work(), gateway.sent) == ([("reply_crisis", "therapist", 0), ("risk_alert", "supervisor", 0)], [])
    alert = RiskAlert.objects.get()
    assert (alert.client_id, alert.organization_id, alert.severity) == (None, north.id, "critical")


def test_an_unverified_number_is_valid_once_its_client_wrote_from_it(ada) -> None:
    ada.point.__class__.objects.update(status="unverified")

    says(ada, "hello")

    ada.point.refresh_from_db()
    assert ada.point.status == "valid"

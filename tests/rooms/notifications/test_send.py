"""Handing texts over: what goes, what does not, and what is written down either way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from casemgmt.clients.models import Client, ContactPoint, ContactStatus
from casemgmt.episodes.stages import Stage
from casemgmt.worklist.models import ItemKind, WorkItem
from notifications.gateways import ChannelRefused, NotSent, OutcomeUnknown, Rejected
from notifications.models import (
    AttemptOutcome,
    Channel,
    CheckInPlan,
    Message,
    TextingConsent,
    TextingConsentEvent,
)
from notifications.services.delivery import drain
from tests.factories import notifications as make


def outcome_of(message: Message) -> tuple[str, str]:
    message.refresh_from_db()
    return message.status, message.reason


def work() -> list[str]:
    return list(WorkItem.objects.open().order_by("id").values_list("kind", flat=True))


def test_a_due_check_in_goes_to_the_carrier_once(ada, gateway) -> None:
    message = make.message(ada)

    first, second = drain(gateway=gateway), drain(gateway=gateway)

    message.refresh_from_db()
    (text,) = gateway.sent
    assert (first, second) == (1, 0)
    assert (message.status, message.attempts, message.template_version) == ("sent", 1, "checkin.en.1")
    assert (text.to, text.attempt_id) == (ada.number, message.attempt_id)
    assert text.body.startswith("CareLine: How are you today?")
    assert text.status_callback == f"https://testserver/webhooks/sms/status/{message.attempt_id}/"
    assert message.provider_id == gateway.accepted[0].receipt.provider_id
    assert (message.check_in.status, work()) == ("asked", [])


def test_nothing_goes_before_it_is_due(ada, gateway) -> None:
    make.message(ada, due_at=make.NOON + timedelta(seconds=1))

    assert drain(gateway=gateway) == 0
    assert gateway.sent == []


def test_the_oldest_goes_first_and_no_more_than_asked_for(north, gateway) -> None:
    clients = [make.texted(north, phone=f"+1316555010{number}") for number in range(3)]
    for late, one in zip((1, 3, 2), clients, strict=True):
        make.message(one, due_at=make.NOON - timedelta(minutes=late))

    tried = drain(gateway=gateway, limit=2)

    assert tried == 2
    assert [text.to for text in gateway.sent] == [clients[1].number, clients[2].number]


def test_a_driver_that_is_told_to_stop_finishes_the_row_in_hand_and_no_more(north, gateway) -> None:
    for number in range(3):
        make.message(make.texted(north, phone=f"+1316555010{number}"))

    tried = drain(gateway=gateway, keep_on=lambda: not gateway.sent)

    assert (tried, len(gateway.sent)) == (1, 1)


def opted_out(ada) -> None:
    from notifications.models import CaptureChannel, ConsentEvent
    from notifications.services.texting_consent import Said, write_event

    write_event(
        ada.consent, said=Said(ConsentEvent.OPT_OUT, CaptureChannel.PHONE_CALL), at=make.NOON, actor=make.MACHINE
    )


def never_agreed(ada) -> None:
    TextingConsent.objects.filter(pk=ada.consent.pk).update(contact_point=other_number(ada))


def other_number(ada) -> ContactPoint:
    return ContactPoint.objects.create(client=ada.client, kind="phone", value="+13165550198")


REFUSALS = {
    "sms_opted_out": opted_out,
    "sms_no_consent": never_agreed,
    "client_deceased": lambda ada: Client.objects.filter(pk=ada.client.pk).update(deceased=True),
    "plan_not_active": lambda ada: CheckInPlan.objects.update(status="paused", reason="staff_decision"),
    "sms_number_invalid": lambda ada: ContactPoint.objects.filter(pk=ada.point.pk).update(status=ContactStatus.INVALID),
}


@pytest.mark.parametrize("code", REFUSALS)
def test_the_gate_is_asked_again_at_the_moment_of_sending(ada, gateway, code) -> None:
    message = make.message(ada)
    REFUSALS[code](ada)

    drain(gateway=gateway)

    assert outcome_of(message) == ("cancelled", code)
    assert (message.check_in.status, message.check_in.reason) == ("cancelled", code)
    assert gateway.sent == []
    assert AttemptOutcome.objects.get().outcome == "refused_by_gate"


@pytest.mark.parametrize(("stage", "code"), [(Stage.ON_HOLD, "episode_on_hold"), (Stage.COMPLETED, "episode_not_open")])
def test_a_check_in_of_an_episode_that_is_not_open_is_refused(north, gateway, stage, code) -> None:
    message = make.message(make.texted(north, stage=stage))

    drain(gateway=gateway)

    assert (outcome_of(message), gateway.sent) == (("cancelled", code), [])


def test_an_open_crisis_freezes_automated_texts(ada, gateway, cast) -> None:
    message = make.message(ada)
    WorkItem.objects.create(
        organization_id=cast.north.id,
        client_id=ada.client.id,
        kind=ItemKind.REPLY_CRISIS,
        role="therapist",
        due_at=make.NOON,
        source_type="inbound_text",
        source_id=ada.client.id,
    )

    drain(gateway=gateway)

    assert (outcome_of(message), gateway.sent) == (("cancelled", "sms_frozen"), [])


def test_a_second_check_in_on_one_day_is_refused(ada, gateway) -> None:
    first = make.message(ada, due_at=make.NOON - timedelta(minutes=2))
    second = make.message(ada, check_in=make.check_in(ada, slot=1, status="scheduled"))

    drain(gateway=gateway)

    assert [outcome_of(each) for each in (first, second)] == [("sent", ""), ("cancelled", "sms_cap_day")]
    assert len(gateway.sent) == 1


def test_a_fourth_check_in_in_one_week_is_refused(ada, gateway, travel) -> None:
    friday = datetime(2026, 11, 27, 18, tzinfo=UTC)
    for days in range(1, 4):
        at = friday - timedelta(days=days)
        make.message(ada, due_at=at, status="sent", sent_at=at, check_in=None)
    message = make.message(ada, due_at=friday)
    travel(friday)

    drain(gateway=gateway)

    assert (outcome_of(message), gateway.sent) == (("cancelled", "sms_cap_week"), [])


# Kansas keeps the default window, 9 to 20 o'clock; in late November Chicago is six hours behind UTC.
EDGES = [
    ("2026-11-24T14:59:59Z", "pending"),
    ("2026-11-24T15:00:00Z", "sent"),
    ("2026-11-25T01:59:59Z", "sent"),
    ("2026-11-25T02:00:00Z", "pending"),
]


@pytest.mark.parametrize(("moment", "status"), EDGES)
def test_quiet_hours_are_half_open(ada, gateway, travel, moment, status) -> None:
    at = datetime.fromisoformat(moment)
    message = make.message(ada, due_at=at)
    travel(at)

    drain(gateway=gateway)

    assert outcome_of(message) == (status, "")
    assert len(gateway.sent) == (status == "sent")


def test_a_text_put_off_by_quiet_hours_waits_for_the_opening_and_loses_no_try(ada, gateway, travel) -> None:
    evening = datetime(2026, 11, 25, 2, tzinfo=UTC)
    message = make.message(ada, due_at=evening)
    travel(evening)

    drain(gateway=gateway)

    message.refresh_from_db()
    assert (message.due_at, message.attempts) == (datetime(2026, 11, 25, 15, tzinfo=UTC), 0)
    assert gateway.sent == []


def test_a_text_that_is_too_late_expires_and_a_person_is_told(ada, gateway) -> None:
    message = make.message(ada, due_at=make.NOON - timedelta(hours=25))

    drain(gateway=gateway)

    assert outcome_of(message) == ("expired", "sms_too_late")
    assert (message.check_in.status, gateway.sent, work()) == ("expired", [], ["check_in_expired"])


def test_an_organization_without_what_its_texts_need_is_told(ada, gateway, north) -> None:
    north.sms_alias = ""
    north.save(update_fields=["sms_alias"])
    message = make.message(ada)

    drain(gateway=gateway)

    assert (outcome_of(message), work()) == (("failed", "wording_incomplete"), ["message_failed"])


def test_what_certainly_did_not_leave_us_is_tried_again_later(ada, gateway) -> None:
    message = make.message(ada)
    gateway.fail_next(NotSent("ConnectError"))

    drain(gateway=gateway)

    assert outcome_of(message) == ("pending", "")
    assert timedelta(seconds=12) <= message.due_at - make.NOON <= timedelta(seconds=18)
    assert (message.attempts, AttemptOutcome.objects.get().code) == (1, "ConnectError")


def test_the_carrier_s_wish_to_wait_is_respected(ada, gateway) -> None:
    message = make.message(ada)
    gateway.fail_next(NotSent("20429", retry_after=120))

    drain(gateway=gateway)

    message.refresh_from_db()
    assert message.due_at == make.NOON + timedelta(seconds=120)


def test_the_eighth_failure_is_the_last(ada, gateway) -> None:
    message = make.message(ada, attempts=7)
    gateway.fail_next(NotSent("ConnectError"))

    drain(gateway=gateway)

    assert (outcome_of(message), message.check_in.status) == (("failed", "attempts"), "failed")
    assert work() == ["message_failed"]


def test_an_outcome_nobody_knows_is_called_unknown_and_not_sent_again(ada, gateway) -> None:
    message = make.message(ada)
    gateway.fail_next(OutcomeUnknown("ReadTimeout"), accept=True)

    drain(gateway=gateway)
    drain(gateway=gateway)

    assert outcome_of(message) == ("unknown", "")
    assert message.lease_until == make.NOON + timedelta(seconds=5)
    assert (len(gateway.sent), message.check_in.status) == (1, "scheduled")


def test_the_carrier_s_block_is_an_opt_out(ada, gateway) -> None:
    message, later = make.message(ada), make.message(ada, check_in=None, due_at=make.NOON + timedelta(hours=1))
    gateway.fail_next(Rejected("21610"))

    drain(gateway=gateway)

    assert outcome_of(message) == ("cancelled", "sms_opted_out")
    assert outcome_of(later) == ("cancelled", "sms_opted_out")
    last = TextingConsentEvent.objects.latest("seq")
    assert (last.event, last.channel, last.state_after) == ("provider_block", "carrier", "opted_out")
    assert work() == ["texting_opted_out"]


@pytest.mark.parametrize(("code", "status"), [("21211", "invalid"), ("21614", "not_mobile")])
def test_a_number_that_takes_no_texts_is_marked_and_somebody_gets_a_new_one(ada, gateway, code, status) -> None:
    message = make.message(ada)
    gateway.fail_next(Rejected(code))

    drain(gateway=gateway)

    ada.point.refresh_from_db()
    assert outcome_of(message) == ("failed", f"carrier_{code}")
    assert (ada.point.status, work()) == (status, ["number_invalid"])


def test_any_other_refusal_of_the_text_fails_it(ada, gateway) -> None:
    message = make.message(ada)
    gateway.fail_next(Rejected("30009"))

    drain(gateway=gateway)

    assert (outcome_of(message), work()) == (("failed", "carrier_30009"), ["message_failed"])


def test_a_refusal_of_our_account_pauses_the_channel_and_costs_no_try(north, gateway, travel) -> None:
    first, second = (make.message(make.texted(north, phone=f"+1316555010{number}")) for number in range(2))
    gateway.fail_next(ChannelRefused("20003"))

    tried = drain(gateway=gateway)

    assert tried == 1
    assert Channel.objects.get().paused_until == make.NOON + timedelta(minutes=5)
    assert (outcome_of(first), first.attempts, outcome_of(second)) == (("pending", ""), 0, ("pending", ""))
    assert work() == ["channel_paused"]

    travel(make.NOON + timedelta(minutes=6))
    drain(gateway=gateway)
    assert len(gateway.sent) == 2


def test_a_gateway_that_breaks_leaves_the_message_claimed_and_spares_the_others(north, gateway) -> None:
    broken, fine = (make.message(make.texted(north, phone=f"+1316555010{number}")) for number in range(2))
    gateway.fail_next(RuntimeError("a mistake"))  # type: ignore[arg-type]

    drain(gateway=gateway)

    assert [outcome_of(each)[0] for each in (broken, fine)] == ["sending", "sent"]


def test_a_process_that_slept_after_its_locks_gives_the_message_back(ada, gateway, settings) -> None:
    settings.SMS_SEND_DEADLINE_SECONDS = -1
    message = make.message(ada)

    drain(gateway=gateway)

    assert (outcome_of(message), message.attempts, gateway.sent) == (("pending", ""), 0, [])

"""What each of the carrier's error codes makes us do, at the call and by callback (SMS-72)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from casemgmt.worklist.models import WorkItem
from notifications.gateways import Rejected
from notifications.models import Channel, CheckIn, Message
from notifications.services.delivery import drain
from notifications.services.inbox import process_inbox
from tests.factories import notifications as make

FAILED = ("failed", "carrier_{code}")
# Code: how the message stands, the kinds of work and whose, how the number stands, whether the channel is closed.
ROWS = {
    "21610": (("cancelled", "sms_opted_out"), {("texting_opted_out", "case_manager")}, "valid", False),
    "21211": (FAILED, {("number_invalid", "case_manager")}, "invalid", False),
    "21217": (FAILED, {("number_invalid", "case_manager")}, "invalid", False),
    "21614": (FAILED, {("number_invalid", "case_manager")}, "not_mobile", False),
    "21635": (FAILED, {("number_invalid", "case_manager")}, "not_mobile", False),
    "30006": (FAILED, {("number_invalid", "case_manager")}, "not_mobile", False),
    "21408": (FAILED, {("message_failed", "case_manager"), ("channel_paused", "admin")}, "valid", False),
    "21612": (FAILED, {("message_failed", "case_manager"), ("channel_paused", "admin")}, "valid", False),
    "30001": (("pending", ""), set(), "valid", False),
    "30002": (("pending", ""), {("channel_paused", "admin")}, "valid", True),
    "30003": (("pending", ""), set(), "valid", False),
    "30004": (FAILED, {("message_failed", "case_manager"), ("texting_opted_out", "case_manager")}, "valid", False),
    "30005": (FAILED, {("message_failed", "case_manager")}, "valid", False),
    "30007": (FAILED, {("message_failed", "case_manager"), ("channel_paused", "admin")}, "valid", False),
    "30008": (("pending", ""), set(), "valid", False),
    "30034": (("pending", ""), {("channel_paused", "admin")}, "valid", True),
    "57012": (FAILED, {("message_failed", "case_manager"), ("channel_paused", "admin")}, "valid", False),
}


def work() -> set[tuple[str, str]]:
    return set(WorkItem.objects.values_list("kind", "role"))


@pytest.mark.parametrize("code", ROWS)
def test_each_code_has_its_consequences(ada, gateway, code) -> None:
    (status, reason), kinds, number, closed = ROWS[code]
    message = make.message(ada)
    gateway.fail_next(Rejected(code))

    drain(gateway=gateway)

    message.refresh_from_db()
    ada.point.refresh_from_db()
    assert (message.status, message.reason) == (status, reason.format(code=code))
    assert (work(), ada.point.status) == (kinds, number)
    assert Channel.objects.filter(paused_until__gt=make.NOON).exists() == closed
    assert gateway.sent == []


def told(message: Message, status: str, **fields: str) -> None:
    """Let the carrier report about the message's present try."""
    message.refresh_from_db()
    fields = {"provider_id": message.provider_id or "", **fields}
    make.reported(message.attempt_id, status, **fields)
    process_inbox()
    message.refresh_from_db()


def sent(ada, gateway) -> Message:
    message = make.message(ada)
    drain(gateway=gateway)
    return message


def test_a_phone_that_was_off_is_tried_once_more_after_an_hour(ada, gateway, travel) -> None:
    message = sent(ada, gateway)

    told(message, "undelivered", error_code="30003")
    assert (message.status, message.due_at) == ("pending", make.NOON + timedelta(hours=1))

    travel(make.NOON + timedelta(hours=1))
    drain(gateway=gateway)
    assert len(gateway.sent) == 2
    told(message, "undelivered", error_code="30003")

    assert (message.status, message.reason) == ("undelivered", "carrier_30003")
    assert (work(), CheckIn.objects.get().status) == ({("message_failed", "case_manager")}, "failed")
    travel(make.NOON + timedelta(hours=3))
    assert drain(gateway=gateway) == 0


def test_a_late_word_of_the_first_try_does_not_hide_that_it_came_to_nothing(ada, gateway) -> None:
    message = sent(ada, gateway)
    first = message.refresh_from_db() or (message.attempt_id, message.provider_id)
    told(message, "undelivered", error_code="30008")

    make.reported(first[0], "sent", provider_id=first[1])
    process_inbox()

    message.refresh_from_db()
    assert (message.status, message.resend_count) == ("pending", 1)


def test_a_first_try_that_arrived_after_all_is_not_repeated(ada, gateway, travel) -> None:
    """SMS-71: delivered beats a failure."""
    message = sent(ada, gateway)
    first = message.refresh_from_db() or (message.attempt_id, message.provider_id)
    told(message, "undelivered", error_code="30008")

    make.reported(first[0], "delivered", provider_id=first[1])
    process_inbox()
    travel(make.NOON + timedelta(hours=1))
    drain(gateway=gateway)

    message.refresh_from_db()
    assert (message.status, message.provider_id, len(gateway.sent)) == ("delivered", first[1], 1)


def test_nothing_is_repeated_that_would_come_too_late(ada, gateway) -> None:
    message = make.message(ada, not_after=make.NOON + timedelta(minutes=30))
    drain(gateway=gateway)

    told(message, "undelivered", error_code="30003")

    assert (message.status, message.reason) == ("undelivered", "carrier_30003")


def test_a_handset_unknown_twice_in_a_week_is_no_number(ada, gateway, travel) -> None:
    told(sent(ada, gateway), "undelivered", error_code="30005")
    ada.point.refresh_from_db()
    assert ada.point.status == "valid"

    travel(make.NOON + timedelta(days=2))
    second = make.message(ada)
    drain(gateway=gateway)
    told(second, "undelivered", error_code="30005")

    ada.point.refresh_from_db()
    assert ada.point.status == "invalid"
    assert ("number_invalid", "case_manager") in work()


def test_an_account_suspended_by_callback_stops_the_queue(ada, north, gateway) -> None:
    message = sent(ada, gateway)
    told(message, "failed", error_code="30002")
    make.message(make.texted(north, phone="+13165550300"))

    assert drain(gateway=gateway) == 0

    assert (message.status, message.reason) == ("failed", "carrier_30002")
    assert ("channel_paused", "admin") in work()


def test_failures_of_the_carrier_are_not_silences_of_the_client(ada, gateway) -> None:
    """SMS-72, last line: a check-in that did not arrive was not missed."""
    told(sent(ada, gateway), "undelivered", error_code="30007")

    assert CheckIn.objects.get().status == "failed"

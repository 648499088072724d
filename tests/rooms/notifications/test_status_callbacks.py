"""What the carrier reports: in any order, any number of times, never backwards (SMS-71)."""

from __future__ import annotations

from itertools import permutations

import pytest

from casemgmt.worklist.models import WorkItem
from notifications.models import Message, Receipt, TextingConsent
from notifications.services.delivery import claim_next, drain
from notifications.services.inbox import process_inbox
from tests.factories import notifications as make


@pytest.fixture
def sent(ada, gateway) -> Message:
    make.message(ada)
    drain(gateway=gateway)
    return Message.objects.get()


def tell(message: Message, *words: str, error_code: str = "") -> Message:
    for word in words:
        make.reported(message.attempt_id, word, provider_id=message.provider_id or "SM1", error_code=error_code)
    process_inbox()
    message.refresh_from_db()
    return message


@pytest.mark.parametrize("order", list(permutations(["queued", "sending", "sent", "delivered"])))
def test_any_order_ends_at_delivered(sent, order) -> None:
    assert tell(sent, *order, *order).status == "delivered"
    assert Receipt.objects.filter(processed_at__isnull=True).count() == 0


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("undelivered", "sent"), "undelivered"),
        (("undelivered", "failed"), "undelivered"),
        (("failed", "delivered"), "delivered"),
        (("delivered", "undelivered"), "delivered"),
        (("read", "sent"), "delivered"),
        (("canceled",), "failed"),
    ],
)
def test_ends_do_not_change_but_delivery_beats_failure(sent, words, status) -> None:
    assert tell(sent, *words).status == status


def test_an_undelivered_text_is_work_for_a_person_until_it_turns_out_delivered(sent) -> None:
    tell(sent, "undelivered", error_code="30005")
    assert (sent.reason, sent.check_in.status) == ("carrier_30005", "failed")
    assert WorkItem.objects.open().get().kind == "message_failed"

    tell(sent, "delivered")
    assert (sent.check_in.status, WorkItem.objects.open().count()) == ("asked", 0)


@pytest.mark.parametrize(("code", "state"), [("21610", "opted_out"), ("30004", "opted_out"), ("30003", "opted_in")])
def test_an_error_code_may_be_an_opt_out(sent, ada, code, state) -> None:
    tell(sent, "undelivered", error_code=code)

    assert TextingConsent.objects.get(pk=ada.consent.pk).state == state


def test_a_report_may_come_before_we_know_ourselves(ada) -> None:
    message = make.message(ada)
    claim = claim_next()

    make.reported(claim.attempt_id, "delivered", provider_id="SM1")
    process_inbox()

    message.refresh_from_db()
    assert (message.status, message.provider_id) == ("delivered", "SM1")


def test_a_report_with_another_id_than_the_one_we_got_is_not_believed(sent) -> None:
    make.reported(sent.attempt_id, "failed", provider_id="SM-of-somebody-else")

    process_inbox()

    sent.refresh_from_db()
    assert (sent.status, Receipt.objects.get().note) == ("sent", "other_provider_id")


def test_a_report_for_a_try_we_never_made_is_put_aside(db) -> None:
    make.reported(make.ContactPoint().id, "delivered", provider_id="SM1")

    assert process_inbox() == 1
    assert Receipt.objects.get().note == "unknown_attempt"


def test_what_we_called_off_and_the_carrier_sent_is_noted(sent) -> None:
    Message.objects.update(status="cancelled", reason="sms_opted_out")

    tell(sent, "delivered")

    assert (sent.status, Receipt.objects.get().note) == ("cancelled", "delivered_but_cancelled")


def test_a_broken_receipt_waits_and_lets_the_others_pass(sent) -> None:
    Receipt.objects.create(dedupe_key="broken", kind="inbound", payload={})

    tell(sent, "delivered")

    broken = Receipt.objects.get(dedupe_key="broken")
    assert sent.status == "delivered"
    assert (broken.attempts, broken.note, broken.processed_at, broken.dead_at) == (1, "KeyError", None, None)
    assert broken.due_at > make.NOON

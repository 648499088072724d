"""Texts nobody knows about: found by evidence, sent once more only without any, ended honestly (reliability 4.6)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from casemgmt.worklist.models import WorkItem
from notifications.gateways import LookupFailed, OutcomeUnknown
from notifications.models import AttemptOutcome, Message
from notifications.services.delivery import claim_next, drain
from notifications.services.inbox import process_inbox
from notifications.services.reconciling import reconcile
from tests.factories import notifications as make

LATER = make.NOON + timedelta(seconds=6)  # the horizon of the tests is five seconds
LEASE_OVER = make.NOON + timedelta(seconds=31)


def status_of(message: Message) -> tuple[str, str]:
    message.refresh_from_db()
    return message.status, message.reason


def lost(ada, gateway, *, accepted: bool) -> Message:
    """A message whose hand-over ended in doubt."""
    message = make.message(ada)
    gateway.fail_next(OutcomeUnknown("ReadTimeout"), accept=accepted)
    drain(gateway=gateway)
    return message


def test_a_claim_whose_process_died_is_unknown_when_its_lease_is_over(ada, gateway, travel) -> None:
    message = make.message(ada)
    claim_next()

    reconcile(gateway=gateway)
    assert status_of(message) == ("sending", "")

    travel(LEASE_OVER)
    reconcile(gateway=gateway)
    assert status_of(message) == ("unknown", "")
    assert message.lease_until == LEASE_OVER + timedelta(seconds=5)


def test_nothing_is_concluded_before_the_horizon(ada, gateway) -> None:
    message = lost(ada, gateway, accepted=False)

    settled = reconcile(gateway=gateway)

    assert (settled, status_of(message)) == (0, ("unknown", ""))


def test_a_text_the_carrier_knows_counts_as_sent(ada, gateway, travel) -> None:
    message = lost(ada, gateway, accepted=True)
    travel(LATER)

    reconcile(gateway=gateway)
    drain(gateway=gateway)

    assert status_of(message) == ("sent", "")
    assert (message.provider_id, message.check_in.status) == (gateway.accepted[0].receipt.provider_id, "asked")
    assert (len(gateway.sent), AttemptOutcome.objects.latest("seq").outcome) == (1, "found")


def test_a_text_the_carrier_does_not_know_goes_once_more(ada, gateway, travel) -> None:
    message = lost(ada, gateway, accepted=False)
    travel(LATER)

    reconcile(gateway=gateway)
    assert (status_of(message), message.resend_count) == (("pending", ""), 1)

    drain(gateway=gateway)
    assert (status_of(message), len(gateway.sent)) == (("sent", ""), 1)


def test_a_text_in_doubt_twice_is_not_sent_a_third_time(ada, gateway, travel) -> None:
    message = lost(ada, gateway, accepted=False)
    travel(LATER)
    reconcile(gateway=gateway)
    gateway.fail_next(OutcomeUnknown("ReadTimeout"))
    drain(gateway=gateway)
    travel(LATER + timedelta(seconds=6))

    reconcile(gateway=gateway)

    assert status_of(message) == ("failed", "unconfirmed")
    assert message.check_in.status == "failed"
    assert WorkItem.objects.get().kind == "message_unconfirmed"


def test_a_resend_that_comes_after_an_opt_out_is_refused(ada, gateway, travel) -> None:
    message = lost(ada, gateway, accepted=False)
    make.arrives(ada.number, "STOP")
    process_inbox()
    travel(LATER)

    reconcile(gateway=gateway)
    drain(gateway=gateway)

    assert (status_of(message), gateway.sent) == (("cancelled", "sms_opted_out"), [])


def test_a_carrier_that_cannot_be_asked_is_no_evidence(ada, gateway, travel) -> None:
    message = lost(ada, gateway, accepted=True)
    gateway.fail_next_lookup(LookupFailed("http_500"))
    travel(LATER)

    settled = reconcile(gateway=gateway)

    assert (settled, status_of(message)) == (0, ("unknown", ""))
    assert message.lease_until > LATER


def test_too_late_to_send_again_is_said_honestly(ada, gateway, travel) -> None:
    message = lost(ada, gateway, accepted=False)
    Message.objects.update(not_after=make.NOON + timedelta(seconds=3))
    travel(LATER)

    reconcile(gateway=gateway)

    assert status_of(message) == ("failed", "unconfirmed")


def test_a_callback_on_its_way_is_read_before_the_carrier_is_asked(ada, gateway, travel) -> None:
    message = lost(ada, gateway, accepted=False)
    message.refresh_from_db()
    make.reported(message.attempt_id, "delivered", provider_id="SM1")
    travel(LATER)

    reconcile(gateway=gateway)
    assert status_of(message) == ("unknown", "")

    process_inbox()
    reconcile(gateway=gateway)
    assert (status_of(message), message.provider_id) == (("delivered", ""), "SM1")


def test_two_people_on_one_number_with_equal_words_keep_their_own(ada, north, gateway, travel) -> None:
    sibling = make.texted(north, phone=ada.number)
    sent = make.message(sibling)
    drain(gateway=gateway)
    message = lost(ada, gateway, accepted=False)
    travel(LATER)

    reconcile(gateway=gateway)

    assert (status_of(sent)[0], status_of(message)[0]) == ("sent", "pending")


@pytest.mark.parametrize(
    ("fields", "ending"),
    [
        ({"not_after": make.NOON - timedelta(seconds=1)}, ("expired", "sms_too_late")),
        ({"attempts": 8}, ("failed", "attempts")),
    ],
)
def test_what_waits_in_vain_is_ended(ada, gateway, fields, ending) -> None:
    message = make.message(ada, due_at=make.NOON + timedelta(hours=1), **fields)

    reconcile(gateway=gateway)

    assert status_of(message) == ending
    assert WorkItem.objects.count() == 1

"""kill -9 at every step of handing a text over: nothing is lost, nothing goes twice (house 4.6, F1, F8, F9)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from notifications.models import Attempt, AttemptOutcome, CheckIn, Message, Receipt, TextingConsent
from notifications.services.delivery import drain
from notifications.services.inbox import process_inbox
from notifications.services.materializing import materialize
from notifications.services.reconciling import reconcile
from tests.factories import notifications as make

LEASE_OVER = make.NOON + timedelta(seconds=40)
HORIZON_OVER = LEASE_OVER + timedelta(seconds=10)

# Where it dies -> how the row stands then, and how many texts the carrier has already.
POINTS = {
    "in_claim": ("pending", 0),
    "after_locks": ("sending", 0),
    "before_the_first_byte": ("sending", 0),
    "before_the_answer": ("sending", 1),
    "after_the_answer": ("sending", 1),
    "in_mark": ("sending", 1),
    "after_mark": ("sent", 1),
}


@pytest.mark.parametrize("point", POINTS)
def test_a_text_whose_sender_died_is_sent_once(ada, carrier, gateway, kill_at, travel, point) -> None:
    message = make.message(ada, due_at=make.NOON)
    if point == "before_the_answer":
        carrier.control("settings", accept_then_hang=1.0)

    kill_at(point)

    message.refresh_from_db()
    assert (message.status, len(carrier.lines("accepted"))) == POINTS[point]
    carrier.control("settings", accept_then_hang=0.0)
    for moment in (LEASE_OVER, HORIZON_OVER):
        travel(moment)
        reconcile(gateway=gateway)
        drain(gateway=gateway)

    message.refresh_from_db()
    (accepted,) = carrier.lines("accepted")
    assert message.status in ("sent", "delivered")  # the carrier's list may know more than its answer did
    assert message.provider_id == accepted["sid"]
    assert message.check_in.status == "asked"
    assert message.resend_count == (POINTS[point] == ("sending", 0))


def test_nothing_is_concluded_while_a_sender_may_still_live(ada, carrier, gateway, kill_at) -> None:
    message = make.message(ada, due_at=make.NOON)
    kill_at("before_the_first_byte")

    reconcile(gateway=gateway)
    drain(gateway=gateway)

    message.refresh_from_db()
    assert (message.status, carrier.lines("accepted")) == ("sending", [])


def test_a_text_in_doubt_is_not_sent_again_after_a_stop(ada, carrier, gateway, kill_at, travel) -> None:
    message = make.message(ada, due_at=make.NOON)
    kill_at("before_the_first_byte")
    make.arrives(ada.number, "STOP")
    process_inbox()

    for moment in (LEASE_OVER, HORIZON_OVER):
        travel(moment)
        reconcile(gateway=gateway)
        drain(gateway=gateway)

    message.refresh_from_db()
    assert (message.status, message.reason) == ("cancelled", "sms_opted_out")
    assert carrier.lines("accepted") == []


def test_a_stop_whose_reader_died_takes_effect_with_the_next(ada, kill_at) -> None:
    message = make.message(ada, due_at=make.NOON)
    make.arrives(ada.number, "STOP")

    kill_at("in_stop")
    assert TextingConsent.objects.get().state == "opted_in"
    assert Receipt.objects.get().processed_at is None

    process_inbox()
    message.refresh_from_db()
    assert (TextingConsent.objects.get().state, message.reason) == ("opted_out", "sms_opted_out")


def test_a_plan_whose_materializer_died_has_its_check_ins_once(ada, kill_at) -> None:
    make.plan(ada, times=[(make.NOON - timedelta(hours=5, minutes=40)).time()])  # 12:20 in Chicago

    kill_at("in_materialize")
    assert (CheckIn.objects.count(), Message.objects.count()) == (2, 0)

    materialize()
    materialize()
    assert (CheckIn.objects.count(), Message.objects.count()) == (2, 1)


def test_every_try_leaves_a_trace(ada, gateway, kill_at, travel) -> None:
    make.message(ada, due_at=make.NOON)
    kill_at("before_the_first_byte")
    for moment in (LEASE_OVER, HORIZON_OVER):
        travel(moment)
        reconcile(gateway=gateway)
        drain(gateway=gateway)

    assert Attempt.objects.count() == 2
    assert list(AttemptOutcome.objects.order_by("seq").values_list("outcome", flat=True)) == ["not_found", "accepted"]

"""What no webhook brought is read from the carrier's list: every reply present, once (F18, R9)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from notifications.gateways import LookupFailed, MemoryGateway
from notifications.models import Channel, InboundText, Receipt, TextingConsent
from notifications.services.inbox import process_inbox
from notifications.services.polling import poll_inbound
from tests.factories import notifications as make


def test_a_blackout_of_twenty_minutes_loses_no_reply_and_doubles_none(north, gateway, travel, ada) -> None:
    people = [make.texted(north, phone=f"+1316555030{number}") for number in range(6)]
    written = [gateway.receive(sender=each.number, to=make.OUR_NUMBER, body="thanks") for each in people]
    for text in written[:2]:  # these webhooks came through
        payload = {"provider_id": text.provider_id, "sender": text.sender, "body": text.body}
        Receipt.objects.create(dedupe_key=f"inbound:{text.provider_id}", kind="inbound", payload=payload)

    assert poll_inbound(gateway=gateway) == 4
    process_inbox()
    travel(make.NOON + timedelta(minutes=11))
    assert poll_inbound(gateway=gateway) == 0
    process_inbox()

    assert InboundText.objects.count() == 6
    assert sorted(InboundText.objects.values_list("client_id", flat=True)) == sorted(each.client.id for each in people)


def test_a_stop_that_came_by_the_list_counts(ada, gateway) -> None:
    gateway.receive(sender=ada.number, to=make.OUR_NUMBER, body="STOP")

    poll_inbound(gateway=gateway)
    process_inbox()

    assert TextingConsent.objects.get(pk=ada.consent.pk).state == "opted_out"


def test_a_webhook_after_the_list_is_a_repeat(ada, gateway) -> None:
    text = gateway.receive(sender=ada.number, to=make.OUR_NUMBER, body="thanks")
    poll_inbound(gateway=gateway)

    late = Receipt(dedupe_key=f"inbound:{text.provider_id}", kind="inbound", payload={})
    Receipt.objects.bulk_create([late], ignore_conflicts=True)

    assert Receipt.objects.count() == 1


def test_one_look_in_ten_minutes_is_enough_however_many_drivers_there_are(ada, gateway) -> None:
    poll_inbound(gateway=gateway)
    gateway.receive(sender=ada.number, to=make.OUR_NUMBER, body="thanks")

    assert poll_inbound(gateway=gateway) == 0
    assert Receipt.objects.count() == 0


def test_a_list_that_cannot_be_read_leaves_the_mark_where_it_was(ada, gateway, travel) -> None:
    gateway.receive(sender=ada.number, to=make.OUR_NUMBER, body="thanks")
    gateway.fail_next_lookup(LookupFailed("timeout"))

    assert poll_inbound(gateway=gateway) == 0
    assert Channel.objects.get().heard_until is None

    travel(make.NOON + timedelta(minutes=11))
    assert poll_inbound(gateway=gateway) == 1
    assert Channel.objects.get().heard_until >= make.NOON + timedelta(minutes=11)


class Asked(MemoryGateway):
    """Remembers from when on it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.since: list[object] = []

    def find_inbound(self, since):
        self.since.append(since)
        return super().find_inbound(since)


def test_the_list_is_read_from_a_little_before_the_mark_by_the_carrier_s_clock(ada, travel) -> None:
    gateway = Asked()
    poll_inbound(gateway=gateway)
    travel(make.NOON + timedelta(minutes=11))
    poll_inbound(gateway=gateway)

    first, second = gateway.since
    assert timedelta(hours=23) < second - first < timedelta(hours=24)


@pytest.mark.parametrize("body", ["a\x00b", "x" * 5000])
def test_a_text_that_cannot_be_stored_as_it_is_does_not_stop_the_others(ada, gateway, body) -> None:
    gateway.receive(sender=ada.number, to=make.OUR_NUMBER, body=body)
    gateway.receive(sender=ada.number, to=make.OUR_NUMBER, body="thanks")

    assert poll_inbound(gateway=gateway) == 2
    assert process_inbox() == 2

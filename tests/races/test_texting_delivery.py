"""Many senders, drivers and callbacks at once: every text once, none twice (F1, F6, F17)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import time as clock_time
from datetime import timedelta
from itertools import count
from threading import Barrier
from typing import Any

import pytest
from django.db import connections, transaction

from casemgmt.kernel import clock
from notifications.gateways import MemoryGateway, NotSent, Outbound, Receipt
from notifications.gateways.contract import BeforeWrite
from notifications.models import Attempt, Channel, CheckIn, InboundText, Message
from notifications.models import Receipt as Callback
from notifications.services.delivery import claim_next, drain, hand_over
from notifications.services.inbox import process_inbox
from notifications.services.materializing import materialize
from tests.factories import notifications as make


def at_once(work: Callable[[], Any], *, threads: int) -> list[Any]:
    """Run `work` in many threads that start together."""
    barrier = Barrier(threads)

    def one(_: int) -> Any:
        try:
            barrier.wait()
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=threads) as pool:
        return list(pool.map(one, range(threads)))


@pytest.fixture
def noon(committed_db, travel, settings) -> None:
    """Noon in Chicago, and no rate that a fast machine could reach."""
    settings.SMS_PER_SECOND = settings.SMS_ORGANIZATION_PER_SECOND = 100_000.0
    travel(make.NOON)


@transaction.atomic
def clients(count: int) -> list[make.Texted]:
    north = make.organization()
    return [make.texted(north, phone=f"+1316555{number:04}") for number in range(count)]


def test_200_texts_by_20_senders_are_200_texts(noon) -> None:
    everybody = clients(200)
    for one in everybody:
        make.message(one)
    gateway = MemoryGateway()

    tried = at_once(lambda: drain(gateway=gateway, limit=200), threads=20)

    assert Counter(text.to for text in gateway.sent) == Counter(one.number for one in everybody)
    assert (sum(tried), Attempt.objects.count()) == (200, 200)
    assert set(Message.objects.values_list("status", "attempts")) == {("sent", 1)}


class Together(MemoryGateway):
    """Answers nobody until so many ask at once, once the first few were answered."""

    def __init__(self, *, alone: int, together: int) -> None:
        super().__init__()
        self._alone, self._barrier, self._calls = alone, Barrier(together), count()

    def send(self, outbound: Outbound, before_write: BeforeWrite) -> Receipt:
        if len(self.sent) >= self._alone:
            self._barrier.wait(timeout=60)
        return super().send(outbound, before_write)


def test_one_sender_hands_over_several_texts_at_once(noon, settings) -> None:
    """P5: most of a text's time is spent waiting for the carrier."""
    settings.SMS_IN_FLIGHT = 4
    everybody = clients(11)
    for one in everybody:
        make.message(one)
    gateway = Together(alone=3, together=4)

    tried = drain(gateway=gateway)

    assert (tried, Counter(text.to for text in gateway.sent)) == (11, Counter(one.number for one in everybody))
    assert set(Message.objects.values_list("status", flat=True)) == {"sent"}


@pytest.mark.parametrize(("limit", "rounds", "handed_over"), [(9, 100, 9), (2, 100, 2), (20, 6, 6), (20, 0, 0)])
def test_a_round_ends_when_it_should_however_many_are_in_flight(noon, settings, limit, rounds, handed_over) -> None:
    settings.SMS_IN_FLIGHT = 4
    for one in clients(20):
        make.message(one)
    gateway, left = MemoryGateway(), iter(range(rounds))

    tried = drain(gateway=gateway, limit=limit, keep_on=lambda: next(left, None) is not None)

    assert (tried, len(gateway.sent), Message.objects.pending().count()) == (handed_over, handed_over, 20 - handed_over)


class AwayTogether(Together):
    """Is away, and answers calls under way at the same moment."""

    def send(self, outbound: Outbound, before_write: BeforeWrite) -> Receipt:
        if self._alone <= next(self._calls) < self._alone + self._barrier.parties:
            self._barrier.wait(timeout=60)
        raise NotSent("ConnectError")


def test_calls_under_way_when_the_channel_closes_do_not_close_it_for_longer(noon, settings) -> None:
    """F12: the fifth silence closes it for 15 seconds, however many were in flight."""
    settings.SMS_IN_FLIGHT, settings.SMS_BREAKER_FAILURES, settings.SMS_BREAKER_SECONDS = 4, 5, 15
    for one in clients(12):
        make.message(one)

    drain(gateway=AwayTogether(alone=3, together=4))

    channel = Channel.objects.get()
    assert (channel.failures, channel.reason) == (5, "unreachable")
    assert channel.paused_until <= clock.now() + timedelta(seconds=15)


def test_a_text_that_breaks_a_thread_stops_no_other(noon, settings) -> None:
    """F20."""
    settings.SMS_IN_FLIGHT = 4
    everybody = clients(12)
    for one in everybody:
        make.message(one)
    poisoned = everybody[5].number

    class Poisoned(MemoryGateway):
        def send(self, outbound: Outbound, before_write: BeforeWrite) -> Receipt:
            if outbound.to == poisoned:
                raise RuntimeError
            return super().send(outbound, before_write)

    gateway = Poisoned()

    assert (drain(gateway=gateway), len(gateway.sent)) == (12, 11)
    assert Message.objects.get(status="sending").contact_point.value == poisoned


def test_two_check_ins_for_one_person_at_one_moment_are_one_text(noon) -> None:
    (ada,) = clients(1)
    for slot in range(2):
        make.message(ada, check_in=make.check_in(ada, slot=slot, status="scheduled"))
    gateway = MemoryGateway()

    at_once(lambda: drain(gateway=gateway, limit=1), threads=2)

    assert len(gateway.sent) == 1
    assert sorted(Message.objects.values_list("status", "reason")) == [("cancelled", "sms_cap_day"), ("sent", "")]


def test_one_claim_handed_over_twice_is_one_text(noon) -> None:
    (ada,) = clients(1)
    make.message(ada)
    claim = claim_next()
    gateway = MemoryGateway()

    at_once(lambda: hand_over(claim, gateway=gateway), threads=8)

    assert len(gateway.sent) == 1


def test_ten_readers_of_one_inbox_read_each_text_once(noon) -> None:
    everybody = clients(25)
    for one in everybody:
        make.arrives(one.number, "3")
        make.arrives(one.number, "hello")

    at_once(process_inbox, threads=10)

    assert (Callback.objects.filter(processed_at=None).count(), InboundText.objects.count()) == (0, 50)


def test_eight_drivers_make_each_check_in_once(noon) -> None:
    with transaction.atomic():
        for one in clients(30):
            make.plan(one, weekdays=[2, 4], times=[clock_time(12, 30)])

    at_once(materialize, threads=8)

    assert (CheckIn.objects.count(), Message.objects.count()) == (120, 30)
    assert set(Message.objects.values_list("check_in__status", flat=True)) == {"scheduled"}


def test_a_callback_that_overtakes_the_answer_waits_and_is_not_lost(noon, travel) -> None:
    (ada,) = clients(1)
    message = make.message(ada)

    class Quick(MemoryGateway):
        """Reports before it answers, as carriers do."""

        def send(self, outbound: Outbound, before_write: BeforeWrite) -> Receipt:
            receipt = super().send(outbound, before_write)
            with ThreadPoolExecutor(max_workers=1) as pool:
                pool.submit(self.report, outbound, receipt).result()
            return receipt

        def report(self, outbound: Outbound, receipt: Receipt) -> None:
            try:
                make.reported(outbound.attempt_id, "delivered", provider_id=receipt.provider_id)
                assert process_inbox() == 0
            finally:
                connections.close_all()

    drain(gateway=Quick())
    message.refresh_from_db()
    assert message.status == "sent"

    Callback.objects.update(due_at=make.NOON)
    process_inbox()
    message.refresh_from_db()
    assert message.status == "delivered"

"""STOP against a text that is just going out: before it or after it, never overtaken by it (F11)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from threading import Event
from typing import Any

import pytest
from django.db import connection, connections, transaction

from notifications.gateways import MemoryGateway, Outbound, Receipt
from notifications.gateways.contract import BeforeWrite
from notifications.lexicon_words import OPT_OUT
from notifications.models import Message, TextingConsent
from notifications.services.delivery import drain
from notifications.services.inbox import process_inbox
from tests.factories import notifications as make


class SlowGateway(MemoryGateway):
    """A carrier that takes the text only when told to."""

    def __init__(self) -> None:
        super().__init__()
        self.called, self.release = Event(), Event()

    def send(self, outbound: Outbound, before_write: BeforeWrite) -> Receipt:
        self.called.set()
        assert self.release.wait(4)
        return super().send(outbound, before_write)


@pytest.fixture
def ada(committed_db, travel) -> make.Texted:
    travel(make.NOON)
    with transaction.atomic():
        return make.texted(make.organization())


@pytest.fixture
def beside() -> Iterator[Callable[[Callable[[], Any]], Future[Any]]]:
    """Return `beside(work)`: run it in a thread with a connection of its own."""

    def run(work: Callable[[], Any]) -> Any:
        try:
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=4) as pool:
        yield lambda work: pool.submit(run, work)


def test_a_stop_waits_for_the_text_that_is_just_going_out_and_ends_the_rest(ada, beside) -> None:
    first = make.message(ada)
    waiting = make.message(ada, check_in=None, due_at=make.NOON + timedelta(hours=1))
    gateway = SlowGateway()
    sender = beside(lambda: drain(gateway=gateway, limit=1))
    assert gateway.called.wait(4)

    make.arrives(ada.number, "STOP")
    stop = beside(process_inbox)
    time.sleep(0.3)
    assert not stop.done()
    assert TextingConsent.objects.get().state == "opted_in"

    gateway.release.set()
    assert (sender.result(5), stop.result(5)) == (1, 1)
    first.refresh_from_db()
    waiting.refresh_from_db()
    assert TextingConsent.objects.get().state == "opted_out"
    assert (first.status, waiting.status, waiting.reason) == ("sent", "cancelled", "sms_opted_out")
    assert drain(gateway=gateway) == 0
    assert len(gateway.sent) == 1


def test_a_sender_waits_for_the_stop_that_is_just_being_written(ada, beside) -> None:
    message = make.message(ada)
    gateway = MemoryGateway()
    with transaction.atomic():
        TextingConsent.objects.all().hold_one(ada.point.id)
        sender = beside(lambda: drain(gateway=gateway))
        time.sleep(0.3)
        assert not sender.done()
        make.write_event(
            TextingConsent.objects.get(),
            said=make.Said(make.ConsentEvent.OPT_OUT, make.CaptureChannel.PHONE_CALL),
            at=make.NOON,
            actor=make.MACHINE,
        )
    sender.result(5)

    message.refresh_from_db()
    assert (message.reason, gateway.sent) == ("sms_opted_out", [])


def test_a_lock_that_lasts_too_long_gives_the_message_back(ada, beside) -> None:
    message = make.message(ada)
    gateway = MemoryGateway()

    def impatient() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '500ms'")
        return drain(gateway=gateway)

    with transaction.atomic():
        TextingConsent.objects.all().hold_one(ada.point.id)
        beside(impatient).result(30)

    message.refresh_from_db()
    assert (message.status, message.attempts, gateway.sent) == ("pending", 0, [])


def test_no_text_is_taken_after_the_opt_out_was_committed(committed_db, travel, beside) -> None:
    """40 people say STOP while four senders work: the carrier's clock against the clock of each commit."""
    travel(make.NOON)
    with transaction.atomic():
        north = make.organization()
        everybody = [make.texted(north, phone=f"+1316555{number:04}") for number in range(40)]
    for one in everybody:
        make.message(one)
    taken: dict[str, float] = {}
    stopped: dict[str, float] = {}

    class Watched(MemoryGateway):
        def send(self, outbound: Outbound, before_write: BeforeWrite) -> Receipt:
            taken[outbound.to] = time.monotonic()
            time.sleep(0.005)
            return super().send(outbound, before_write)

    def stop_everybody() -> None:
        for one in reversed(everybody):
            make.arrives(one.number, "STOP")
            process_inbox(limit=1)
            stopped[one.number] = time.monotonic()

    gateway = Watched()
    work = [beside(lambda: drain(gateway=gateway, limit=40)) for _ in range(3)] + [beside(stop_everybody)]
    for each in work:
        each.result(30)

    assert set(TextingConsent.objects.values_list("state", flat=True)) == {"opted_out"}
    assert [number for number, at in taken.items() if at > stopped[number]] == []
    assert set(Message.objects.values_list("status", flat=True)) <= {"sent", "cancelled"}
    assert Message.objects.filter(status="sent").count() == len(gateway.sent)


@pytest.mark.parametrize(
    "said", [*sorted(OPT_OUT), "stop texting me", "wrong number", "STOPP", "2, but stop", "ＳＴＯＰ"]
)
def test_said_in_any_spelling_while_a_text_goes_out_it_ends_the_rest(ada, beside, said) -> None:
    """SMS-20, SMS-21: nothing but what the carrier has already, and at most one confirmation."""
    make.message(ada)
    waiting = make.message(ada, check_in=None, due_at=make.NOON + timedelta(hours=1))
    gateway = SlowGateway()
    sender = beside(lambda: drain(gateway=gateway, limit=1))
    assert gateway.called.wait(20)
    make.arrives(ada.number, said)
    stop = beside(process_inbox)

    gateway.release.set()

    assert (sender.result(30), stop.result(30)) == (1, 1)
    waiting.refresh_from_db()
    assert (waiting.status, waiting.reason) == ("cancelled", "sms_opted_out")
    assert TextingConsent.objects.get().state == "opted_out"
    drain(gateway=gateway)
    assert [text.body[:10] for text in gateway.sent] == ["CareLine: "] * len(gateway.sent)
    asked = [text for text in gateway.sent if "You won't get any more" not in text.body]
    assert len(asked) == 1
    assert len(gateway.sent) <= 2

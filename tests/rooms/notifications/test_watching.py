"""R10: a part that stands still is told of once, and once more when it works again; nobody is named."""

from __future__ import annotations

from datetime import timedelta
from smtplib import SMTPServerDisconnected

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from casemgmt.kernel import clock
from casemgmt.management.ticks import TICKS, watch_parts
from casemgmt.outbox.heartbeat import JobHeartbeat, beat
from casemgmt.outbox.models import StoppedPart
from notifications.models import Message
from tests.factories import notifications as make

MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def operators(settings) -> None:
    settings.OPERATORS_EMAIL = ["ops@careline.example"]


def subjects() -> list[str]:
    return [letter.subject for letter in mail.outbox]


def test_a_driver_that_stopped_is_told_of_once_and_once_more_when_it_is_back(travel) -> None:
    beat("loop:send", progress=True)
    beat("celery:send", progress=True)
    assert watch_parts() == 0

    travel(make.NOON + 3 * MINUTE)
    beat("loop:send", progress=False)
    told = [watch_parts(), watch_parts()]
    beat("celery:send", progress=False)
    told += [watch_parts(), watch_parts()]

    assert told == [1, 0, 1, 0]
    assert subjects() == ["casemgmt stands still: celery:send", "casemgmt works again: celery:send"]
    assert mail.outbox[0].to == ["ops@careline.example"]
    row = StoppedPart.objects.get()
    assert (row.name, row.ended_at is not None, row.end_told_at is not None) == ("celery:send", True, True)


@pytest.mark.parametrize("tick", TICKS, ids=lambda tick: tick.name)
def test_every_tick_is_given_three_rounds_and_then_told_of(tick, travel, settings) -> None:
    patience = max(3 * getattr(settings, tick.interval), settings.HEARTBEAT_STALE_SECONDS)
    beat(f"celery:{tick.name}", progress=True)

    travel(make.NOON + timedelta(seconds=patience - 2))
    early = watch_parts()
    travel(make.NOON + timedelta(seconds=patience + 2))

    assert (early, watch_parts()) == (0, 1)


def test_it_is_told_again_when_it_stops_again(travel) -> None:
    for round_ in range(2):
        travel(make.NOON + round_ * 10 * MINUTE)
        beat("loop:send", progress=True)
        watch_parts()
        travel(make.NOON + (round_ * 10 + 4) * MINUTE)
        watch_parts()

    assert subjects().count("casemgmt stands still: loop:send") == 2


def test_a_driver_that_was_taken_away_is_forgotten(travel) -> None:
    beat("old:send", progress=True)
    travel(make.NOON + timedelta(days=8))

    assert watch_parts() == 0
    assert JobHeartbeat.objects.filter(name="old:send").exists()


def test_texts_that_nobody_sends_are_told_of_by_number_of_nothing(ada, travel) -> None:
    make.message(ada)
    travel(make.NOON + 4 * MINUTE)

    watch_parts()

    (letter,) = mail.outbox
    assert letter.subject == "casemgmt stands still: queue:texts"
    assert ada.number not in letter.body
    Message.objects.update(status="cancelled", reason="plan_ended")
    watch_parts()
    assert subjects()[-1] == "casemgmt works again: queue:texts"


def test_texts_that_wait_for_the_morning_or_had_a_try_stand_not_still(ada, travel) -> None:
    make.message(ada, due_at=make.NOON + timedelta(hours=9))
    make.message(ada, check_in=None, attempts=1)
    travel(make.NOON + 4 * MINUTE)

    assert watch_parts() == 0


def test_what_the_carrier_told_us_is_read_within_minutes(ada, travel) -> None:
    make.arrives(ada.number, "STOP")
    travel(make.NOON + 4 * MINUTE)

    watch_parts()

    assert subjects() == ["casemgmt stands still: queue:receipts"]
    assert "STOP" not in mail.outbox[0].body


def test_a_letter_that_could_not_go_is_written_again(monkeypatch, travel) -> None:
    beat("loop:send", progress=True)
    travel(make.NOON + 4 * MINUTE)

    def refuse(self, messages) -> int:
        raise SMTPServerDisconnected

    with monkeypatch.context() as broken:
        broken.setattr(EmailBackend, "send_messages", refuse)
        first = watch_parts()
    second = watch_parts()

    assert (first, second, subjects()) == (0, 1, ["casemgmt stands still: loop:send"])


def test_without_an_address_the_log_says_it(settings, travel, caplog) -> None:
    settings.OPERATORS_EMAIL = []
    beat("loop:send", progress=True)
    travel(clock.now() + 4 * MINUTE)

    assert watch_parts() == 0
    assert "part_stopped: loop:send" in caplog.text
    assert mail.outbox == []
    assert StoppedPart.objects.get().told_at is not None

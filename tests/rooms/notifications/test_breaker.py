"""A carrier that does not answer is left alone, tried with one text at a time, and nothing goes out late (F12)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from casemgmt.worklist.models import WorkItem
from notifications.gateways import NotSent, OutcomeUnknown, Rejected
from notifications.models import Channel, Message
from notifications.services.delivery import drain
from notifications.services.reconciling import end_overdue, reconcile
from tests.factories import notifications as make


@pytest.fixture
def eight(north, settings) -> list[Message]:
    """Eight clients who are due now, and a breaker that opens at the third silence, for 15 seconds at first."""
    settings.SMS_BREAKER_FAILURES, settings.SMS_BREAKER_SECONDS = 3, 15
    return [make.message(make.texted(north, phone=f"+1316555020{number}")) for number in range(8)]


def silence(gateway, times: int) -> None:
    for _ in range(times):
        gateway.fail_next(NotSent("ConnectError"))


def test_after_silences_in_a_row_nobody_calls(eight, gateway) -> None:
    silence(gateway, 8)

    assert drain(gateway=gateway) == 3
    assert drain(gateway=gateway) == 0

    channel = Channel.objects.get()
    assert (channel.failures, channel.reason) == (3, "unreachable")
    assert channel.paused_until == make.NOON + timedelta(seconds=15)


def test_one_text_tries_whether_it_is_back_and_costs_no_try(eight, gateway, travel) -> None:
    silence(gateway, 4)
    drain(gateway=gateway)
    travel(make.NOON + timedelta(seconds=16))

    assert drain(gateway=gateway) == 1

    channel = Channel.objects.get()
    assert channel.paused_until == make.NOON + timedelta(seconds=16 + 30)
    tried = sorted(Message.objects.values_list("attempts", flat=True))
    assert tried == [0, 0, 0, 0, 0, 1, 1, 1]
    assert gateway.sent == []


def test_the_first_answer_opens_it_for_everybody(eight, gateway, travel) -> None:
    silence(gateway, 3)
    drain(gateway=gateway)
    travel(make.NOON + timedelta(seconds=60))

    drain(gateway=gateway)

    assert len(gateway.sent) == 8
    channel = Channel.objects.get()
    assert (channel.failures, channel.paused_until, channel.reason) == (0, None, "")


def test_an_answer_in_between_begins_the_count_anew(eight, gateway) -> None:
    silence(gateway, 2)
    gateway.fail_next(Rejected("30007"))
    silence(gateway, 2)

    assert drain(gateway=gateway) == 8

    assert not Channel.objects.filter(paused_until__isnull=False).exists()


def test_a_request_to_slow_down_is_an_answer(eight, gateway) -> None:
    for _ in range(8):
        gateway.fail_next(NotSent("20429", retry_after=2))

    assert drain(gateway=gateway) == 8


def test_calls_of_unknown_outcome_count_too(eight, gateway) -> None:
    for _ in range(8):
        gateway.fail_next(OutcomeUnknown("timeout"))

    assert drain(gateway=gateway) == 3


def test_a_silent_carrier_is_not_asked_for_evidence(ada, gateway, settings, travel) -> None:
    settings.SMS_BREAKER_FAILURES = 1
    message = make.message(ada)
    gateway.fail_next(OutcomeUnknown("timeout"), accept=True)
    drain(gateway=gateway)
    travel(make.NOON + timedelta(seconds=10))

    reconcile(gateway=gateway)
    message.refresh_from_db()
    assert message.status == "unknown"

    travel(make.NOON + timedelta(minutes=10))
    reconcile(gateway=gateway)
    message.refresh_from_db()
    assert (message.status, len(gateway.sent)) == ("sent", 1)


def test_half_an_hour_without_a_carrier_calls_an_administrator_and_loses_nothing(eight, gateway, travel) -> None:
    silence(gateway, 100)
    calls = 0
    for seconds in range(0, 1800, 10):
        travel(make.NOON + timedelta(seconds=seconds))
        calls += drain(gateway=gateway)
        end_overdue()

    assert calls <= 15  # three, then ever rarer
    assert list(WorkItem.objects.values_list("kind", "role")) == [("channel_paused", "admin")]
    gateway._failures.clear()
    for seconds in (2200, 3200):
        travel(make.NOON + timedelta(seconds=seconds))
        drain(gateway=gateway)
    assert len(gateway.sent) == 8
    assert not WorkItem.objects.filter(done_at__isnull=True).exists()


def test_what_is_overtaken_by_time_expires_with_work_for_a_person(eight, gateway, travel) -> None:
    silence(gateway, 100)
    drain(gateway=gateway)
    travel(make.NOON + timedelta(hours=25))

    drain(gateway=gateway)
    end_overdue()

    assert set(Message.objects.values_list("status", "reason")) == {("expired", "sms_too_late")}
    assert WorkItem.objects.filter(kind="check_in_expired").count() == 8
    assert gateway.sent == []

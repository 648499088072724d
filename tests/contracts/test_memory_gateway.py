"""How the memory gateway is told to fail: in the ways of the contract and in no other."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from notifications.gateways import (
    ChannelRefused,
    GatewayError,
    LookupFailed,
    MemoryGateway,
    NotSent,
    Outbound,
    OutcomeUnknown,
    Rejected,
    body_sha256,
)

PHONE = "+12125550123"
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def send(gateway: MemoryGateway) -> None:
    outbound = Outbound(to=PHONE, body="hello", status_callback="", attempt_id=uuid4())
    gateway.send(outbound, lambda: None)


@pytest.mark.parametrize(
    "error",
    [NotSent("refused", retry_after=2.0), Rejected("21610"), ChannelRefused("20003"), OutcomeUnknown("timeout")],
)
def test_it_fails_once_as_told_and_keeps_nothing(error: GatewayError) -> None:
    gateway = MemoryGateway()
    gateway.fail_next(error)

    with pytest.raises(type(error)) as raised:
        send(gateway)

    assert raised.value is error
    assert gateway.sent == []
    send(gateway)
    assert len(gateway.sent) == 1


def test_an_unknown_outcome_may_hide_an_accepted_text() -> None:
    gateway = MemoryGateway()
    gateway.fail_next(OutcomeUnknown("reset"), accept=True)

    with pytest.raises(OutcomeUnknown):
        send(gateway)

    assert len(gateway.find(PHONE, LONG_AGO, body_sha256("hello"))) == 1


def test_no_other_outcome_can_hide_one() -> None:
    with pytest.raises(ValueError, match="unknown outcome"):
        MemoryGateway().fail_next(NotSent("refused"), accept=True)


def test_a_lookup_can_fail_too() -> None:
    gateway = MemoryGateway()
    gateway.fail_next_lookup(LookupFailed("http_500"))

    with pytest.raises(LookupFailed):
        gateway.find(PHONE, LONG_AGO, body_sha256("hello"))
    assert gateway.find(PHONE, LONG_AGO, body_sha256("hello")) == []


def test_what_a_phone_wrote_can_be_found() -> None:
    gateway = MemoryGateway()
    gateway.receive(sender=PHONE, to="+15005550006", body="3")

    (text,) = gateway.find_inbound(LONG_AGO)

    assert (text.sender, text.body) == (PHONE, "3")

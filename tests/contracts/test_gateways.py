"""What every gateway promises: one suite for memory, console and Twilio's API against the stand-in carrier."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from notifications.gateways import ConsoleGateway, Gateway, GatewayConfig, MemoryGateway, Outbound, body_sha256, build

from .carrier_process import ACCOUNT, OUR_NUMBER, PHONE, TOKEN, CarrierProcess

OTHER_PHONE = "+12125550124"


def outbound(body: str = "How are you today?", *, to: str = PHONE) -> Outbound:
    return Outbound(to=to, body=body, status_callback="", attempt_id=uuid4())


def go() -> None:
    """Nothing stands against writing."""


def ago(**span: float) -> datetime:
    return datetime.now(UTC) - timedelta(**span)


@pytest.fixture(params=["memory", "console", "twilio"])
def gateway(request: pytest.FixtureRequest) -> Iterator[Gateway]:
    if request.param == "memory":
        gateway: Gateway = MemoryGateway(clock=lambda: datetime.now(UTC))
    elif request.param == "console":
        gateway = ConsoleGateway(io.StringIO(), clock=lambda: datetime.now(UTC))
    else:
        carrier: CarrierProcess = request.getfixturevalue("carrier")
        config = GatewayConfig(account_sid=ACCOUNT, auth_token=TOKEN, from_number=OUR_NUMBER, base_url=carrier.url)
        gateway = build("twilio", config)
    yield gateway
    gateway.close()


def test_a_text_that_is_handed_over_has_a_receipt_and_can_be_found(gateway: Gateway) -> None:
    receipt = gateway.send(outbound(), go)

    (found,) = gateway.find(PHONE, ago(minutes=1), body_sha256("How are you today?"))
    assert found.provider_id == receipt.provider_id
    assert receipt.provider_id.startswith("SM")
    assert receipt.accepted_at is not None
    assert abs(receipt.accepted_at - datetime.now(UTC)) < timedelta(seconds=5)


def test_every_text_has_a_receipt_of_its_own_and_the_newest_is_found_first(gateway: Gateway) -> None:
    first, second = gateway.send(outbound(), go), gateway.send(outbound(), go)

    found = gateway.find(PHONE, ago(minutes=1), body_sha256("How are you today?"))
    assert [receipt.provider_id for receipt in found] == [second.provider_id, first.provider_id]
    assert first.provider_id != second.provider_id


def test_another_number_another_body_and_a_later_time_find_nothing(gateway: Gateway) -> None:
    gateway.send(outbound(), go)

    sha = body_sha256("How are you today?")
    assert gateway.find(OTHER_PHONE, ago(minutes=1), sha) == []
    assert gateway.find(PHONE, ago(minutes=1), body_sha256("how are you today?")) == []
    assert gateway.find(PHONE, ago(minutes=-5), sha) == []


def test_the_hook_runs_once_before_writing(gateway: Gateway) -> None:
    calls: list[bool] = []

    gateway.send(outbound(), lambda: calls.append(gateway.find(PHONE, ago(minutes=1), body_sha256("x")) == []))

    assert calls == [True]


def test_nothing_is_sent_when_the_hook_raises(gateway: Gateway) -> None:
    class TooLateError(Exception):
        pass

    refusal = TooLateError()

    def refuse() -> None:
        raise refusal

    with pytest.raises(TooLateError) as raised:
        gateway.send(outbound(), refuse)

    assert raised.value is refusal
    assert gateway.find(PHONE, ago(minutes=1), body_sha256("How are you today?")) == []


def test_letters_outside_ascii_arrive_unchanged(gateway: Gateway) -> None:
    body = "¿Qué tal hoy? & = + % 😀"
    receipt = gateway.send(outbound(body), go)

    (found,) = gateway.find(PHONE, ago(minutes=1), body_sha256(body))
    assert found.provider_id == receipt.provider_id


def test_nothing_was_received_when_no_phone_wrote(gateway: Gateway) -> None:
    gateway.send(outbound(), go)

    assert gateway.find_inbound(ago(hours=1)) == []


def test_neither_a_text_nor_a_config_shows_what_is_in_it() -> None:
    shown = repr(outbound("a body")) + repr(GatewayConfig(auth_token="a-secret"))

    assert PHONE not in shown
    assert "a body" not in shown
    assert "a-secret" not in shown


def test_the_console_shows_the_body_and_two_digits_of_the_number() -> None:
    stream = io.StringIO()

    ConsoleGateway(stream).send(outbound("a body"), go)

    assert stream.getvalue() == "text to …23: a body\n"


@pytest.mark.parametrize("kind", ["", "sms", "Twilio"])
def test_there_is_no_other_gateway(kind: str) -> None:
    with pytest.raises(ValueError, match="no such gateway"):
        build(kind, GatewayConfig())


@pytest.mark.parametrize("lacking", ["account_sid", "auth_token", "from_number"])
def test_twilio_needs_an_account_a_token_and_a_number(lacking: str) -> None:
    whole = GatewayConfig(account_sid=ACCOUNT, auth_token=TOKEN, from_number=OUR_NUMBER)

    with pytest.raises(ValueError, match="needs an account"):
        build("twilio", replace(whole, **{lacking: ""}))  # type: ignore[arg-type]


@pytest.mark.parametrize("url", ["http://api.twilio.com", "ftp://localhost", "", "api.twilio.com", "http://10.0.0.1"])
def test_credentials_never_leave_in_clear(url: str) -> None:
    config = GatewayConfig(account_sid=ACCOUNT, auth_token=TOKEN, from_number=OUR_NUMBER, base_url=url)

    with pytest.raises(ValueError, match="https"):
        build("twilio", config)


def test_two_gateways_share_nothing() -> None:
    one, other = MemoryGateway(), MemoryGateway()

    one.send(outbound(), go)

    assert other.sent == []
    assert one.sent[0].to == PHONE

"""Each row of the outcome table of reliability.md 4.5, forced for real."""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from notifications.gateways import (
    ChannelRefused,
    GatewayConfig,
    LookupFailed,
    NotSent,
    Outbound,
    OutcomeUnknown,
    Rejected,
    TwilioGateway,
    body_sha256,
)

from .carrier_process import ACCOUNT, OUR_NUMBER, PHONE, TOKEN, CarrierProcess

BODY = "How are you today?"


def gateway_to(url: str, *, token: str = TOKEN, total: float = 2.0) -> TwilioGateway:
    return TwilioGateway(
        GatewayConfig(
            account_sid=ACCOUNT,
            auth_token=token,
            from_number=OUR_NUMBER,
            base_url=url,
            connect_timeout=min(0.5, total),
            total_timeout=total,
        )
    )


def send(gateway: TwilioGateway, *, to: str = PHONE, body: str = BODY) -> str:
    attempt = uuid4()
    outbound = Outbound(to=to, body=body, status_callback=f"http://127.0.0.1:9/{attempt}", attempt_id=attempt)
    return gateway.send(outbound, lambda: None).provider_id


def found(gateway: TwilioGateway) -> int:
    return len(gateway.find(PHONE, datetime.now(UTC) - timedelta(minutes=1), body_sha256(BODY)))


@contextmanager
def raw_server(answer: Callable[[socket.socket], None]) -> Iterator[str]:
    """Serve one connection after the other by hand."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    answer(connection)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)
    thread.join(10)


def replying(head: bytes, body: bytes = b"") -> Callable[[socket.socket], None]:
    def answer(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 " + head + b"\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    return answer


# --- nothing was sent -----------------------------------------------------------------------------------------------


def test_a_name_that_does_not_resolve_means_not_sent() -> None:
    with pytest.raises(NotSent):
        send(gateway_to("https://no-such-host.invalid"))


def test_a_refused_connection_means_not_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

    with pytest.raises(NotSent):
        send(gateway_to(f"http://127.0.0.1:{port}"))


def test_failed_tls_means_not_sent() -> None:
    with raw_server(lambda connection: connection.sendall(b"this is not TLS\r\n")) as url, pytest.raises(NotSent):
        send(gateway_to(url.replace("http://", "https://")))


def test_a_server_that_never_finishes_tls_means_not_sent_in_time() -> None:
    with raw_server(lambda connection: time.sleep(1.5)) as url:
        began = time.monotonic()
        with pytest.raises(NotSent):
            send(gateway_to(url.replace("http://", "https://"), total=0.6))
        assert time.monotonic() - began < 1.2


@pytest.mark.parametrize(("setting", "code"), [("too_many_requests", "20429"), ("unavailable", "20503")])
def test_429_and_503_with_retry_after_mean_not_sent(carrier: CarrierProcess, setting: str, code: str) -> None:
    carrier.control("settings", **{setting: 1.0})

    with pytest.raises(NotSent, match=code) as raised:
        send(gateway_to(carrier.url))

    assert raised.value.retry_after == 1.0
    assert carrier.control("log") == []


# --- the carrier refuses the text, or us ----------------------------------------------------------------------------


def test_a_number_that_wrote_stop_is_rejected_with_21610(carrier: CarrierProcess) -> None:
    carrier.control("inbound", **{"from": PHONE, "to": OUR_NUMBER, "body": "STOP"})

    with pytest.raises(Rejected) as raised:
        send(gateway_to(carrier.url))

    assert (raised.value.code, raised.value.permanent) == ("21610", True)
    assert carrier.control("log") == []


def test_an_invalid_number_is_rejected_with_21211(carrier: CarrierProcess) -> None:
    with pytest.raises(Rejected) as raised:
        send(gateway_to(carrier.url), to="+1999")

    assert raised.value.code == "21211"


def test_another_4xx_without_a_code_is_rejected_with_its_status() -> None:
    with raw_server(replying(b"422 Unprocessable", b"no")) as url, pytest.raises(Rejected) as raised:
        send(gateway_to(url))

    assert raised.value.code == "http_422"


def test_a_wrong_token_refuses_the_channel_and_not_the_text(carrier: CarrierProcess) -> None:
    gateway = gateway_to(carrier.url, token="wrong")

    with pytest.raises(ChannelRefused) as raised:
        send(gateway)
    with pytest.raises(ChannelRefused):
        found(gateway)

    assert raised.value.code == "20003"


def test_403_with_a_code_about_the_message_rejects_the_text() -> None:
    with raw_server(replying(b"403 Forbidden", b'{"code": 21408}')) as url, pytest.raises(Rejected):
        send(gateway_to(url))
    with raw_server(replying(b"403 Forbidden", b"{}")) as url, pytest.raises(ChannelRefused):
        send(gateway_to(url))


# --- unknown --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("setting", ["accept_then_500", "accept_then_hang", "accept_then_reset", "accept_then_garbage"])
def test_an_accepted_text_without_a_proper_answer_is_unknown_and_can_be_found(
    carrier: CarrierProcess, setting: str
) -> None:
    carrier.control("settings", **{setting: 1.0})
    gateway = gateway_to(carrier.url, total=0.6)

    with pytest.raises(OutcomeUnknown):
        send(gateway)

    assert len(carrier.control("log")) == 1
    assert found(gateway) == 1


def test_a_connection_cut_before_any_answer_is_unknown_and_nothing_is_found(carrier: CarrierProcess) -> None:
    carrier.control("outage", seconds=0.5, mode="reset")
    gateway = gateway_to(carrier.url)

    with pytest.raises(OutcomeUnknown):
        send(gateway)
    with pytest.raises(LookupFailed):
        found(gateway)
    carrier.control("outage", seconds=0)

    assert found(gateway) == 0


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (b"201 Created", b""),
        (b"201 Created", b"[" * 50_000),
        (b"201 Created", b'{"sid": "wrong", "status": "queued"}'),
        (b"201 Created", b'{"sid": "SM0123456789abcdef0123456789abcdef", "status": "done"}'),
        (b"201 Created", b"x" * 100_000),
        (b"302 Found\r\nLocation: http://127.0.0.1:9/", b""),
        (b"408 Request Timeout", b""),
        (b"500 Oops", b""),
        (b"503 Unavailable", b""),
    ],
)
def test_an_answer_that_says_nothing_certain_is_unknown(head: bytes, body: bytes) -> None:
    with raw_server(replying(head, body)) as url, pytest.raises(OutcomeUnknown):
        send(gateway_to(url))


def test_an_answer_that_trickles_is_cut_off_in_time() -> None:
    def trickle(connection: socket.socket) -> None:
        connection.recv(65536)
        try:
            connection.sendall(b"HTTP/1.1 201 Created\r\n")
            for _ in range(15):
                time.sleep(0.1)
                connection.sendall(b"X-A: b\r\n")
        except OSError:
            return

    with raw_server(trickle) as url:
        began = time.monotonic()
        with pytest.raises(OutcomeUnknown):
            send(gateway_to(url, total=0.6))
        assert 0.5 < time.monotonic() - began < 1.2


def test_a_slow_hook_that_outlasts_the_budget_sends_nothing(carrier: CarrierProcess) -> None:
    gateway = gateway_to(carrier.url, total=0.3)
    outbound = Outbound(to=PHONE, body=BODY, status_callback="", attempt_id=uuid4())

    with pytest.raises(NotSent):
        gateway.send(outbound, lambda: time.sleep(0.7))
    time.sleep(0.8)

    assert carrier.control("log") == []


# --- looking up -----------------------------------------------------------------------------------------------------


def test_a_lookup_follows_the_pages(carrier: CarrierProcess) -> None:
    gateway = gateway_to(carrier.url)
    first = send(gateway)
    for number in range(205):
        carrier.send(f"other {number}")
    last = send(gateway)

    receipts = gateway.find(PHONE, datetime.now(UTC) - timedelta(minutes=1), body_sha256(BODY))

    assert [receipt.provider_id for receipt in receipts] == [last, first]


def test_a_lookup_never_takes_our_credentials_elsewhere() -> None:
    page = b'{"messages": [], "next_page_uri": "//evil.example/2010-04-01/Messages.json?"}'
    with raw_server(replying(b"200 OK", page)) as url, pytest.raises(LookupFailed):
        found(gateway_to(url))


def test_a_list_that_cannot_be_read_is_no_evidence() -> None:
    for body in (b"", b"{}", b'{"messages": [{}]}', b'{"messages": [{"sid": 1}]}'):
        with raw_server(replying(b"200 OK", body)) as url, pytest.raises(LookupFailed):
            found(gateway_to(url))


def test_texts_from_phones_are_found_once_each(carrier: CarrierProcess) -> None:
    gateway = gateway_to(carrier.url)
    send(gateway)
    carrier.control("inbound", **{"from": PHONE, "body": "3"})

    (text,) = gateway.find_inbound(datetime.now(UTC) - timedelta(minutes=1))

    assert (text.sender, text.to, text.body) == (PHONE, OUR_NUMBER, "3")
    assert gateway.find_inbound(datetime.now(UTC) + timedelta(minutes=1)) == []


def test_no_log_line_holds_a_number_or_a_body(carrier: CarrierProcess, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    gateway = gateway_to(carrier.url)

    send(gateway)
    found(gateway)

    for shape in (PHONE, PHONE.removeprefix("+"), BODY, BODY.replace(" ", "+"), TOKEN):
        assert shape not in caplog.text

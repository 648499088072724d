"""What the stand-in carrier promises: a durable log, signed webhooks, STOP and START, a list, moods on demand."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from notifications.signatures import Webhook, verify

from .carrier_process import ACCOUNT, OUR_NUMBER, PHONE, TOKEN, CarrierProcess, Listener, wait_until

Starter = Callable[..., CarrierProcess]
OTHER_PHONE = "+12125550124"


def texts(carrier: CarrierProcess, phone: str = PHONE) -> list[tuple[str, str]]:
    thread = carrier.control(f"phone?number=%2B{phone[1:]}")["thread"]
    return [(text["direction"], text["body"]) for text in thread]


# --- the log --------------------------------------------------------------------------------------------------------


def test_an_accepted_text_is_on_the_disk_before_the_answer(carrier: CarrierProcess) -> None:
    status, message = carrier.send("hello", callback="http://127.0.0.1:9/a")
    carrier.kill()

    (line,) = carrier.lines("accepted")
    assert (status, message["sid"], message["status"]) == (201, line["sid"], "queued")
    assert (line["to"], line["from"], line["body"]) == (PHONE, OUR_NUMBER, "hello")
    assert line["body_sha256"] == "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
    assert line["callback"] == "http://127.0.0.1:9/a"
    assert line["t_request"] <= line["t_accept"]


def test_a_killed_carrier_knows_everything_again_and_cuts_off_a_torn_line(carrier: CarrierProcess) -> None:
    sids = [carrier.send(f"text {number}")[1]["sid"] for number in range(3)]
    carrier.control("inbound", **{"from": PHONE, "body": "STOP"})
    carrier.kill()
    with carrier.log.open("a") as log:
        log.write('{"kind":"accepted","to":"+1212')

    carrier.start()

    assert [line["sid"] for line in carrier.control("log")] == sids
    assert carrier.send()[1]["code"] == 21610
    assert all(map(json.loads, carrier.log.read_text().splitlines()))


def test_kills_in_the_middle_of_sending_lose_nothing_that_was_answered(carrier: CarrierProcess) -> None:
    answered: list[str] = []

    def keep_sending() -> None:
        for number in range(60):
            try:
                status, message = carrier.send(f"text {number}")
            except OSError:
                time.sleep(0.02)
            else:
                assert status == 201
                answered.append(message["sid"])

    sender = threading.Thread(target=keep_sending)
    sender.start()
    for _ in range(3):
        time.sleep(0.25)
        carrier.kill()
        carrier.start()
    sender.join(30)

    assert len(answered) > 10
    assert set(answered) <= {line["sid"] for line in carrier.control("log")}


def test_two_carriers_cannot_share_a_log(carrier: CarrierProcess) -> None:
    argv = [sys.executable, "-m", "casemgmt.devtools.carrier", "--port", "0", "--log", str(carrier.log)]

    ended = subprocess.run(argv, capture_output=True, text=True, timeout=20, check=False)

    assert ended.returncode == 1
    assert "in use by another carrier" in ended.stderr


def test_sigterm_ends_it_with_status_zero(carrier: CarrierProcess) -> None:
    assert carrier.process is not None
    carrier.process.send_signal(signal.SIGTERM)

    assert carrier.process.wait(5) == 0


# --- the API --------------------------------------------------------------------------------------------------------


def test_strangers_are_refused(carrier: CarrierProcess) -> None:
    assert carrier.api(token="wrong")[0] == 401
    assert carrier.api("Messages/SM0.json")[0] == 404


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"To": "+1999", "From": OUR_NUMBER, "Body": "x"}, 21211),
        ({"To": "12125550123", "From": OUR_NUMBER, "Body": "x"}, 21211),
        ({"To": PHONE, "Body": "x"}, 21603),
        ({"To": PHONE, "From": OUR_NUMBER}, 21602),
        ({"To": PHONE, "From": OUR_NUMBER, "Body": "x" * 1601}, 21617),
    ],
)
def test_a_bad_request_has_the_carriers_code(carrier: CarrierProcess, form: dict[str, str], code: int) -> None:
    status, document = carrier.api(form=form)

    assert (status, document["code"]) == (400, code)
    assert carrier.control("log") == []


def test_the_list_filters_and_pages(carrier: CarrierProcess) -> None:
    for number in range(5):
        carrier.send(f"text {number}")
    carrier.send("other", to=OTHER_PHONE)

    to = f"To=%2B{PHONE[1:]}"
    _, page = carrier.api(f"Messages.json?{to}&PageSize=2")
    bodies = [message["body"] for message in page["messages"]]
    while page["next_page_uri"]:
        _, page = carrier.api(page["next_page_uri"].rsplit("/", 1)[1])
        bodies += [message["body"] for message in page["messages"]]

    assert bodies == [f"text {number}" for number in (4, 3, 2, 1, 0)]
    assert len(carrier.api("Messages.json?DateSent>=2020-01-01")[1]["messages"]) == 6
    assert carrier.api("Messages.json?DateSent>=2120-01-01")[1]["messages"] == []
    assert carrier.api("Messages.json?DateSent<=2020-01-01")[1]["messages"] == []
    assert carrier.api("Messages.json?DateSent>=soon")[0] == 400


def test_a_lagging_list_shows_a_text_later(start_carrier: Starter) -> None:
    carrier = start_carrier("--list-lag", "0.5")
    carrier.send()

    assert carrier.api()[1]["messages"] == []
    wait_until(lambda: len(carrier.api()[1]["messages"]) == 1)


def test_a_text_fares_from_queued_to_delivered(carrier: CarrierProcess) -> None:
    sid = carrier.send()[1]["sid"]

    wait_until(lambda: carrier.api(f"Messages/{sid}.json")[1]["status"] == "delivered")


# --- webhooks -------------------------------------------------------------------------------------------------------


def test_callbacks_are_signed_and_come_in_order(carrier: CarrierProcess, listener: Listener) -> None:
    sid = carrier.send(callback=f"{listener.url}/status/a?b=c")[1]["sid"]

    heard = listener.wait(2)

    assert [webhook.form["MessageStatus"] for webhook in heard] == [["sent"], ["delivered"]]
    for webhook in heard:
        url, headers = f"{listener.url}{webhook.path}", {"X-Twilio-Signature": webhook.signature}
        assert verify(Webhook(method="POST", url=url, headers=headers, form=webhook.form), tokens=[TOKEN])
        assert {"MessageSid", "SmsSid", "To", "From", "AccountSid", "ApiVersion"} <= webhook.form.keys()
        assert (webhook.form["MessageSid"], webhook.form["AccountSid"]) == ([sid], [ACCOUNT])


def test_callbacks_can_be_repeated_shuffled_undelivered_or_off(start_carrier: Starter, listener: Listener) -> None:
    dice = ["--callback-repeats", "5", "--callback-shuffle", "--callback-delay", "0", "--undelivered", "1"]
    carrier = start_carrier(*dice, "--seed", "3")
    for number in range(10):
        carrier.send(callback=f"{listener.url}/{number}")
    owed = sum(len(line["told"]) for line in carrier.lines("accepted"))
    heard = listener.wait(owed)

    counted = Counter(webhook.form["MessageStatus"][0] for webhook in heard)
    assert counted.keys() == {"sent", "undelivered"}
    assert 20 < owed <= 100
    carrier.control("settings", callbacks=False)
    carrier.send(callback=f"{listener.url}/off")
    assert carrier.lines("accepted")[-1]["told"] == []


def test_a_callback_is_tried_again_until_somebody_takes_it(carrier: CarrierProcess, listener: Listener) -> None:
    listener.answers = [500, 503]
    carrier.send(callback=f"{listener.url}/a")

    wait_until(lambda: len(carrier.lines("webhook")) == 2)

    assert len(listener.heard) == 4
    assert not any(line["gave_up"] for line in carrier.lines("webhook"))


def test_a_callback_that_is_refused_is_not_tried_again(carrier: CarrierProcess, listener: Listener) -> None:
    listener.answers = [403, 403]
    carrier.send(callback=f"{listener.url}/a")

    wait_until(lambda: len(carrier.lines("webhook")) == 2)

    assert [(line["http"], line["gave_up"]) for line in carrier.lines("webhook")] == [(403, True)] * 2


def test_webhooks_owed_by_a_killed_carrier_come_after_its_next_start(
    start_carrier: Starter, listener: Listener
) -> None:
    carrier = start_carrier("--callback-delay", "0.3", "--inbound-url", f"{listener.url}/in")
    carrier.send(callback=f"{listener.url}/a")
    listener.wait(1)
    carrier.kill()
    assert [webhook.form["MessageStatus"] for webhook in listener.heard] == [["sent"]]

    carrier.start()

    listener.wait(2)
    wait_until(lambda: any(line["status"] == "delivered" for line in carrier.lines("webhook")))
    assert ["delivered"] in [webhook.form["MessageStatus"] for webhook in listener.heard]


# --- phones ---------------------------------------------------------------------------------------------------------


def test_what_a_phone_writes_arrives_signed_at_the_inbound_address(start_carrier: Starter, listener: Listener) -> None:
    carrier = start_carrier("--inbound-url", f"{listener.url}/in/")
    written = carrier.control("inbound", **{"from": PHONE, "to": OUR_NUMBER, "body": " 3, ¡por favor! "})

    (webhook,) = listener.wait(1)

    headers = {"x-twilio-signature": webhook.signature}
    url = f"{listener.url}/in/"
    assert verify(Webhook(method="POST", url=url, headers=headers, form=webhook.form), tokens=[TOKEN])
    assert webhook.form["MessageSid"] == [written["sid"]]
    assert webhook.form["Body"] == [" 3, ¡por favor! "]
    assert (webhook.form["From"], webhook.form["To"], webhook.form["NumMedia"]) == ([PHONE], [OUR_NUMBER], ["0"])


def test_the_thread_shows_both_sides_and_the_carriers_own_words(carrier: CarrierProcess) -> None:
    carrier.send("How are you?")
    for body in ("1", "stop", "STOP", "Start"):
        carrier.control("inbound", **{"from": PHONE, "body": body})

    thread = texts(carrier)

    assert [body for direction, body in thread if direction == "from the phone"] == ["1", "stop", "STOP", "Start"]
    ours = [body for direction, body in thread if direction == "to the phone"]
    assert [body.split(".")[0] for body in ours] == [
        "How are you?",
        "You have successfully been unsubscribed",  # once, for two STOPs
        "You have successfully been re-subscribed to messages from this number",
    ]
    assert texts(carrier, OTHER_PHONE) == []
    assert carrier.send()[0] == 201


def test_an_outage_accepts_nothing_and_ends_by_itself(carrier: CarrierProcess) -> None:
    carrier.control("outage", seconds=0.4)

    assert carrier.send()[0] == 503
    wait_until(lambda: carrier.send()[0] == 201)
    assert len(carrier.control("log")) == 1


def test_a_rate_limit_answers_429(start_carrier: Starter) -> None:
    carrier = start_carrier("--rate-limit", "2")

    answers = Counter(carrier.send(f"text {number}")[0] for number in range(8))

    assert answers.keys() == {201, 429}
    assert answers[201] == len(carrier.control("log"))


def test_the_dice_are_the_same_for_the_same_seed(start_carrier: Starter) -> None:
    dice = ["--too-many-requests", "0.5", "--seed", "7"]
    first, second = start_carrier(*dice), start_carrier(*dice)

    rolled = [[carrier.send()[0] for _ in range(12)] for carrier in (first, second)]

    assert rolled[0] == rolled[1]
    assert {*rolled[0]} == {201, 429}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("settings", b'{"no_such": 1}'),
        ("settings", b'{"unavailable": "often"}'),
        ("settings", b'{"unavailable": 0.6, "accept_then_500": 0.6}'),
        ("settings", b"[]"),
        ("settings", b"{"),
        ("inbound", b'{"from": "me", "body": "x"}'),
        ("inbound", b'{"from": "+12125550123", "to": "+15005550006", "body": "\\ud800"}'),
        ("outage", b'{"seconds": -1}'),
    ],
)
def test_the_control_desk_says_what_is_wrong(carrier: CarrierProcess, path: str, body: bytes) -> None:
    with pytest.raises(HTTPError) as raised:
        urlopen(Request(f"{carrier.url}/control/{path}", data=body))

    with raised.value as answer:
        assert answer.code == 400
        assert json.load(answer)["error"]

"""The carrier's calls: refused without a signature, stored once, answered after the store."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import OperationalError
from django.test import Client
from twilio.request_validator import RequestValidator

from notifications.models import Receipt
from notifications.services.inbox import process_inbox
from tests.factories import notifications as make

INBOUND = "/webhooks/sms/inbound/"
TEXT = {"MessageSid": "SM1", "From": "+13165550100", "To": make.OUR_NUMBER, "Body": "3"}


def call(path: str, form: dict[str, str], *, token: str = "12345", **headers: str):
    signature = RequestValidator(token).compute_signature(f"https://testserver{path}", form)
    web = Client(enforce_csrf_checks=True, raise_request_exception=False)
    return web.post(path, form_encoded(form), **FORM, headers={"X-Twilio-Signature": signature, **headers})


FORM = {"content_type": "application/x-www-form-urlencoded"}


def form_encoded(form: dict[str, str]) -> str:
    from urllib.parse import urlencode

    return urlencode(form)


def test_an_inbound_text_is_stored_before_it_is_answered(db) -> None:
    answer = call(INBOUND, TEXT)

    receipt = Receipt.objects.get()
    assert (answer.status_code, answer["Content-Type"], answer.content) == (200, "text/xml", b"<Response></Response>")
    assert (receipt.dedupe_key, receipt.kind) == ("inbound:SM1", "inbound")
    assert receipt.payload == {"provider_id": "SM1", "sender": "+13165550100", "body": "3"}


def test_a_repeat_is_answered_alike_and_stored_once(db) -> None:
    answers = {call(INBOUND, TEXT).status_code for _ in range(5)}

    assert (answers, Receipt.objects.count()) == ({200}, 1)


def test_a_status_keeps_no_number(db) -> None:
    attempt_id = uuid4()
    form = {"MessageSid": "SM1", "MessageStatus": "delivered", "To": "+13165550100", "From": make.OUR_NUMBER}

    answer = call(f"/webhooks/sms/status/{attempt_id}/", form)

    receipt = Receipt.objects.get()
    assert (answer.status_code, receipt.attempt_id) == (200, attempt_id)
    assert receipt.payload == {"provider_id": "SM1", "status": "delivered", "error_code": ""}


def test_the_token_before_still_counts(db) -> None:
    assert call(INBOUND, TEXT, token="the-token-before").status_code == 200


@pytest.mark.parametrize("path", [INBOUND, "/webhooks/sms/status/00000000-0000-7000-8000-000000000000/"])
def test_a_stranger_is_refused_and_nothing_is_stored(db, path) -> None:
    form = {**TEXT, "MessageStatus": "delivered"}

    assert call(path, form, token="guessed").status_code == 403
    assert Client().post(path, form_encoded(form), **FORM).status_code == 403
    assert Client().get(path).status_code == 405
    assert Receipt.objects.count() == 0


def test_the_host_header_has_no_say_in_the_signed_address(db) -> None:
    signature = RequestValidator("12345").compute_signature(f"https://localhost{INBOUND}", TEXT)

    answer = Client().post(
        INBOUND, form_encoded(TEXT), **FORM, headers={"X-Twilio-Signature": signature, "Host": "localhost"}
    )

    assert (answer.status_code, Receipt.objects.count()) == (403, 0)


def test_an_altered_word_is_refused(db) -> None:
    signature = RequestValidator("12345").compute_signature(f"https://testserver{INBOUND}", TEXT)
    altered = form_encoded({**TEXT, "Body": "1"})

    answer = Client().post(INBOUND, altered, **FORM, headers={"X-Twilio-Signature": signature})

    assert (answer.status_code, Receipt.objects.count()) == (403, 0)


def test_a_call_without_an_id_is_refused(db) -> None:
    assert call(INBOUND, {"From": "+13165550100", "Body": "3"}).status_code == 400


def test_a_body_over_64_kilobytes_is_refused_unread(db) -> None:
    assert call(INBOUND, {**TEXT, "Body": "a" * 70_000}).status_code == 413


def test_what_postgresql_cannot_store_is_replaced(db) -> None:
    answer = call(INBOUND, {**TEXT, "Body": "a\x00b\ud83d".encode("utf-8", "replace").decode()})

    assert (answer.status_code, Receipt.objects.get().payload["body"]) == (200, "a\ufffdb?")


def test_without_a_database_the_carrier_is_asked_to_come_back(db, monkeypatch) -> None:
    def gone(*args: object, **kwargs: object) -> None:
        raise OperationalError("the server closed the connection")

    monkeypatch.setattr("django.db.transaction.Atomic.__enter__", gone)

    assert call(INBOUND, TEXT).status_code == 503


def test_nothing_personal_stays_in_a_receipt_that_was_worked_through(ada) -> None:
    call(INBOUND, {**TEXT, "From": ada.number})

    process_inbox()

    receipt = Receipt.objects.get()
    assert (receipt.payload, receipt.processed_at is not None) == ({}, True)


def test_from_a_signed_webhook_to_the_review_and_back(cast, api, north, noon) -> None:
    """SMS-21, SMS-22: the phone says it in its own words, twice over the wire; staff see, ask, and lift it."""
    ada = make.texted(north)
    said = TEXT | {"Body": "please leave me alone"}
    assert {call(INBOUND, said).status_code for _ in range(2)} == {200}
    process_inbox()
    web = api(cast.case_manager)

    ledger = web.get(f"texting-consents/{ada.consent.id}/events/").json()["results"]
    assert [(row["event"], row["inferred"]) for row in ledger][0] == ("opt_out", True)
    assert len(ledger) == 3

    lift = {"decision": "review_lifted", "channel": "verbal"}
    assert web.post(f"texting-consents/{ada.consent.id}/review/", lift).json()["state_after"] == "opted_in"

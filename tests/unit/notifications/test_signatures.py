"""Webhook signatures: the vectors of SMS-85 and every way in which a forged or damaged request must fail."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import pytest
from twilio.request_validator import RequestValidator

from notifications.signatures import Webhook, url_variants, verify

URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
TOKEN = "12345"
FIRST, SECOND = "RSOYDt4T1cUTdK1PDd93/VVr8B8=", "0/KCTR6DLpKmkAf8muzZqo1nDgQ="


def form(caller: str = "+14158675309") -> dict[str, list[str]]:
    return {
        "CallSid": ["CA1234567890ABCDE"],
        "Digits": ["1234"],
        "To": ["+18005551212"],
        "Caller": [caller],
        "From": [caller],
    }


def post(
    signature: str | None = FIRST,
    *,
    fields: Mapping[str, Sequence[str]] | None = None,
    url: str = URL,
    settings: str = "",
) -> Webhook:
    headers = {"Host": "evil.example"}
    if signature is not None:
        headers["X-Twilio-Signature"] = signature
    if settings:
        headers["X-Twilio-Webhooks-Signature-Settings"] = settings
    return Webhook(method="POST", url=url, headers=headers, form=form() if fields is None else fields)


def official(url: str, fields: Mapping[str, str], *, token: str = TOKEN, algorithm: str | None = None) -> str:
    computed: str = RequestValidator(token).compute_signature(url, dict(fields), algorithm)
    return computed


# --- accepted -------------------------------------------------------------------------------------------------------


def test_both_vectors_verify() -> None:
    assert verify(post(), tokens=[TOKEN])
    assert verify(post(SECOND, fields=form("+12349013030")), tokens=[TOKEN])


def test_either_of_two_tokens_verifies_while_one_is_replaced() -> None:
    assert verify(post(), tokens=["the-next-token", TOKEN])
    assert verify(post(), tokens=[TOKEN, "the-next-token"])


@pytest.mark.parametrize(
    ("signed", "configured"),
    [
        ("https://a.example:443/x?y=1", "https://a.example/x?y=1"),
        ("https://a.example/x?y=1", "https://a.example:443/x?y=1"),
        ("http://a.example:80/x", "http://a.example/x"),
        ("https://a.example/x", "https://a.example:8443/x"),
        ("https://a.example:8443/x", "https://a.example:8443/x"),
        ("https://a.example/x?at=10:30", "https://a.example:8443/x?at=10:30"),
    ],
)
def test_the_port_may_be_there_or_not(signed: str, configured: str) -> None:
    webhook = Webhook(
        method="POST", url=configured, headers={"X-Twilio-Signature": official(signed, {"A": "b"})}, form={"A": ["b"]}
    )

    assert verify(webhook, tokens=[TOKEN])


def test_repeated_names_are_signed_without_repeated_values_and_sorted() -> None:
    signature = official("https://a.example/xA1A2B", {})
    webhook = Webhook(
        method="POST",
        url="https://a.example/x",
        headers={"X-Twilio-Signature": signature},
        form={"B": [""], "A": ["2", "1", "2"]},
    )

    assert verify(webhook, tokens=[TOKEN])


def test_values_are_signed_untrimmed_and_empty_ones_too() -> None:
    fields = {"Body": [" 3 \n"], "NumMedia": [""]}
    signature = official("https://a.example/x", {"Body": " 3 \n", "NumMedia": ""})
    webhook = Webhook(method="POST", url="https://a.example/x", headers={"x-twilio-signature": signature}, form=fields)
    trimmed = Webhook(
        method="POST", url="https://a.example/x", headers={"x-twilio-signature": signature}, form={"Body": ["3"]}
    )

    assert verify(webhook, tokens=[TOKEN])
    assert not verify(trimmed, tokens=[TOKEN])


def test_a_get_is_signed_by_its_address_alone() -> None:
    webhook = Webhook(method="GET", url=URL, headers={"X-Twilio-Signature": official(URL, {})})

    assert verify(webhook, tokens=[TOKEN])


def test_a_json_body_is_covered_by_its_hash_in_the_address() -> None:
    body = b'{"a": "\xc3\xa9"}'
    url = f"https://a.example/x?bodySHA256={hashlib.sha256(body).hexdigest()}"
    headers = {"X-Twilio-Signature": official(url, {})}

    assert verify(Webhook(method="POST", url=url, headers=headers, body=body), tokens=[TOKEN])
    assert not verify(Webhook(method="POST", url=url, headers=headers, body=body + b" "), tokens=[TOKEN])


def test_the_newer_scheme_uses_the_named_key() -> None:
    signature = official(
        URL, {name: values[0] for name, values in form().items()}, token="k1-secret", algorithm="HMAC_SHA256"
    )
    webhook = post(signature, settings="key=k1,algorithm=HMAC_SHA256")

    assert verify(webhook, tokens=[TOKEN], shared_keys={"k1": "k1-secret"})
    assert not verify(webhook, tokens=["k1-secret"], shared_keys={})
    assert not verify(webhook, tokens=["k1-secret"], shared_keys={"k2": "k1-secret"})
    assert not verify(webhook, tokens=[TOKEN], shared_keys={"k1": "other"})


# --- refused --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "webhook",
    [
        post(None),
        post(""),
        post(SECOND),
        post(FIRST[:-1]),
        post(FIRST.lower()),
        post("é" * 28),
        post(fields=form() | {"More": ["x"]}),
        post(fields={**form(), "Digits": ["1235"]}),
        post(fields={**form(), "Digits": ["\ud800"]}),
        post(fields={}),
        post(url=URL.replace("bar=2", "bar=3")),
        post(url=URL.replace("https", "http")),
        post(url="not an address"),
        post(settings="key=k1,algorithm=HMAC_MD5"),
        post(settings="key=k1,algorithm=HMAC_SHA256"),
    ],
)
def test_anything_else_fails(webhook: Webhook) -> None:
    assert not verify(webhook, tokens=[TOKEN], shared_keys={})


@pytest.mark.parametrize("tokens", [[], [""], ["", "wrong"]])
def test_an_empty_token_verifies_nothing(tokens: list[str]) -> None:
    signed_with_nothing = official(URL, {name: values[0] for name, values in form().items()}, token="")

    assert not verify(post(), tokens=tokens)
    assert not verify(post(signed_with_nothing), tokens=tokens)


def test_an_empty_shared_key_verifies_nothing() -> None:
    signature = official(URL, {name: values[0] for name, values in form().items()}, token="", algorithm="HMAC_SHA256")

    assert not verify(post(signature, settings="key=k1,algorithm=HMAC_SHA256"), tokens=[], shared_keys={"k1": ""})


def test_a_json_body_without_its_hash_is_not_covered() -> None:
    headers = {"X-Twilio-Signature": official(URL, {})}

    assert not verify(Webhook(method="POST", url=URL, headers=headers, body=b"{}"), tokens=[TOKEN])


def test_variants_of_an_address() -> None:
    assert url_variants("https://a.example/x") == ("https://a.example/x", "https://a.example:443/x")
    assert url_variants("http://[::1]:8000/x") == ("http://[::1]:8000/x", "http://[::1]/x")
    assert url_variants("https://a.example") == ("https://a.example", "https://a.example:443")

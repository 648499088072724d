"""Whatever arrives, the answer is a 4xx with a code and nothing was stored (reliability M4, API4)."""

from __future__ import annotations

import json

import pytest
from django.test import Client as HttpClient

from casemgmt.clients.models import Client

GOOD = {"given_name": "Ada", "family_name": "Example"}

BOMBS = [
    ("not json", "{", 400, "malformed"),
    ("not utf-8", b'{"given_name": "\xff"}', 400, "malformed"),
    ("empty", "", 400, "invalid"),
    ("100,000 brackets", "[" * 100_000, 400, "malformed"),
    ("100,000 nested objects", '{"a":' * 100_000, 400, "malformed"),
    ("brackets inside a string are text", json.dumps({**GOOD, "family_name": "[" * 50}), 201, None),
    ("33 levels", "[" * 33 + "]" * 33, 400, "malformed"),
    ("5,001 values", json.dumps([1] * 5_001), 400, "malformed"),
    ("a key twice", '{"given_name": "a", "given_name": "b"}', 400, "malformed"),
    ("NaN", '{"given_name": NaN}', 400, "malformed"),
    ("a number beyond all bounds", '{"given_name": 1e400, "family_name": "c"}', 400, "malformed"),
    ("NUL in a value", '{"given_name": "a\\u0000b", "family_name": "c"}', 400, "malformed"),
    ("NUL in a key", '{"given\\u0000name": "a"}', 400, "malformed"),
    ("lone surrogate", '{"given_name": "\\ud800", "family_name": "c"}', 400, "malformed"),
    ("an array", "[]", 400, "invalid"),
    ("a string", '"hello"', 400, "invalid"),
    ("null", "null", 400, "invalid"),
    ("a number", "12", 400, "invalid"),
    ("unknown keys", json.dumps({**GOOD, "is_staff": True}), 400, "invalid"),
    ("server-set keys", json.dumps({**GOOD, "id": "0", "organization_id": "0", "version": 9}), 400, "invalid"),
    ("wrong types", json.dumps({"given_name": {"a": 1}, "family_name": ["b"]}), 400, "invalid"),
    ("missing keys", "{}", 400, "invalid"),
    ("too long", json.dumps({**GOOD, "given_name": "a" * 101}), 400, "invalid"),
    ("date that is none", json.dumps({**GOOD, "birth_date": "2026-02-30"}), 400, "invalid"),
    ("year 10000", json.dumps({**GOOD, "birth_date": "10000-01-01"}), 400, "invalid"),
    ("zone that is none", json.dumps({**GOOD, "timezone": "Mars/Olympus"}), 400, "invalid"),
    ("state that is none", json.dumps({**GOOD, "residence_state": "ZZ"}), 400, "invalid"),
    ("phone that no carrier owns", json.dumps({**GOOD, "phone": "555-123-4567"}), 400, "phone_invalid"),
    ("number of 400 digits", '{"given_name": 1%s, "family_name": "b"}' % ("0" * 5000), 400, "malformed"),
]


@pytest.mark.parametrize(("body", "status", "code"), [bomb[1:] for bomb in BOMBS], ids=[bomb[0] for bomb in BOMBS])
def test_a_bomb_in_the_body(cast, api, body, status, code) -> None:
    answer = api(cast.case_manager).post("clients/", body)

    assert answer.status_code == status, answer.content
    if status == 201:
        assert Client.objects.count() == 1
        return
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == code
    assert Client.objects.count() == 0


def test_a_3_mb_body_is_refused_before_it_is_read(cast, api) -> None:
    answer = api(cast.case_manager).post("clients/", json.dumps({**GOOD, "city": "x" * 3_000_000}))

    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert Client.objects.count() == 0


@pytest.mark.parametrize(
    ("length", "status", "code"),
    [
        ("0" * 20 + "3000000", 413, "body_too_large"),
        ("9" * 5000, 413, "body_too_large"),
        ("²", 400, "invalid"),
        ("-1", 400, "invalid"),
        ("1e3", 400, "invalid"),
    ],
)
def test_a_length_that_lies(cast, api, length, status, code) -> None:
    web = api(cast.case_manager)

    answer = web.http.post(
        "/api/v1/clients/", json.dumps(GOOD), "application/json", headers=web.headers, CONTENT_LENGTH=length
    )

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert Client.objects.count() == 0


@pytest.mark.parametrize(
    "query",
    [
        "limit=99999999999999999999",
        "limit=0",
        "limit=-1",
        "limit=abc",
        "limit=101",
        "limit=",
        "cursor=%00",
        "cursor=abc",
        "cursor=00000000-0000-0000-0000-000000000000",
        "cursor=" + "f" * 500,
        "name=Ada",
        "limit=1&unknown%00=1",
    ],
)
def test_a_bomb_in_the_query(cast, api, query) -> None:
    answer = api(cast.case_manager).get(f"clients/?{query}")

    assert answer.status_code == 400, answer.content
    assert answer.json()["code"] in {"invalid", "cursor_invalid"}


@pytest.mark.parametrize("value", ["", "x" * 65, "a b", "é"])
def test_an_idempotency_key_that_is_not_sane(cast, api, value) -> None:
    answer = api(cast.case_manager).post("clients/", GOOD, Idempotency_Key=value)

    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_invalid")
    assert Client.objects.count() == 0


@pytest.mark.parametrize(
    ("content_type", "status", "code"),
    [
        ("text/plain", 415, "unsupported_media_type"),
        ("application/x-www-form-urlencoded", 415, "unsupported_media_type"),
    ],
)
def test_only_json_is_read(cast, api, content_type, status, code) -> None:
    web = api(cast.case_manager)

    answer = web.http.post("/api/v1/clients/", data="a=1", content_type=content_type, headers=web.headers)

    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_only_json_is_written(cast, api) -> None:
    answer = api(cast.case_manager).get("clients/", Accept="text/html")

    assert (answer.status_code, answer.json()["code"]) == (406, "not_acceptable")


def test_an_address_that_leads_nowhere_answers_like_an_id_that_does(cast, api) -> None:
    web = api(cast.case_manager)

    nowhere = web.get("moon/")
    absent = web.get("clients/00000000-0000-7000-8000-000000000000/")

    assert (nowhere.status_code, absent.status_code) == (404, 404)
    assert nowhere.json() == absent.json()


def test_a_method_that_is_not_there(cast, api) -> None:
    answer = api(cast.case_manager).delete("clients/")

    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")


def test_a_stranger_is_asked_to_log_in_before_anything_is_read(cast, api) -> None:
    answer = api(None).post("clients/", "{")

    assert (answer.status_code, answer.json()["code"]) == (401, "not_logged_in")
    assert answer["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "cookie", ['"\\000\\000\\000\\000\\000\\000\\000\\000"', "é" * 32, "a" * 5000, "../../etc", ""]
)
def test_a_session_cookie_that_we_never_gave(cast, api, cookie) -> None:
    web = api(None)

    answer = web.http.get("/api/v1/me/", headers={"Cookie": f"sessionid={cookie}"})

    assert (answer.status_code, answer.json()["code"]) == (401, "not_logged_in")


@pytest.mark.parametrize(
    ("method", "path", "headers", "status", "code"),
    [
        ("get", "/api/docs/", {"Accept": "application/json"}, 406, "not_acceptable"),
        ("get", "/api/docs/?format=xml", {}, 404, "not_found"),
        ("post", "/api/docs/", {}, 405, "method_not_allowed"),
        ("get", "/api/schema/?format=xml", {}, 404, "not_found"),
        ("post", "/api/schema/", {}, 405, "method_not_allowed"),
        ("post", "/healthz", {}, 403, "csrf_failed"),
        ("get", "/admin/", {}, 404, "not_found"),
        ("get", "/admin/login/", {}, 404, "not_found"),
        ("get", "/static/..%2f..%2fetc/passwd", {}, 404, "not_found"),
    ],
)
def test_a_refusal_is_a_problem_wherever_it_comes_from(db, method, path, headers, status, code) -> None:
    http = HttpClient(enforce_csrf_checks=True)

    answer = getattr(http, method)(path, headers=headers)

    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert answer.json()["code"] == code


def test_nobody_on_the_way_keeps_an_answer(cast, api) -> None:
    web = api(cast.case_manager)

    answers = [web.get("clients/"), web.post("clients/", GOOD), web.get("moon/"), web.post("clients/", "{")]

    assert [answer.get("Cache-Control") for answer in answers] == ["no-store"] * 4

"""Security keys: what signs our challenge on our page opens a sign-in once; nothing else does (HIP-03)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from casemgmt.accounts.models import ApiToken, Factor, User
from casemgmt.accounts.roles import Role
from casemgmt.audit.models import AuditEvent
from tests.authenticator import SecurityKey
from tests.factories import people
from tests.web import Web

from .test_second_factor import enroll as enroll_app


@pytest.fixture(autouse=True)
def _required(settings) -> None:
    settings.REQUIRE_SECOND_FACTOR = True


@pytest.fixture
def carla(db):
    return people.staff(Role.CASE_MANAGER, at=people.organization(), password=people.PASSWORD)


def login(actor) -> Web:
    body = {"email": User.objects.get(pk=actor.id).email, "password": people.PASSWORD}
    web = Web()
    web.headers["Authorization"] = f"Bearer {web.post('tokens/', body).json()['token']}"
    return web


def creation(web: Web) -> dict[str, Any]:
    return web.post("second-factor/keys/").json()["options"]


def challenge(web: Web) -> dict[str, Any]:
    return web.post("second-factor/keys/challenge/").json()["options"]


def enroll(web: Web, key: SecurityKey, **more: str):
    return web.post("second-factor/keys/confirm/", {"credential": key.create(creation(web)), **more})


def show(web: Web, answer: Any):
    return web.post("second-factor/keys/pass/", {"credential": answer})


@pytest.fixture
def key(carla) -> SecurityKey:
    """A key that Carla enrolled."""
    made = SecurityKey()
    assert enroll(login(carla), made, label="Blue key").status_code == 201
    return made


def test_a_first_key_opens_everything_and_gives_recovery_codes(carla) -> None:
    web = login(carla)
    before = web.get("me/").status_code

    made = enroll(web, SecurityKey(), label="Blue key")

    assert (before, made.status_code, len(made.json()["recovery_codes"])) == (403, 201, 10)
    assert web.get("me/").status_code == 200
    shown = web.get("second-factor/").json()
    assert [(each["kind"], each["label"]) for each in shown["factors"]] == [("security_key", "Blue key")]


def test_the_next_sign_in_is_opened_by_the_key(carla, key) -> None:
    web = login(carla)
    assert (web.get("second-factor/").json()["state"], web.get("me/").status_code) == ("needed", 403)

    shown = show(web, key.get(challenge(web)))

    assert (shown.status_code, shown.json()["state"], web.get("me/").status_code) == (200, "passed", 200)
    assert AuditEvent.objects.filter(action="second_factor.passed", reason_code="security_key").count() == 1


@pytest.mark.parametrize(
    "forged",
    [
        {"origin": "https://testserver.example.org"},
        {"origin": "http://testserver"},
        {"challenge": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},
        {"type": "webauthn.create"},
    ],
)
def test_what_was_signed_for_another_page_or_question_opens_nothing(carla, key, forged) -> None:
    web = login(carla)

    refused = show(web, key.get(challenge(web), **forged))

    assert (refused.status_code, refused.json()["code"]) == (400, "wrong_code")
    assert web.get("me/").status_code == 403


def test_another_key_opens_nothing(carla, key) -> None:
    web, stranger = login(carla), SecurityKey()
    stranger.credential_id = key.credential_id

    assert show(web, stranger.get(challenge(web))).status_code == 400
    assert show(web, SecurityKey().get(challenge(web))).status_code == 400
    assert web.get("me/").status_code == 403


def test_an_answer_opens_once_and_only_the_sign_in_that_asked(carla, key) -> None:
    web, other = login(carla), login(carla)
    answer = key.get(challenge(web))
    challenge(other)

    assert show(other, answer).status_code == 400
    assert show(web, answer).status_code == 200
    assert show(web, answer).status_code == 400
    assert other.get("me/").status_code == 403


def test_a_challenge_ends_after_five_minutes(carla, key, travel) -> None:
    web = login(carla)
    answer, asked = key.get(challenge(web)), ApiToken.objects.order_by("-id")[0].created_at
    travel(asked + timedelta(minutes=6))

    assert show(web, answer).status_code == 400
    assert web.get("me/").status_code == 403


def test_a_copied_key_is_found_by_its_counter(carla, key) -> None:
    first = login(carla)
    assert show(first, key.get(challenge(first))).status_code == 200
    key.counter -= 1

    web = login(carla)
    refused = show(web, key.get(challenge(web)))

    assert (refused.status_code, "copied" in refused.json()["detail"]) == (400, True)
    assert web.get("me/").status_code == 403


def test_a_challenge_to_enroll_is_none_to_pass(carla, key) -> None:
    web = login(carla)
    assert show(web, key.get(challenge(web))).status_code == 200
    options = creation(web)

    assert show(web, key.get({**options, "rpId": options["rp"]["id"]})).status_code == 400
    assert web.post("second-factor/keys/confirm/", {"credential": SecurityKey().create(options)}).status_code == 201


def test_no_second_key_is_enrolled_by_who_showed_only_the_password(carla, key) -> None:
    web = login(carla)

    refused = web.post("second-factor/keys/")

    assert (refused.status_code, refused.json()["code"]) == (403, "second_factor_not_fresh")
    assert Factor.objects.count() == 1


def test_a_key_is_enrolled_once(carla, key) -> None:
    web = login(carla)
    show(web, key.get(challenge(web)))

    again = enroll(web, key)
    options = creation(web)

    assert (again.status_code, again.json()["code"], Factor.objects.count()) == (409, "key_known", 1)
    assert [each["id"] for each in options["excludeCredentials"]] == [key.create(options)["id"]]


def test_a_key_beside_an_app_leaves_the_recovery_codes(carla) -> None:
    web = login(carla)
    enroll_app(web)

    assert enroll(web, SecurityKey()).json() == {"recovery_codes": []}
    assert web.get("second-factor/").json()["recovery_codes_left"] == 10


def test_without_a_page_for_keys_there_are_none(carla, settings) -> None:
    settings.SIGN_IN_ORIGIN = ""

    refused = login(carla).post("second-factor/keys/")

    assert (refused.status_code, refused.json()["code"]) == (409, "security_keys_off")


def test_who_has_none_is_told(carla) -> None:
    refused = login(carla).post("second-factor/keys/challenge/")

    assert (refused.status_code, refused.json()["code"]) == (409, "no_security_key")


@pytest.mark.parametrize("part", ["clientDataJSON", "authenticatorData", "signature", "response", "rawId"])
@pytest.mark.parametrize("value", [None, 7, "", "!", "AAAA", [], {"a": 1}])
def test_what_cannot_be_read_is_a_wrong_answer(carla, key, part, value, caplog) -> None:
    web = login(carla)
    answer = key.get(challenge(web))
    (answer if part in answer else answer["response"])[part] = value

    refused = show(web, answer)

    assert (refused.status_code, refused.json()["code"]) == (400, "wrong_code")
    assert web.get("me/").status_code == 403

"""Coming in, going out, and being sent away; each at the next request (S3, HIP-03)."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256

import pytest

from casemgmt.accounts.models import ApiToken, Membership, User
from casemgmt.accounts.roles import Role
from casemgmt.audit.models import AuditEvent
from casemgmt.kernel import clock
from tests.factories import people
from tests.web import Web

SECRET = people.PASSWORD


@pytest.fixture
def carla(db):
    return people.staff(Role.CASE_MANAGER, at=people.organization(), password=SECRET)


def email_of(actor) -> str:
    return User.objects.get(pk=actor.id).email


def with_token(token: str) -> Web:
    web = Web()
    web.headers["Authorization"] = f"Bearer {token}"
    return web


def test_a_token_opens_the_api_for_its_person(carla) -> None:
    made = Web().post("tokens/", {"email": email_of(carla).upper(), "password": SECRET, "label": "laptop"})

    me = with_token(made.json()["token"]).get("me/")

    assert made.status_code == 201
    assert (me.status_code, me.json()["id"], me.json()["roles"]) == (200, str(carla.id), ["case_manager"])


def test_the_secret_is_stored_as_a_digest_and_the_password_by_argon2(carla) -> None:
    secret = Web().post("tokens/", {"email": email_of(carla), "password": SECRET}).json()["token"]

    assert secret not in str(list(ApiToken.objects.values()))
    assert User.objects.get(pk=carla.id).password.startswith("argon2$argon2id$")


def test_wrong_password_unknown_address_and_disabled_account_get_one_answer(carla) -> None:
    tries = [
        {"email": email_of(carla), "password": "wrong"},
        {"email": "nobody@example.org", "password": SECRET},
        {"email": email_of(carla), "password": SECRET, "organization": "00000000-0000-7000-8000-000000000000"},
    ]
    answers = [Web().post("tokens/", each) for each in tries]
    User.objects.filter(pk=carla.id).update(is_active=False)
    answers.append(Web().post("tokens/", {"email": email_of(carla), "password": SECRET}))

    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(401, "bad_login")}
    assert len({answer.content for answer in answers}) == 1
    assert ApiToken.objects.count() == 0
    assert AuditEvent.objects.filter(outcome="refused", reason_code="bad_login").count() == 4


def test_who_works_for_two_organizations_says_for_which_one_they_come(carla) -> None:
    south = people.organization("South")
    Membership.objects.create(user_id=carla.id, organization=south, role=Role.THERAPIST)
    login = {"email": email_of(carla), "password": SECRET}

    unsaid = Web().post("tokens/", login)
    said = Web().post("tokens/", {**login, "organization": str(south.id)})

    assert (unsaid.status_code, unsaid.json()["code"]) == (400, "organization_needed")
    assert set(unsaid.json()["organizations"]) == {str(carla.organization_id), str(south.id)}
    assert with_token(said.json()["token"]).get("me/").json()["roles"] == ["therapist"]


@pytest.mark.parametrize("how", ["revoke", "expire", "disable", "end role"])
def test_whatever_ends_ends_at_the_next_request(carla, how) -> None:
    web = Web(carla)
    assert web.get("me/").status_code == 200

    token = ApiToken.objects.get()
    if how == "revoke":
        assert web.delete(f"sign-ins/{token.id}/").status_code == 204
    elif how == "expire":
        ApiToken.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    elif how == "disable":
        User.objects.filter(pk=carla.id).update(is_active=False)
    else:
        Membership.objects.update(ended_at=clock.now())

    answer = web.get("me/")
    assert (answer.status_code, answer.json()["code"]) == (401, "not_logged_in")


def test_nobody_revokes_the_token_of_another(carla) -> None:
    web, other = Web(carla), people.staff(Role.SUPERVISOR, at=people.organization("South"))

    answer = Web(other).delete(f"sign-ins/{ApiToken.objects.get(user_id=carla.id).id}/")

    assert answer.status_code == 404
    assert web.get("me/").status_code == 200


def test_a_browser_session_needs_its_csrf_token_for_unsafe_requests(carla) -> None:
    web = Web()
    web.http.handler.enforce_csrf_checks = True
    opened = web.post("session/", {"email": email_of(carla), "password": SECRET})
    ada = {"given_name": "Ada", "family_name": "Example"}

    read = web.get("me/")
    without = web.post("clients/", ada)
    with_it = web.post("clients/", ada, X_CSRFToken=opened.json()["csrf_token"])

    assert (opened.status_code, read.status_code) == (201, 200)
    assert (without.status_code, without.json()["code"]) == (403, "csrf_failed")
    assert with_it.status_code == 201
    assert web.delete("session/", X_CSRFToken=opened.json()["csrf_token"]).status_code == 204
    assert web.get("me/").status_code == 401


@pytest.mark.parametrize("header", ["Basic abc", "Bearer", "Bearer  ", "Bearer nonsense", "Token abc"])
def test_a_header_that_opens_nothing(carla, header) -> None:
    web = Web()
    web.headers["Authorization"] = header

    assert web.get("me/").status_code == 401


def test_logging_in_takes_no_session_key_from_the_caller(carla) -> None:
    web = Web()
    web.http.cookies["sessionid"] = "a" * 43

    opened = web.post("session/", {"email": email_of(carla), "password": SECRET})
    given = opened.cookies["sessionid"]

    assert opened.status_code == 201
    assert given.value != "a" * 43
    assert ApiToken.objects.get().digest == sha256(given.value.encode()).hexdigest()
    assert (given["httponly"], given["samesite"], given["path"]) == (True, "Lax", "/")


def test_a_role_that_ended_is_gone_while_another_stays(carla) -> None:
    web = Web(carla)
    Membership.objects.create(user_id=carla.id, organization_id=carla.organization_id, role=Role.PEER_SPECIALIST)
    assert web.get("me/").json()["roles"] == ["case_manager", "peer_specialist"]

    Membership.objects.filter(role=Role.CASE_MANAGER).update(ended_at=clock.now())

    assert web.get("me/").json()["roles"] == ["peer_specialist"]
    assert web.post("clients/", {"given_name": "Ada", "family_name": "Example"}).status_code == 403

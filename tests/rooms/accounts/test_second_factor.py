"""The second factor: who has shown only a password gets nowhere, and no code opens twice (HIP-03)."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.urls import get_resolver

from casemgmt.accounts.models import ApiToken, Factor, RecoveryCode, User
from casemgmt.accounts.one_time_codes import STEP, code_at
from casemgmt.accounts.roles import Role
from casemgmt.api.models import IdempotencyKey
from casemgmt.audit.models import AuditEvent
from casemgmt.kernel import clock
from tests.factories import people
from tests.web import Web


@pytest.fixture(autouse=True)
def _required(settings) -> None:
    settings.REQUIRE_SECOND_FACTOR = True


@pytest.fixture
def carla(db):
    return people.staff(Role.CASE_MANAGER, at=people.organization(), password=people.PASSWORD)


def code_of(secret: str, *, later: int = 0) -> str:
    return code_at(int(clock.now().timestamp()) // STEP + later, secret=secret)


def enroll(web: Web) -> tuple[str, list[str]]:
    secret = web.post("second-factor/app/").json()["secret"]
    confirmed = web.post("second-factor/app/confirm/", {"code": code_of(secret, later=-1)})
    assert confirmed.status_code == 201, confirmed.content
    return secret, confirmed.json()["recovery_codes"]


def login(actor, **more: str):
    return Web().post("tokens/", {"email": User.objects.get(pk=actor.id).email, "password": people.PASSWORD, **more})


def with_token(answer) -> Web:
    web = Web()
    web.headers["Authorization"] = f"Bearer {answer.json()['token']}"
    return web


def every_address() -> list[str]:
    found = []
    for prefix, resolver in (
        (str(each.pattern), each) for each in get_resolver().url_patterns if hasattr(each, "url_patterns")
    ):
        if prefix != "api/v1/":
            continue
        rooms = [room for each in resolver.url_patterns for room in each.url_patterns]
        found = [route for room in rooms for route in getattr(room, "url_patterns", [room])]
    return found


BEFORE = {
    "second-factor",
    "second-factor-app",
    "second-factor-app-confirm",
    "second-factor-keys",
    "second-factor-key-confirm",
    "second-factor-key-ask",
    "second-factor-key-pass",
    "session",
    "tokens",
    "invitation-acceptance",
    "outside-session",  # these three take the key of a link and no other
    "outside-referral",
    "outside-transitions",
}


def test_without_a_factor_nothing_opens_but_what_enrolls_one(carla) -> None:
    """HIP-03: every address of the API, one by one."""
    web = Web(carla)
    routes = [each for each in every_address() if each.name not in BEFORE]
    assert len(routes) > 80

    for route in routes:
        path = str(route.pattern)
        for name in ("pk", "point"):
            path = path.replace(f"<uuid:{name}>", "00000000-0000-7000-8000-000000000000")
        answers = {method: getattr(web, method)(path) for method in ("get", "post", "patch", "delete")}
        assert {answer.status_code for answer in answers.values()} <= {403}, (path, answers)
        assert {answer.json()["code"] for answer in answers.values()} == {"second_factor_required"}, path


def test_enrolling_an_app_opens_everything_and_gives_ten_recovery_codes(carla) -> None:
    web = Web(carla)
    before = web.get("second-factor/").json()

    _, codes = enroll(web)

    assert (before["state"], web.get("second-factor/").json()["state"]) == ("to_enroll", "passed")
    assert web.get("me/").status_code == 200
    assert (len(codes), len(set(codes)), RecoveryCode.objects.count()) == (10, 10, 10)


def test_the_next_sign_in_asks_for_the_code_and_takes_it_once(carla) -> None:
    secret, _ = enroll(Web(carla))
    opened = login(carla)
    web, code = with_token(opened), code_of(secret)

    assert (opened.json()["second_factor"], web.get("me/").status_code) == ("needed", 403)
    assert web.post("second-factor/", {"code": code}).json()["state"] == "passed"
    assert web.get("me/").status_code == 200

    replay = with_token(login(carla))
    refused = replay.post("second-factor/", {"code": code})
    assert (refused.status_code, refused.json()["code"]) == (400, "wrong_code")
    assert replay.get("me/").status_code == 403


def test_a_code_beside_the_password_opens_at_once_and_not_twice(carla) -> None:
    secret, _ = enroll(Web(carla))
    code, before = code_of(secret), ApiToken.objects.count()

    first, second = login(carla, code=code), login(carla, code=code)

    assert (first.status_code, first.json()["second_factor"]) == (201, "passed")
    assert (second.status_code, second.json()["code"]) == (401, "bad_login")
    assert ApiToken.objects.count() == before + 1


@pytest.mark.parametrize("step", [-40, -2, 2, 40])
def test_a_code_of_another_time_is_refused(carla, step) -> None:
    secret, _ = enroll(Web(carla))
    web = with_token(login(carla))

    assert web.post("second-factor/", {"code": code_of(secret, later=step)}).status_code == 400
    assert web.get("me/").status_code == 403


def test_a_recovery_code_opens_once(carla) -> None:
    _, codes = enroll(Web(carla))
    web, other = with_token(login(carla)), with_token(login(carla))

    assert web.post("second-factor/", {"code": codes[0].lower()}).json()["recovery_codes_left"] == 9
    assert other.post("second-factor/", {"code": codes[0]}).status_code == 400
    assert (web.get("me/").status_code, other.get("me/").status_code) == (200, 403)


def test_new_recovery_codes_take_the_place_of_the_old(carla) -> None:
    web = Web(carla)
    _, old = enroll(web)

    new = web.post("second-factor/recovery-codes/").json()["recovery_codes"]

    other = with_token(login(carla))
    assert other.post("second-factor/", {"code": old[0]}).status_code == 400
    assert other.post("second-factor/", {"code": new[0]}).status_code == 200


def test_codes_are_guessed_five_times(carla) -> None:
    secret, _ = enroll(Web(carla))
    web = with_token(login(carla))

    wrong = [web.post("second-factor/", {"code": f"00000{number}"}).status_code for number in range(6)]

    assert wrong == [400] * 5 + [429]
    assert web.post("second-factor/", {"code": code_of(secret)}).status_code == 429
    assert web.get("me/").status_code == 403


def test_enrolling_makes_the_other_sign_ins_wait(carla, settings) -> None:
    settings.REQUIRE_SECOND_FACTOR = False
    here, there = Web(carla), Web(carla)
    assert there.get("me/").status_code == 200

    enroll(here)

    assert (here.get("me/").status_code, there.get("me/").status_code) == (200, 403)


def test_a_second_app_cannot_be_enrolled_with_the_password_alone(carla) -> None:
    enroll(Web(carla))
    web = with_token(login(carla))

    refused = web.post("second-factor/app/")

    assert (refused.status_code, refused.json()["code"]) == (403, "second_factor_not_fresh")
    assert Factor.objects.count() == 1


def test_factors_are_changed_only_by_who_showed_one_just_now(carla, travel) -> None:
    web = Web(carla)
    secret, _ = enroll(web)
    travel(clock.now() + timedelta(minutes=16))

    stale = [web.post("second-factor/app/"), web.post("second-factor/recovery-codes/")]
    assert {answer.json()["code"] for answer in stale} == {"second_factor_not_fresh"}

    assert web.post("second-factor/", {"code": code_of(secret)}).status_code == 200
    assert web.post("second-factor/app/").status_code == 201


def test_another_app_takes_the_place_of_the_first_once_it_showed_a_code(carla) -> None:
    web = Web(carla)
    old, _ = enroll(web)

    new, codes = enroll(web)

    assert (codes, Factor.objects.count()) == ([], 1)
    other = with_token(login(carla))
    assert other.post("second-factor/", {"code": code_of(old)}).status_code == 400
    assert other.post("second-factor/", {"code": code_of(new)}).status_code == 200


def test_the_last_factor_stays_while_one_is_required(carla, settings) -> None:
    web = Web(carla)
    enroll(web)
    factor = Factor.objects.get()

    refused = web.delete(f"second-factor/{factor.id}/")
    assert (refused.status_code, refused.json()["code"]) == (409, "last_second_factor")
    assert Factor.objects.count() == 1

    settings.REQUIRE_SECOND_FACTOR = False
    assert web.delete(f"second-factor/{factor.id}/").status_code == 204
    assert (Factor.objects.count(), RecoveryCode.objects.count()) == (0, 0)


def test_no_secret_is_kept_readable_or_written_to_the_trail(carla) -> None:
    web = Web(carla)
    began = web.post("second-factor/app/", Idempotency_Key="one").json()["secret"]
    codes = web.post("second-factor/app/confirm/", {"code": code_of(began)}, Idempotency_Key="two").json()
    plain = [code.replace("-", "") for code in codes["recovery_codes"]]

    tables = (ApiToken, Factor, RecoveryCode, AuditEvent, IdempotencyKey)
    kept = "".join(str(list(model.objects.values())) for model in tables)

    assert IdempotencyKey.objects.count() == 0
    assert not [secret for secret in (began, *plain, *codes["recovery_codes"]) if secret in kept]


def test_what_happens_to_factors_is_audited(carla) -> None:
    secret, _ = enroll(Web(carla))
    web = with_token(login(carla))
    web.post("second-factor/", {"code": "000000"})
    web.post("second-factor/", {"code": code_of(secret)})

    actions = AuditEvent.objects.filter(actor_id=carla.id).values_list("action", flat=True)
    assert {
        "second_factor.begun",
        "second_factor.enrolled",
        "second_factor.refused",
        "second_factor.passed",
        "recovery_codes.renewed",
    } <= set(actions)


def test_the_key_that_seals_secrets_can_be_replaced(carla, settings) -> None:
    secret, _ = enroll(Web(carla))
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another key"
    sealed_before = Factor.objects.get().secret

    call_command("reseal_factors", stdout=io.StringIO())
    settings.SECRET_KEY_FALLBACKS = []

    assert Factor.objects.get().secret != sealed_before
    assert with_token(login(carla)).post("second-factor/", {"code": code_of(secret)}).status_code == 200


def test_when_the_key_is_lost_recovery_codes_still_open(carla, settings) -> None:
    secret, codes = enroll(Web(carla))
    settings.SECRET_KEY = "another key"
    web = with_token(login(carla))

    assert web.post("second-factor/", {"code": code_of(secret)}).status_code == 400
    assert web.post("second-factor/", {"code": codes[0]}).status_code == 200

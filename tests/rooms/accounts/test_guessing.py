"""Guessing passwords: few guesses are looked at, and no stranger locks a colleague out (6.1.1, 6.3.1)."""

from __future__ import annotations

from datetime import timedelta
from itertools import count

import pytest

from casemgmt.accounts.models import ApiToken, GuessCount, User
from casemgmt.accounts.roles import Role
from casemgmt.audit.models import AuditEvent
from casemgmt.kernel import clock
from tests.factories import people
from tests.web import Web

FAST = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # a thousand guesses with argon2 take minutes
HOME, ELSEWHERE = "203.0.113.7", "198.51.100.9"


@pytest.fixture(autouse=True)
def _cheap(settings) -> None:
    settings.PASSWORD_HASHERS = FAST


@pytest.fixture
def carla(db):
    return people.staff(Role.CASE_MANAGER, at=people.organization(), password=people.PASSWORD)


def email_of(actor) -> str:
    return User.objects.get(pk=actor.id).email


def guess(email: str, password: str = "wrong", *, at: str = ELSEWHERE, **headers: str):
    web = Web()
    web.http.defaults["REMOTE_ADDR"] = at
    return web.post("tokens/", {"email": email, "password": password}, **headers)


def looked_at() -> int:
    """How many guesses reached the password: each of those leaves its refusal."""
    return AuditEvent.objects.filter(reason_code="bad_login").count()


def test_of_a_thousand_guesses_from_one_address_five_are_looked_at(carla) -> None:
    email = email_of(carla)

    answers = [guess(email) for _ in range(999)]
    right = guess(email, people.PASSWORD)

    assert [answer.status_code for answer in answers] == [401] * 5 + [429] * 994
    assert right.status_code == 429  # the right one is not looked at either
    assert looked_at() == 5
    assert ApiToken.objects.count() == 0
    assert AuditEvent.objects.filter(action="sign_in.locked", reason_code="pair").count() == 1


def test_of_guesses_from_a_hundred_addresses_a_hundred_an_hour_are_looked_at_and_the_owner_comes_in(
    carla, travel
) -> None:
    email = email_of(carla)
    assert guess(email, people.PASSWORD, at=HOME).status_code == 201
    start = clock.now()

    for minutes in (0, 20, 40):
        travel(start + timedelta(minutes=minutes))
        for address in range(100):
            for _ in range(2):
                guess(email, at=f"198.51.100.{address}")

    assert looked_at() == 100
    assert guess(email, people.PASSWORD, at="192.0.2.1").status_code == 429  # a stranger's guess, right or wrong
    assert guess(email, people.PASSWORD, at=HOME).status_code == 201


def test_a_stranger_does_not_lock_a_colleague_out(carla) -> None:
    email = email_of(carla)

    strangers = [guess(email).status_code for _ in range(8)]

    assert strangers == [401] * 5 + [429] * 3
    assert guess(email, people.PASSWORD, at=HOME).status_code == 201


def test_a_locked_answer_says_when_to_come_back_and_then_holds(carla, travel) -> None:
    email, start = email_of(carla), clock.now()
    for _ in range(5):
        guess(email)

    locked = guess(email, people.PASSWORD)
    travel(start + timedelta(seconds=int(locked["Retry-After"]) + 1))

    assert (locked.status_code, locked.json()["code"]) == (429, "too_many_requests")
    assert 60 <= int(locked["Retry-After"]) <= 15 * 60 + 1
    assert guess(email, people.PASSWORD).status_code == 201


def test_locked_answers_are_the_same_for_everybody(carla) -> None:
    disabled = people.staff(Role.PEER_SPECIALIST, at=people.organization(), password=people.PASSWORD)
    User.objects.filter(pk=disabled.id).update(is_active=False)
    emails = [email_of(carla), email_of(disabled), "nobody@example.org"]

    before = {guess(email).content for email in emails}
    for email in emails:
        for _ in range(4):
            guess(email)
    after = {guess(email, people.PASSWORD).content for email in emails}

    assert (len(before), len(after)) == (1, 1)


@pytest.mark.parametrize(
    "spelling", ["PERSON@EXAMPLE.ORG", "pérsòn@example.org", "ｐｅｒｓｏｎ@example.org", " person@example.org "]
)
def test_another_spelling_is_no_new_guess(db, spelling) -> None:
    for _ in range(5):
        guess("person@example.org")

    assert guess(spelling).status_code == 429


def test_a_forwarded_address_is_not_believed_unless_a_proxy_of_ours_wrote_it(carla, settings) -> None:
    email, numbers = email_of(carla), count(1)
    invented = [guess(email, X_Forwarded_For=f"10.0.0.{next(numbers)}").status_code for _ in range(6)]
    settings.TRUSTED_PROXIES = 1
    told = [guess(email, X_Forwarded_For=f"10.9.9.{next(numbers)}, 192.0.2.55").status_code for _ in range(6)]

    assert invented == [401] * 5 + [429]
    assert told == [401] * 5 + [429]  # only the address that our proxy added counts


def test_addresses_of_one_ipv6_customer_count_as_one(carla) -> None:
    email = email_of(carla)

    assert [guess(email, at=f"2001:db8:1:2::{host:x}").status_code for host in range(6)] == [401] * 5 + [429]
    assert guess(email, at="2001:db8:1:3::1").status_code == 401


def test_one_address_that_tries_many_names_is_held_up(carla) -> None:
    answers = [guess(f"person{number}@example.com").status_code for number in range(110)]

    assert answers == [401] * 100 + [429] * 10


def test_a_right_password_gives_its_guess_back(carla) -> None:
    email = email_of(carla)
    for _ in range(3):
        assert [guess(email).status_code for _ in range(4)] == [401] * 4
        assert guess(email, people.PASSWORD).status_code == 201

    assert sorted(GuessCount.objects.values_list("count", flat=True)) == [4, 4]  # of the name and of the address


def test_counts_hold_neither_names_nor_addresses(carla) -> None:
    guess(email_of(carla))

    kept = str(list(GuessCount.objects.values()))
    assert email_of(carla) not in kept
    assert ELSEWHERE not in kept

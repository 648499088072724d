"""How long a sign-in lasts, where one is signed in, and ending it (S3, HIP-03)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from casemgmt.accounts.models import ApiToken, User
from casemgmt.accounts.roles import Role
from casemgmt.audit.models import AuditEvent
from casemgmt.kernel import clock
from tests.factories import people
from tests.web import Web

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def carla(db):
    return people.staff(Role.CASE_MANAGER, at=people.organization(), password=people.PASSWORD)


def browser_of(actor) -> Web:
    web = Web()
    login = {"email": User.objects.get(pk=actor.id).email, "password": people.PASSWORD}
    assert web.post("session/", login, User_Agent=FIREFOX).status_code == 201
    return web


def test_a_session_that_lies_idle_for_a_quarter_of_an_hour_has_ended(carla, travel) -> None:
    """HIP-03: automatic logoff, by the database's clock."""
    start = clock.now()
    web = browser_of(carla)

    travel(start + timedelta(minutes=14))
    assert web.get("me/").status_code == 200
    travel(start + timedelta(minutes=28))
    assert web.get("me/").status_code == 200  # each request renews it
    travel(start + timedelta(minutes=43, seconds=1))
    assert web.get("me/").status_code == 401


def test_a_session_ends_after_twelve_hours_however_busy_it_is(carla, travel) -> None:
    """HIP-03: a session that is used all day ends all the same."""
    start = clock.now()
    web = browser_of(carla)

    for quarter in range(1, 60):
        moment = start + timedelta(minutes=12 * quarter)
        travel(moment)
        assert web.get("me/").status_code == 200, moment - start
    travel(start + timedelta(hours=12, seconds=1))

    assert web.get("me/").status_code == 401


def test_a_token_of_a_person_ends_like_a_session_where_it_is_not_relaxed(carla, travel, settings) -> None:
    """HIP-03: a program of a person is logged off too."""
    settings.TOKEN_IDLE_MINUTES, settings.TOKEN_HOURS = 15, 12
    start = clock.now()
    idle, web = Web(carla), Web(carla)

    travel(start + timedelta(minutes=10))
    assert web.get("me/").status_code == 200
    travel(start + timedelta(minutes=16))

    assert (web.get("me/").status_code, idle.get("me/").status_code) == (200, 401)


def test_what_stands_in_a_cookie_opens_nothing_in_a_header_and_the_other_way_round(carla) -> None:
    browser, program = browser_of(carla), Web(carla)
    swapped, other = Web(), Web()
    swapped.headers["Authorization"] = f"Bearer {browser.http.cookies['sessionid'].value}"
    other.http.cookies["sessionid"] = program.headers["Authorization"].removeprefix("Bearer ")

    assert (swapped.get("me/").status_code, other.get("me/").status_code) == (401, 401)


def test_one_sees_where_one_is_signed_in_and_no_secret(carla) -> None:
    web, _ = browser_of(carla), Web(carla)
    Web(people.staff(Role.SUPERVISOR, at=people.organization("South")))

    listed = web.get("sign-ins/").json()["results"]

    assert [(each["carrier"], each["agent"], each["address"], each["current"]) for each in listed] == [
        ("program", "", None, False),
        ("browser", "Firefox on Windows", "127.0.0.1", True),
    ]
    assert {"digest", "secret", "token"}.isdisjoint(listed[0])


def test_ending_another_sign_in_bites_at_its_next_request(carla) -> None:
    """S3: a device that was lost is out at once."""
    here, lost = browser_of(carla), browser_of(carla)
    gone = next(each["id"] for each in here.get("sign-ins/").json()["results"] if not each["current"])

    assert here.delete(f"sign-ins/{gone}/").status_code == 204

    assert (here.get("me/").status_code, lost.get("me/").status_code) == (200, 401)


def test_ending_all_others_keeps_the_one_that_asks(carla) -> None:
    """S3: one request for all devices."""
    here, others = browser_of(carla), [browser_of(carla), Web(carla)]
    stranger = Web(people.staff(Role.SUPERVISOR, at=people.organization("South")))

    assert here.delete("sign-ins/").status_code == 204

    assert [web.get("me/").status_code for web in (here, *others, stranger)] == [200, 401, 401, 200]
    assert AuditEvent.objects.filter(action="token.revoked_others", actor_id=carla.id).count() == 1


def test_logging_out_ends_the_key_and_not_just_the_cookie(carla) -> None:
    web = browser_of(carla)
    kept = web.http.cookies["sessionid"].value

    assert web.delete("session/").status_code == 204

    web.http.cookies["sessionid"] = kept
    assert web.get("me/").status_code == 401
    assert ApiToken.objects.get().revoked_at is not None


def test_logging_in_makes_a_new_key_each_time(carla) -> None:
    first, second = browser_of(carla), browser_of(carla)

    assert first.http.cookies["sessionid"].value != second.http.cookies["sessionid"].value
    assert ApiToken.objects.values("digest").distinct().count() == 2

"""Somebody who asks too often is told when to come back, and nobody else is slowed down (API4)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import caches
from django.test import override_settings

from casemgmt.accounts.roles import Role
from casemgmt.audit.models import AuditEvent
from casemgmt.clients.models import Client

PATH = "clients/"
NOBODY_HEARS = "redis://127.0.0.1:1/0"


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    """Count from nothing."""
    for name in ("default", "shared"):
        caches[name].clear()
    yield
    caches["default"].clear()


@pytest.fixture
def few(settings) -> None:
    """Let three requests of anybody through, and many of an organization."""
    settings.REQUESTS_PER_MINUTE_PERSON = settings.REQUESTS_PER_MINUTE_STRANGER = 3


def statuses(web, times: int) -> list[int]:
    return [web.get(PATH).status_code for _ in range(times)]


@pytest.mark.usefixtures("few")
def test_the_fourth_request_of_a_minute_is_told_to_wait(cast, api) -> None:
    found = statuses(api(cast.case_manager), 4)
    refused = api(cast.case_manager).post("clients/", {"given_name": "Ada", "family_name": "Example"})

    assert found[3] == 429 or found == [200, 200, 200, 200]  # a minute may end between two requests
    assert refused.status_code == 429
    assert refused.json()["code"] == "too_many_requests"
    assert 0 < int(refused.headers["Retry-After"]) <= 61
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert Client.objects.count() == 0
    assert statuses(api(cast.therapist), 1) == [200]


@pytest.mark.usefixtures("few")
def test_a_flood_is_no_flood_of_audit_rows(cast, api) -> None:
    statuses(api(cast.case_manager), 12)

    assert AuditEvent.objects.filter(reason_code="too_many_requests").count() == 0


def test_one_organization_is_counted_as_a_whole(cast, api, settings) -> None:
    settings.REQUESTS_PER_MINUTE_ORGANIZATION = 4
    people = [api(cast.at_north[role]) for role in (Role.CASE_MANAGER, Role.THERAPIST, Role.SUPERVISOR)]

    found = [web.get(PATH).status_code for web in people * 4]

    assert found.count(429) >= 4
    assert api(cast.outsider).get(PATH).status_code == 200


@pytest.mark.usefixtures("few")
def test_strangers_are_counted_by_address_and_staff_are_not(cast, api) -> None:
    statuses(api(None), 8)

    refused = api(None).get(PATH)
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_requests")
    assert statuses(api(cast.case_manager), 1) == [200]


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("scheme", ["Bearer guess-{}", "Bearer casemgmt_svc_{}", "Bearer", "Basic {}"])
def test_guessed_keys_are_counted_by_address(cast, api, scheme) -> None:
    """6.3.1: a key that opens nothing is a stranger's; whoever holds a right one is not held up."""
    guesses = [api(None).get(PATH, Authorization=scheme.format(number)) for number in range(9)]

    assert [answer.status_code for answer in guesses].count(401) <= 6  # a minute may end between two requests
    assert guesses[-1].status_code == 429
    assert 0 < int(guesses[-1].headers["Retry-After"]) <= 61
    assert statuses(api(cast.case_manager), 1) == [200]


@pytest.mark.usefixtures("few")
def test_an_address_that_a_stranger_makes_up_does_not_help(api) -> None:
    found = [api(None).get(PATH, **{"X-Forwarded-For": f"10.0.0.{n}"}).status_code for n in range(9)]

    assert found.count(401) <= 6
    assert found[-1] == 429


@pytest.mark.usefixtures("few")
def test_behind_a_proxy_the_address_is_the_one_that_the_proxy_wrote(api, settings) -> None:
    settings.TRUSTED_PROXIES = 1

    flood = [api(None).get(PATH, **{"X-Forwarded-For": f"10.0.0.{n}, 192.0.2.7"}).status_code for n in range(9)]
    other = api(None).get(PATH, **{"X-Forwarded-For": "192.0.2.7, 192.0.2.8"})

    assert flood[-1] == 429
    assert other.status_code == 401


@pytest.mark.usefixtures("few")
def test_while_redis_is_away_each_process_counts_by_itself(cast, api, settings) -> None:
    away = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": NOBODY_HEARS}
    with override_settings(CACHES={**settings.CACHES, "shared": away}):
        found = statuses(api(cast.case_manager), 8)

    assert found[0] == 200
    assert found[-1] == 429

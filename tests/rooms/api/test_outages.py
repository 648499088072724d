"""When PostgreSQL is away the answer is 503 with a time to wait, not a mistake of ours (reliability F1)."""

from __future__ import annotations

import psycopg
import pytest
from django.db import InterfaceError, OperationalError, connection
from psycopg import errors as postgres

from casemgmt.audit.models import AuditEvent


def caused_by(error: Exception) -> Exception:
    outer = OperationalError(str(error))
    outer.__cause__ = error
    return outer


AWAY = [
    caused_by(psycopg.OperationalError("connection refused")),
    caused_by(postgres.AdminShutdown("terminating connection")),
    caused_by(postgres.CannotConnectNow("the database system is starting up")),
    caused_by(postgres.TooManyConnections("sorry")),
    InterfaceError("the connection is closed"),
]
BUSY = [
    caused_by(postgres.LockNotAvailable("lock timeout")),
    caused_by(postgres.DeadlockDetected("deadlock")),
    caused_by(postgres.QueryCanceled("statement timeout")),
]


def failing(error: Exception):
    def wrapper(*_: object) -> None:
        raise error

    return connection.execute_wrapper(wrapper)


@pytest.mark.parametrize("error", AWAY, ids=lambda each: type(each.__cause__ or each).__name__)
def test_a_database_that_is_away_is_503_with_a_time_to_wait(cast, api, error) -> None:
    web = api(cast.case_manager)

    with failing(error):
        answer = web.get("clients/")

    assert (answer.status_code, answer["Content-Type"]) == (503, "application/problem+json")
    assert (answer.json()["code"], answer["Retry-After"]) == ("not_available", "5")
    assert not AuditEvent.objects.filter(outcome="refused").exists()


@pytest.mark.parametrize("error", BUSY, ids=lambda each: type(each.__cause__).__name__)
def test_a_row_that_somebody_holds_is_409(cast, api, error) -> None:
    web = api(cast.case_manager)

    with failing(error):
        answer = web.get("clients/")

    assert (answer.status_code, answer.json()["code"]) == (409, "busy")


def test_outside_of_any_view_it_is_503_too(cast, api) -> None:
    web = api(None)
    web.http.cookies["sessionid"] = "a" * 32

    with failing(AWAY[0]):
        answer = web.get("me/")

    assert (answer.status_code, answer.json()["code"], answer["Retry-After"]) == (503, "not_available", "5")

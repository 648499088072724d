"""`/healthz`: the process answers. `/readyz`: it can do its work, or says which part cannot."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings as configured
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.test.utils import CaptureQueriesContext

from casemgmt.kernel import clock
from casemgmt.outbox.heartbeat import JobHeartbeat, beat

READY = {"status": "ready", "database": "ok", "migrations": "ok", "drivers": "ok"}


def get(path: str):
    answer = Client(raise_request_exception=False).get(path)
    return answer.status_code, answer.json()


def refuse(*_: object) -> None:
    raise OperationalError("connection refused")


def test_healthz_answers_without_the_database() -> None:
    with connection.execute_wrapper(refuse):
        assert get("/healthz") == (200, {"status": "ok"})


def test_ready_when_a_driver_of_every_tick_ran_lately(db) -> None:
    beat("loop:send", progress=False)

    assert get("/readyz") == (200, READY)


def test_not_ready_before_any_driver_ran(db) -> None:
    assert get("/readyz") == (503, {**READY, "status": "not ready", "drivers": "standing still: none has run yet"})


def test_one_driver_of_a_tick_is_enough(db) -> None:
    for name in ("celery:send", "loop:send"):
        beat(name, progress=False)
    JobHeartbeat.objects.filter(name="celery:send").update(last_ok_at=clock.now() - timedelta(days=1))

    assert get("/readyz") == (200, READY)


@pytest.mark.parametrize(("age", "status"), [(119, 200), (121, 503)])
def test_a_tick_stands_still_when_no_driver_ran_it_for_the_time_of_the_setting(db, settings, age, status) -> None:
    settings.HEARTBEAT_STALE_SECONDS = 120
    for name in ("celery:relay", "loop:send"):
        beat(name, progress=True)
    JobHeartbeat.objects.filter(name="loop:send").update(last_ok_at=clock.now() - timedelta(seconds=age))

    told, body = get("/readyz")

    assert told == status
    assert body["drivers"] == ("ok" if status == 200 else "standing still: send")


def test_a_migration_that_is_missing(db) -> None:
    beat("loop:send", progress=False)
    MigrationRecorder(connection).record_unapplied("api", "0001_initial")

    status, body = get("/readyz")

    assert (status, body["migrations"], body["drivers"]) == (503, "pending", "ok")


def test_a_database_that_does_not_answer(db) -> None:
    with connection.execute_wrapper(refuse):
        status, body = get("/readyz")

    assert status == 503
    assert body == {
        "status": "not ready",
        "database": "unreachable",
        "migrations": "unknown",
        "drivers": "unknown",
    }


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_a_probe_with_an_old_session_cookie_writes_nothing(db, path) -> None:
    http = Client()
    http.cookies[configured.SESSION_COOKIE_NAME] = "a" * 32

    with CaptureQueriesContext(connection) as asked:
        answer = http.get(path)

    assert {each["sql"].split()[0] for each in asked} <= {"SELECT", "SET"}
    assert configured.SESSION_COOKIE_NAME not in answer.cookies

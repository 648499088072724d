"""The second driver as a real process: it works without a broker and leaves when it is told to (F3, F6)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection

from casemgmt.management.ticks import TICKS
from casemgmt.outbox.heartbeat import JobHeartbeat
from notifications.models import InboundText, Message
from tests.contracts.carrier_process import ACCOUNT, OUR_NUMBER, TOKEN, wait_until
from tests.factories import notifications as make


@pytest.fixture
def start_loop(carrier) -> Callable[[], subprocess.Popen[bytes]]:
    """Return `start_loop()`: `manage.py run_loop` against this database and this carrier, with a dead broker."""

    def start() -> subprocess.Popen[bytes]:
        server = connection.settings_dict
        with connection.cursor() as cursor:
            cursor.execute("SELECT extract(epoch FROM casemgmt_now() - now())")
            (offset,) = cursor.fetchone()
        url = f"postgresql://{server['USER']}@/{server['NAME']}?host={server['HOST']}"
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "casemgmt.settings.local",
            "DATABASE_URL": url,
            "DATABASE_OWNER_URL": url,
            "REDIS_URL": "redis://127.0.0.1:1/0",
            "CLOCK_OFFSET_SECONDS": str(offset),
            "SMS_GATEWAY": "twilio",
            "SMS_GATEWAY_BASE_URL": carrier.url,
            "SMS_ACCOUNT_SID": ACCOUNT,
            "SMS_AUTH_TOKENS": TOKEN,
            "SMS_FROM_NUMBER": OUR_NUMBER,
            "PUBLIC_BASE_URL": "https://testserver",
            "LOOP_INTERVAL_SECONDS": "0.3",
        }
        return subprocess.Popen([sys.executable, "manage.py", "run_loop"], env=environment)

    return start


def test_it_sends_reads_beats_and_leaves(ada, carrier, start_loop) -> None:
    message = make.message(ada, due_at=make.NOON)
    loop = start_loop()
    try:
        wait_until(lambda: Message.objects.get(pk=message.pk).status == "sent", patience=20)
        make.arrives(ada.number, "3")
        wait_until(lambda: InboundText.objects.count() == 1, patience=10)
        wait_until(lambda: JobHeartbeat.objects.count() == len(TICKS), patience=10)
    finally:
        loop.send_signal(signal.SIGTERM)

    assert loop.wait(10) == 0
    assert len(carrier.lines("accepted")) == 1
    assert set(JobHeartbeat.objects.values_list("name", flat=True)) == {
        "loop:poll",
        "loop:receipts",
        "loop:relay",
        "loop:seal",
        "loop:series",
        "loop:untold",
        "loop:dose",
        "loop:escalate",
        "loop:pathway",
        "loop:referral_clocks",
        "loop:places",
        "loop:notes",
        "loop:consents",
        "loop:emergencies",
        "loop:reviews",
        "loop:forget",
        "loop:forget_guesses",
        "loop:materialize",
        "loop:reminders",
        "loop:silences",
        "loop:sweep",
        "loop:watch",
        "loop:send",
        "loop:reconcile",
        "loop:notices",
    }


def test_it_survives_a_database_that_throws_it_out(ada, start_loop) -> None:
    loop = start_loop()
    try:
        wait_until(lambda: JobHeartbeat.objects.count() == len(TICKS), patience=20)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid() AND usename = current_user AND datname = current_database()"
            )
            (ended,) = cursor.fetchone()
        message = make.message(ada, due_at=make.NOON + timedelta(milliseconds=1))
        wait_until(lambda: Message.objects.get(pk=message.pk).status == "sent", patience=20)
    finally:
        loop.send_signal(signal.SIGTERM)

    assert ended >= 1
    assert loop.wait(10) == 0

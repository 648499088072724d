"""A carrier that outlives us, a clock at noon, and processes to kill."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connection, transaction

from notifications.gateways import GatewayConfig, TwilioGateway
from tests.contracts.carrier_process import ACCOUNT, OUR_NUMBER, TOKEN, CarrierProcess
from tests.factories import notifications as make


@pytest.fixture
def carrier(tmp_path: Path) -> Iterator[CarrierProcess]:
    """A carrier in a process of its own, whose log is the truth about what was sent."""
    process = CarrierProcess(tmp_path / "carrier.jsonl", "--no-callbacks")
    process.start()
    yield process
    process.kill()


@pytest.fixture
def gateway(carrier: CarrierProcess) -> TwilioGateway:
    """Our way to it."""
    return TwilioGateway(
        GatewayConfig(account_sid=ACCOUNT, auth_token=TOKEN, from_number=OUR_NUMBER, base_url=carrier.url)
    )


@pytest.fixture
def ada(committed_db: None, travel: Callable[..., None]) -> make.Texted:
    """A client who may be texted, at noon."""
    travel(make.NOON)
    with transaction.atomic():
        return make.texted(make.organization())


@pytest.fixture
def kill_at(carrier: CarrierProcess) -> Callable[[str], None]:
    """Return `kill_at(point)`: start a driver that is killed there, and wait for its death."""

    def run(point: str) -> None:
        server = connection.settings_dict
        with connection.cursor() as cursor:
            cursor.execute("SELECT extract(epoch FROM casemgmt_now() - now())")
            (offset,) = cursor.fetchone()
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "casemgmt.settings.test",
            "DATABASE_URL": f"postgresql://{server['USER']}@/{server['NAME']}?host={server['HOST']}",
            "CLOCK_OFFSET_SECONDS": str(offset),
        }
        command = [sys.executable, "-W", "ignore", "-m", "tests.crashes.victim", point, carrier.url]
        ended = subprocess.run(command, env=environment, timeout=60, check=False)
        assert ended.returncode == -signal.SIGKILL, f"it was to die at {point}"

    return run

"""Words about people stay in their tables: no log, no broker, no letter, no text and no stranger's answer has one (S4).

The whole system runs. Every text column of a table that names a client gets a word that occurs nowhere else; things go
right, are refused, and break; then every place that words could leak to is searched.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from casemgmt.devtools.instances import PROJECT, runtime_directory
from casemgmt.devtools.stack import Stack
from casemgmt.devtools.story.playing import environment
from tests import templates

from .accidents import Accidents
from .fields import CODES, NAMES_OF_THINGS, WORDS, text_columns
from .scenes import Scenes
from .sinks import Broker, files, texts
from .sweeping import Sweep
from .tokens import Mint

TEXTS = 2  # from phones
LEAST = 200  # canaries (S4)
UNHINDERED = {f"REQUESTS_PER_MINUTE_{who}": "100000000" for who in ("PERSON", "ORGANIZATION", "STRANGER")}
SCANNED = {"DJANGO_SETTINGS_MODULE": "tests.canary.settings", "GUNICORN_CMD_ARGS": "--access-logfile -"}
DRIVERS = ("worker", "beat", "loop")
SEARCHED = {
    "web.log": '"POST /api/v1/clients/ HTTP/1.1" 201',
    "postgres.log": "ERROR:",
    "worker.log": "succeeded in",
    "loop.log": "",
    "beat.log": "Sending due task",
}
DUE = """
ALTER TABLE chart_checkup DISABLE TRIGGER USER;
UPDATE chart_checkup SET window_opens_on = current_date - 1;
ALTER TABLE chart_checkup ENABLE TRIGGER USER;
"""
# South has accounts, so that no door gives its link a name.
NAMED = """
ALTER TABLE referrals_referrallink DISABLE TRIGGER USER;
UPDATE referrals_referrallink SET recipient_name = '{}';
ALTER TABLE referrals_referrallink ENABLE TRIGGER USER;
"""


def test_every_text_of_a_table_that_names_a_client_is_declared() -> None:
    """S4: a new text column fails here, until it gets a canary or is said to hold codes only."""
    declared = [*WORDS, *CODES, *NAMES_OF_THINGS]

    assert sorted(declared) == text_columns()
    assert len(declared) == len(set(declared))


@pytest.fixture
def name() -> Iterator[str]:
    name = f"canary-{os.getpid()}"
    yield name
    shutil.rmtree(runtime_directory() / name, ignore_errors=True)
    (runtime_directory() / f"{name}.lock").unlink(missing_ok=True)


@pytest.mark.chaos
@pytest.mark.timeout(600)
def test_no_word_about_a_client_gets_out(name: str, tmp_path: Path) -> None:
    """S4: 200 canaries and more, 0 found in logs, access log, PostgreSQL's log, broker, letters, texts, answers."""
    mint = Mint()
    with (
        templates.kept(anew=False) as template,
        Stack(name, environment() | UNHINDERED | SCANNED, like=template) as stack,
    ):
        broker = Broker(stack.environment["REDIS_URL"])
        sweep = Sweep(stack.base_url, settle(stack, mint), mint)
        scenes = Scenes(sweep)
        accidents = Accidents(stack, scenes)
        with accidents.superuser() as database:
            database.execute(DUE)
            database.execute(NAMED.format(scenes.word("provider")))
        scenes.play()
        said = import_patients(stack, scenes, tmp_path)
        scenes.phones(stack.carrier_url, stack.environment["SMS_FROM_NUMBER"])
        sweep.do_all()
        sweep.refuse_all()
        broken = accidents.happen()
        wait_for(lambda: texts(stack))
        with accidents.superuser() as database:
            wait_for(
                lambda: database.execute(
                    "SELECT count(*) = 2 FROM notifications_inboundtext WHERE body ILIKE %s", [f"{mint.mark}%"]
                ).fetchone()[0]
            )
            holding = {each for each in text_columns() if holds(database, each, mint)}
        found = {place: mint.found_in(text) for place, text in files(stack).items()}
        found |= {"import": mint.found_in(said), "texts": mint.found_in("\n".join(texts(stack)))}
        found |= {"broker": mint.found_in("\n".join(broker.heard)), "broker's rest": mint.found_in(broker.left())}
        for address in ("healthz", "readyz", "api/schema/"):
            found[address] = mint.found_in(sweep.screens["nobody"].get(f"/{address}").text)
        logs = files(stack)
        sweep.close()

    assert {place: leaked for place, leaked in found.items() if leaked} == {}
    assert sweep.leaks == []
    assert " ".join(sorted(set(WORDS) - holding)) == ""
    assert sorted(holding - {*WORDS, *NAMES_OF_THINGS}) == []
    assert len(mint.given) >= LEAST
    assert {200, 201, 204, 400, 401, 403, 404, 409, 422} <= sweep.statuses.keys()
    assert {500, 201} <= set(broken)
    # the places that were searched are those where words would be
    for place, words in SEARCHED.items():
        assert words in logs[place], f"{place} says nothing of {words}"
    assert any("Sign in: " in text for place, text in logs.items() if place.startswith("letters/")), (
        "no letter to staff"
    )
    assert "outbox.tasks.relay" in "\n".join(broker.heard)


def settle(stack: Stack, mint: Mint) -> dict[str, object]:
    """Return the ids and keys of the matrix's world, made while nothing else is at work."""
    command = [sys.executable, "-W", "ignore", "-m", "tests.canary.settling", mint.word("family name of who is texted")]
    for driver in DRIVERS:
        stack.kill(driver, signal.SIGSTOP)
    done = subprocess.run(command, env=stack.environment, cwd=PROJECT, capture_output=True, text=True, check=False)
    for driver in DRIVERS:
        stack.kill(driver, signal.SIGCONT)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def import_patients(stack: Stack, scenes: Scenes, directory: Path) -> str:
    """Return what the import of patients printed. Its report is a file that staff asked for."""
    file, report = scenes.patients(directory), directory / "report.csv"
    command = [sys.executable, str(PROJECT / "manage.py"), "import_fhir", str(file), "--organization", "North"]
    command += ["--actor", scenes.sweep.told["importer"], "--report", str(report)]
    done = subprocess.run(command, env=stack.environment, cwd=PROJECT, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def read(database: psycopg.Connection, mint: Mint) -> int:
    """Return how many texts from phones stand in the chart."""
    query = "SELECT count(*) FROM notifications_inboundtext WHERE body ILIKE %s"
    return int(database.execute(query, [f"{mint.mark}%"]).fetchone()[0])


def holds(database: psycopg.Connection, column: str, mint: Mint) -> bool:
    """True when a column holds a canary."""
    table, name = column.split(".")
    words = [f"%{mint.mark}%", *(f"%{each}%" for each in mint.given if each.isdecimal())]
    query = f"SELECT EXISTS (SELECT FROM {table} WHERE {name}::text ILIKE ANY(%s))"
    return bool(database.execute(query, [words]).fetchone()[0])


def wait_for(look: Callable[[], object], seconds: float = 30) -> None:
    """Ask until the answer is true."""
    until = time.monotonic() + seconds
    while not look():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.2)

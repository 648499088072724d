"""The embedded servers start again after anything: twice in a row, after kill -9 at any moment, half made."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import psycopg
import pytest
import redis

from casemgmt import embedded
from casemgmt.devtools import processes
from casemgmt.devtools.instances import PROJECT, runtime_directory

START = (
    "from casemgmt import embedded; import time; s = embedded.start({name!r}); print('up', flush=True); time.sleep(60)"
)


@pytest.fixture
def name() -> Iterator[str]:
    name = f"rig-{os.getpid()}"
    yield name
    shutil.rmtree(runtime_directory() / name, ignore_errors=True)
    (runtime_directory() / f"{name}.lock").unlink(missing_ok=True)


def run_sql(url: str, *statements: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def start_in_another_process(name: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", START.format(name=name)], cwd=PROJECT, stdout=subprocess.PIPE, text=True
    )


def test_keeps_its_data_when_started_again(name: str) -> None:
    with embedded.start(name) as servers:
        run_sql(servers.owner_url, "CREATE TABLE kept (id int)", "INSERT INTO kept VALUES (7)")

    with embedded.start(name) as servers:
        assert run_sql(servers.database_url, "SELECT id FROM kept") == [(7,)]
    with embedded.start(name, fresh=True) as servers:
        assert run_sql(servers.owner_url, "SELECT to_regclass('kept')") == [(None,)]


def test_application_role_reads_and_writes_but_cannot_change_tables(name: str) -> None:
    with embedded.start(name) as servers:
        run_sql(servers.owner_url, "CREATE TABLE thing (id int GENERATED ALWAYS AS IDENTITY, word text)")

        run_sql(servers.database_url, "INSERT INTO thing (word) VALUES ('a')", "UPDATE thing SET word = 'b'")

        assert run_sql(servers.database_url, "SELECT id, word FROM thing") == [(1, "b")]
        for forbidden in ("CREATE TABLE mine (id int)", "DROP TABLE thing", "TRUNCATE thing"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                run_sql(servers.database_url, forbidden)


def test_survives_a_crash_of_either_server(name: str) -> None:
    with embedded.start(name) as servers, redis.Redis.from_url(servers.redis_url) as client:
        run_sql(servers.owner_url, "CREATE TABLE kept (id int)", "INSERT INTO kept VALUES (7)")
        client.set("word", "a")

        servers.restart_database(immediate=True)
        servers.flush_redis()

        assert run_sql(servers.database_url, "SELECT id FROM kept") == [(7,)]
        assert client.get("word") is None
        servers.restart_redis()
        assert client.ping()


def test_second_process_is_told_who_uses_the_instance(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "PATIENCE", 0.1)
    other = start_in_another_process(name)
    assert other.stdout
    assert other.stdout.readline() == "up\n"

    with pytest.raises(embedded.EmbeddedError, match=f"in use by process {other.pid}"):
        embedded.start(name)
    with embedded.start(name, spares=1) as servers:
        assert servers.name == f"{name}-2"

    shutil.rmtree(servers.home)
    (runtime_directory() / f"{servers.name}.lock").unlink()
    other.kill()
    other.communicate()


@pytest.mark.parametrize("seconds", [0.35, 0.5, 0.65, 0.8, 1.0, 2.0])
def test_starts_after_kill_9_at_any_moment(name: str, seconds: float) -> None:
    killed = start_in_another_process(name)
    time.sleep(seconds)
    killed.kill()
    killed.communicate()

    with embedded.start(name) as servers:
        assert run_sql(servers.database_url, "SELECT current_user") == [("casemgmt_app",)]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
def test_leaves_no_process_behind_after_kill_9(name: str) -> None:
    killed = start_in_another_process(name)
    assert killed.stdout
    assert killed.stdout.readline() == "up\n"

    killed.kill()
    killed.communicate()

    until = time.monotonic() + 5
    while (left := processes.strays(runtime_directory() / name)) and time.monotonic() < until:
        time.sleep(0.05)
    assert left == []


def test_ends_what_an_earlier_run_left(name: str) -> None:
    with embedded.start(name) as servers:
        home = servers.home
    stray = subprocess.Popen(["sleep", "60"], cwd=home, start_new_session=True)

    with embedded.start(name):
        assert stray.wait(15) in {-signal.SIGQUIT, -signal.SIGKILL}  # the first is ignored by what was begun with &


def test_half_made_cluster_is_made_anew(name: str) -> None:
    with embedded.start(name) as servers:
        home = servers.sockets
    (home / "postgres" / "PG_VERSION").unlink()
    (home / "postgres.new").mkdir()

    with embedded.start(name) as servers:
        assert run_sql(servers.database_url, "SELECT 1") == [(1,)]


def test_stale_pid_file_of_a_living_stranger_does_not_stop_it(name: str) -> None:
    with embedded.start(name) as servers:
        data = servers.sockets / "postgres"
    (data / "postmaster.pid").write_text(f"{os.getppid()}\n{data}\n1\n5432\n{servers.sockets}\n\n0 0\nready\n")

    with embedded.start(name) as servers:
        assert run_sql(servers.database_url, "SELECT 1") == [(1,)]

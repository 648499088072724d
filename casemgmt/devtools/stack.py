"""The whole system as real processes on one machine, for the demo and for drills that kill parts of it.

Stand-in carrier, web server, Celery worker, beat and loop driver run beside embedded PostgreSQL and Redis, each in its
own process group with its own log. Nothing outlives the process that started them.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from casemgmt import embedded

from . import processes
from .instances import PROJECT

ACCOUNT = "AC0123456789abcdef0123456789abcdef"
TOKEN = "a-token-of-the-stand-in-carrier"  # noqa: S105 - opens nothing but the stand-in
FROM_NUMBER = "+15005550006"
EVERYTHING = ("carrier", "web", "worker", "beat", "loop")


class StackError(Exception):
    """A process did not start or died; the message ends with the last lines of its log."""


@dataclass(kw_only=True)
class Program:
    """How to start one process and how to tell that it is ready."""

    argv: Sequence[str | Path]
    ready: Callable[[int], bool]  # given the length of its log before it was started
    patience: float = 60.0
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)


def free_port() -> int:
    """Return a loopback port that is free at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Stack:
    """The running system. A context manager: `with Stack("demo") as stack: ...`.

    `environment` overrides settings (tick intervals, horizons), `carrier_options` are passed to the stand-in carrier,
    `only` names the processes to start, `like` a database to begin with, `tell` hears one sentence per step. Start it
    from the main thread.
    """

    def __init__(
        self,
        name: str = "demo",
        environment: Mapping[str, str] | None = None,
        *,
        carrier_options: Sequence[str] = (),
        only: Sequence[str] = EVERYTHING,
        like: Path | None = None,
        tell: Callable[[str], None] = lambda sentence: None,
    ) -> None:
        self.name = name
        self.web_port, self.carrier_port = free_port(), free_port()
        self.base_url = f"http://127.0.0.1:{self.web_port}"
        self.carrier_url = f"http://127.0.0.1:{self.carrier_port}"
        self._overrides = dict(environment or {})
        self._carrier_options = carrier_options
        self._only = only
        self._like = like
        self._tell = tell
        self._servers: embedded.Servers | None = None
        self._programs: dict[str, Program] = {}
        self.environment: dict[str, str] = {}

    @property
    def servers(self) -> embedded.Servers:
        """The embedded servers; raises StackError before they run."""
        if self._servers is None:
            raise StackError("the stack is not running")
        return self._servers

    @property
    def carrier_log(self) -> Path:
        """The carrier's durable log of every text it accepted."""
        return self.servers.home / "carrier.jsonl"

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def _start(self) -> None:
        self._tell("starting PostgreSQL and Redis")
        self._servers = self._begin()
        self.carrier_log.unlink(missing_ok=True)
        self.environment = self._environment()
        self._tell("making the tables")
        self.manage("migrate", "--database", "owner", "--verbosity", "0")
        self._furnish()
        self._programs = {name: program for name, program in self._describe().items() if name in self._only}
        self._tell("starting " + ", ".join(self._programs))
        started = {name: self._spawn(name) for name in self._programs}
        for name, length in started.items():
            self._wait(name, length)

    def _begin(self) -> embedded.Servers:
        """Start the servers; a drill may begin with others."""
        return embedded.start(self.name, like=self._like, fresh=True, spares=3)

    def _furnish(self) -> None:
        """Do what is to be done between the tables and the processes: nothing, unless a drill says otherwise."""

    def _environment(self) -> dict[str, str]:
        return {
            **os.environ,
            **self.servers.addresses.environment(),
            "DJANGO_SETTINGS_MODULE": "casemgmt.settings.local",
            "PYTHONPATH": str(PROJECT),
            "PYTHONUNBUFFERED": "1",
            "SMS_GATEWAY": "twilio",
            "SMS_GATEWAY_BASE_URL": self.carrier_url,
            "SMS_ACCOUNT_SID": ACCOUNT,
            "SMS_AUTH_TOKENS": TOKEN,
            "SMS_FROM_NUMBER": FROM_NUMBER,
            "SMS_A2P_CAMPAIGN_STATUS": "approved",
            "PUBLIC_BASE_URL": self.base_url,
            "STAFF_BASE_URL": self.base_url,
            "EMAIL_HOST": "",  # letters to staff become files: nothing leaves this machine
            "EMAIL_FILE_PATH": str(self.servers.home / "letters"),
            **self._overrides,
        }

    def _describe(self) -> dict[str, Program]:
        python = sys.executable
        celery = [python, "-m", "celery", "-A", "casemgmt"]
        bind = ["--bind", f"127.0.0.1:{self.web_port}", "--workers", "2", "--threads", "4", "--no-control-socket"]
        inbound = f"{self.base_url}/webhooks/sms/inbound/"
        known = ["--account-sid", ACCOUNT, "--auth-token", TOKEN, "--inbound-url", inbound]
        carrier = ["--port", str(self.carrier_port), "--log", str(self.carrier_log), *known, *self._carrier_options]
        schedule = str(self.servers.home / "beat-schedule")
        return {
            "carrier": Program(
                argv=[python, "-m", "casemgmt.devtools.carrier", *carrier],
                ready=lambda _: _listens(self.carrier_port),
            ),
            "web": Program(
                argv=[python, "-m", "gunicorn", "casemgmt.wsgi", *bind, "--graceful-timeout", "3"],
                ready=lambda _: _answers(f"{self.base_url}/healthz"),
            ),
            "worker": Program(
                argv=[*celery, "worker", "--loglevel", "INFO", "--concurrency", "2", "--without-mingle"],
                ready=lambda start: self._logged("worker", " ready.", start),
            ),
            "beat": Program(
                argv=[*celery, "beat", "--loglevel", "INFO", "--schedule", schedule, "--pidfile", ""],
                ready=lambda start: self._logged("beat", "beat: Starting", start),
            ),
            "loop": Program(
                argv=[python, str(PROJECT / "manage.py"), "run_loop"],
                ready=lambda _: True,  # it says nothing; `_wait` looks whether it lives
            ),
        }

    def _spawn(self, name: str) -> int:
        """Start the process; return how long its log was before."""
        log = self.log_of(name)
        length = log.stat().st_size if log.exists() else 0
        where = processes.Surroundings(directory=self.servers.home, log=log, environment=self.environment)
        self._programs[name].process = processes.spawn(self._programs[name].argv, where)
        return length

    def _wait(self, name: str, length: int) -> None:
        program = self._programs[name]
        assert program.process
        if not processes.wait_until(lambda: program.ready(length), program.process, timeout=program.patience):
            ended = program.process.poll()
            why = f"ended with code {ended}" if ended is not None else f"was not ready after {program.patience:.0f} s"
            raise StackError(
                f"{name} {why} ({shlex.join(map(str, program.argv))}); its log ends:\n"
                + processes.tail(self.log_of(name))
            )

    def _logged(self, name: str, words: str, start: int) -> bool:
        with self.log_of(name).open("rb") as log:
            log.seek(start)
            return words.encode() in log.read()

    def log_of(self, name: str) -> Path:
        """Return the log of a process: carrier, web, worker, beat, loop, postgres, redis."""
        return self.servers.home / f"{name}.log"

    def manage(self, *argv: str, timeout: float = 300) -> str:
        """Run `manage.py` inside the stack and return what it printed. Raises StackError with its last words."""
        command = [sys.executable, str(PROJECT / "manage.py"), *argv]
        done = subprocess.run(
            command, cwd=PROJECT, env=self.environment, capture_output=True, text=True, timeout=timeout, check=False
        )
        if done.returncode:
            last = "\n".join((done.stdout + done.stderr).splitlines()[-15:])
            raise StackError(f"manage.py {shlex.join(argv)} ended with code {done.returncode}:\n{last}")
        return done.stdout

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> None:
        """Send a signal to the whole process group of `name` and, for SIGKILL, wait for its end."""
        process = self._programs[name].process
        assert process
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        if number == signal.SIGKILL:
            process.wait()

    def restart(self, name: str) -> None:
        """Start `name` again, killing it first if it lives, and wait until it is ready."""
        self.kill(name)
        self._wait(name, self._spawn(name))

    def dead(self) -> dict[str, int]:
        """Return the processes that have ended, with their exit codes."""
        codes = {name: program.process.poll() for name, program in self._programs.items() if program.process}
        return {name: code for name, code in codes.items() if code is not None}

    def redis_flushall(self) -> None:
        """Make Redis forget everything: every queued task bell."""
        self.servers.flush_redis()

    def restart_database(self, *, immediate: bool = True) -> None:
        """Crash PostgreSQL (or stop it properly) and start it again."""
        self.servers.restart_database(immediate=immediate)

    def stop(self) -> None:
        """Stop everything for certain, within seconds; Ctrl-C does not interrupt it. Safe to call twice."""
        with _undisturbed():
            running = [program.process for program in self._programs.values() if program.process]
            for process in running:
                with contextlib.suppress(ProcessLookupError):
                    process.terminate()
            until = time.monotonic() + 5
            for process in running:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(max(0.0, until - time.monotonic()))
            for process in running:
                processes.end(process, [])
            self._programs = {}
            if self._servers:
                self._servers.stop()


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Hold Ctrl-C and SIGTERM back while things are being stopped."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own loopback address
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False

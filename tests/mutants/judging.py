"""Running tests against mutants in copies of one process that has everything imported and its database up."""

from __future__ import annotations

import itertools
import json
import os
import select
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NoReturn

import pytest
from django.db import connections

from tests.database import empty_all_tables

PATIENCE = 3600.0  # seconds for one mutant; a mutant that hangs is a mutant that somebody notices
BROKEN = "broken: "
Map = dict[str, dict[str, Any]]  # test -> {"seconds", "green", "reached": [names of mutants]}
Keep = Callable[[dict[str, Any]], None]


class Beyond:
    """Stands for a test that has nothing but the session in common with others, so that only the session stays up."""

    def __init__(self, session: pytest.Session) -> None:
        self.session = session

    def listchain(self) -> list[Any]:
        """Return what stays up."""
        return [self.session]


class Bench:
    """A pytest session whose tests are run in forked copies of this process."""

    def __init__(self, work: Callable[[Bench], None]) -> None:
        self.work = work
        self.items: dict[str, pytest.Item] = {}
        self.session: Any = None
        self._red = False
        self._parent = 0

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Warm up with one test of the database, so that it is there for all copies, and begin."""
        self.session = session
        self.items = {item.nodeid: item for item in session.items}
        first = next(item for item in session.items if "cast" in getattr(item, "fixturenames", ()))
        self.beyond = Beyond(session)
        session.config.hook.pytest_runtest_protocol(item=first, nextitem=self.beyond)
        assert not self._red, "the first test is red"
        self.unblocked = _blocker(first)
        self.work(self)
        return True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Remember whether anything was red."""
        self._red = self._red or report.failed

    def run(self, nodeid: str) -> bool:
        """Run one test in this process; return whether it was green."""
        self._red = False
        item = self.items[nodeid]
        self.session.config.hook.pytest_runtest_protocol(item=item, nextitem=self.beyond)
        if self._parent and os.getppid() != self._parent:
            os._exit(1)  # whoever asked is gone, and the database with it: what is red says nothing
        return not self._red

    def first_red(self, tests: Sequence[str], change: Callable[[], None]) -> str | None:
        """Return the first of these tests that a change turns red, in a copy of this process; None if none is."""
        told = self.copy(lambda: self._until_red(tests, change), patience=PATIENCE)
        return "(it never ended)" if told is None else (json.loads(told) or None)

    def _until_red(self, tests: Sequence[str], change: Callable[[], None]) -> str:
        change()
        return json.dumps(next((each for each in tests if not self.run(each)), ""))

    def copy(self, work: Callable[[], str], *, patience: float) -> str | None:
        """Return what `work` says in a forked copy of this process; None when it does not end in time."""
        with self.unblocked():
            connections.close_all()
        ours, theirs = os.pipe()
        parent = os.getpid()
        child = os.fork()
        if child == 0:
            self._parent = parent
            os.close(ours)
            _live(work, theirs)
        os.close(theirs)
        told = _heard(ours, patience)
        if told is None:
            os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        if told is not None and told.startswith(BROKEN):
            raise RuntimeError(told)
        if told is None:
            with self.unblocked():
                empty_all_tables()  # what a test that was cut off may have committed
        return told


def _live(work: Callable[[], str], to: int) -> NoReturn:
    silent = os.open(os.devnull, os.O_WRONLY)
    loud = os.environ.get("MUTANTS_LOUD")
    if not loud:
        os.dup2(silent, 1)
        os.dup2(silent, 2)
    try:
        with os.fdopen(to, "w") as out:
            try:
                out.write(work())
            except Exception as error:
                out.write(f"{BROKEN}{error!r}")
    finally:
        os._exit(0)


def _heard(source: int, patience: float) -> str | None:
    """Return everything written to a pipe until it is closed; None after `patience` seconds, or if there is nothing."""
    parts, until = [], time.monotonic() + patience
    with os.fdopen(source, "rb") as pipe:
        while True:
            ready, _, _ = select.select([pipe], [], [], max(0.0, until - time.monotonic()))
            if not ready:
                return None
            part = os.read(pipe.fileno(), 1 << 16)
            if not part:
                return b"".join(parts).decode() or None
            parts.append(part)


def _blocker(item: pytest.Item) -> Callable[[], Any]:
    from pytest_django.plugin import blocking_manager_key

    return item.config.stash[blocking_manager_key].unblock


def explore(bench: Bench, tests: Sequence[str], *, mark: Callable[[set[str]], None], keep: Keep) -> None:
    """Run tests once, in a copy; keep of each how long it took and what it reached: `mark` lets sites fill a set."""

    def each() -> str:
        reached: set[str] = set()
        mark(reached)
        for nodeid in tests:
            reached.clear()
            begun = time.monotonic()
            green = bench.run(nodeid)
            seconds = round(time.monotonic() - begun, 3)
            keep({"test": nodeid, "seconds": seconds, "green": green, "reached": sorted(reached)})
        return "done"

    assert bench.copy(each, patience=4 * 3600), "the tests did not end"


def order(tests: Iterable[str], map_: Map, *, room: str, before: str | None, within: float) -> list[str]:
    """Return tests in the order in which they are likely to find something: what did before, the room's own, short.

    Of each file one after the other, because tests of one file ask the same things. No more than take `within` seconds.
    """
    turn: dict[str, int] = {}
    files: Counter[str] = Counter()
    for each in sorted(tests, key=lambda each: map_[each]["seconds"]):
        files[each.split("::")[0]] += 1
        turn[each] = files[each.split("::")[0]]
    ordered = sorted(turn, key=lambda each: (each != before, f"/{room}/" not in each, turn[each]))
    spent = itertools.accumulate(map_[each]["seconds"] for each in ordered)
    return [each for at, (each, so_far) in enumerate(zip(ordered, spent, strict=True)) if not at or so_far <= within]


def run(work: Callable[[Bench], None], paths: Sequence[str], *, project: Path) -> int:
    """Collect the tests under some paths and let `work` do with them what it wants; return pytest's exit code."""
    quiet = ["-q", "-q", "-s", "-n", "0", "-p", "no:randomly", "-p", "no:cacheprovider", "--no-header"]
    os.chdir(project)
    return int(pytest.main([*quiet, *paths], plugins=[Bench(work)]))

"""The whole system starts as real processes, comes back after kills, and leaves nothing running."""

from __future__ import annotations

import os
import shutil
import urllib.request
from collections.abc import Iterator

import pytest

from casemgmt.devtools import processes
from casemgmt.devtools.instances import runtime_directory
from casemgmt.devtools.stack import Stack, StackError
from tests import templates

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(240)]


@pytest.fixture
def name() -> Iterator[str]:
    name = f"rig-stack-{os.getpid()}"
    yield name
    shutil.rmtree(runtime_directory() / name, ignore_errors=True)
    (runtime_directory() / f"{name}.lock").unlink(missing_ok=True)


def status_of(url: str) -> int:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return int(answer.status)


def test_every_process_starts_again_after_kill_9_and_none_is_left(name: str) -> None:
    with templates.kept(anew=False) as template, Stack(name, like=template) as stack:
        home = stack.servers.home
        for program in ("web", "worker", "beat", "loop", "carrier"):
            stack.kill(program)
            assert stack.dead() == {program: -9}
            stack.restart(program)
        stack.redis_flushall()
        stack.restart_database()

        assert status_of(f"{stack.base_url}/healthz") == 200
        assert stack.dead() == {}

    assert processes.strays(home) == []


def test_process_that_cannot_start_is_named_with_the_end_of_its_log(name: str) -> None:
    broken = {"TICK_SEND_SECONDS": "soon"}

    with (
        templates.kept(anew=False) as template,
        pytest.raises(StackError, match="TICK_SEND_SECONDS must be a duration"),
    ):
        Stack(name, broken, like=template).__enter__()

    assert processes.strays(runtime_directory() / name) == []

"""Child processes that cannot outlive us, and ends that are certain. Knows nothing of what the processes do."""

from __future__ import annotations

import contextlib
import ctypes
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """Where and as whom a child runs."""

    directory: Path
    log: Path  # stdout and stderr are appended here
    environment: Mapping[str, str]
    user: str | None = None  # None: as ourselves
    last_signal: signal.Signals = signal.SIGKILL  # what the kernel sends it when we die


def copy(data: Path, to: Path) -> None:
    """Copy a directory that nobody writes to, with its owners and rights."""
    subprocess.run(["cp", "-a", data, to], check=True)  # noqa: S607 - wherever this system keeps it


def spawn(argv: Sequence[str | Path], where: Surroundings) -> subprocess.Popen[bytes]:
    """Start a child in its own session, so that Ctrl-C reaches only us.

    On Linux the kernel ends the child when the calling *thread* ends: call it from the main thread. Raises OSError
    when the program cannot be run as that user.
    """
    group = pwd.getpwnam(where.user).pw_gid if where.user else None
    with os.fdopen(os.open(where.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab") as log:
        return subprocess.Popen(
            [str(part) for part in argv],
            cwd=where.directory,
            env=dict(where.environment),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_tie_to_parent(where.last_signal),
            user=where.user,
            group=group,
            extra_groups=[] if where.user else None,
        )


def _tie_to_parent(last_signal: signal.Signals) -> Callable[[], None] | None:
    """Return what a child does before it becomes its program: ask the kernel to be signalled when its parent dies."""
    if not sys.platform.startswith("linux"):
        return None  # elsewhere the next start finds and ends what was left behind
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def tie() -> None:
        prctl(PR_SET_PDEATHSIG, int(last_signal))
        if os.getppid() != parent:  # the parent died before the line above
            os._exit(1)

    return tie


def end(process: subprocess.Popen[bytes], signals: Iterable[signal.Signals], *, patience: float = 10.0) -> None:
    """Send the signals one after the other, waiting `patience` seconds after each, then kill the whole group."""
    for number in signals:
        if process.poll() is not None:
            break
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(patience)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)  # also what its children left behind
    process.wait()


def strays(directory: Path) -> list[psutil.Process]:
    """Return the processes that work inside `directory`."""
    return [process for process in psutil.process_iter() if _works_in(process, directory)]


def end_strays(directory: Path, *, patience: float = 5.0) -> int:
    """End every process that works inside `directory`: left behind by a run that was killed. Return how many."""
    found = strays(directory)
    for number in (signal.SIGQUIT, signal.SIGKILL):
        for process in found:
            with contextlib.suppress(psutil.Error):
                process.send_signal(number)
        until = time.monotonic() + patience
        while any(_lives(process) for process in found) and time.monotonic() < until:
            time.sleep(0.05)
    return len(found)


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE  # nobody may be there to bury it
    except psutil.Error:
        return False


def _works_in(process: psutil.Process, directory: Path) -> bool:
    try:
        inside = process.pid != os.getpid() and Path(process.cwd()).is_relative_to(directory)
        return inside and process.terminal() is None  # a person's shell may stand there too
    except (psutil.Error, OSError):
        return False


def tail(log: Path, *, lines: int = 15) -> str:
    """Return the last lines of a log, for the message that says why a process died."""
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return "(no log)"


def wait_until(
    ready: Callable[[], bool], process: subprocess.Popen[bytes], *, timeout: float, step: float = 0.05
) -> bool:
    """Ask `ready` until it says yes. Return False when the process ended or the time was up."""
    until = time.monotonic() + timeout
    while time.monotonic() < until:
        if ready():
            return True
        if process.poll() is not None:
            return False
        time.sleep(step)
    return False

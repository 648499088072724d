"""Names, directories and locks of embedded instances. Starts nothing."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import stat
import time
from pathlib import Path
from typing import IO

PROJECT = Path(__file__).resolve().parent.parent.parent


class EmbeddedError(Exception):
    """The servers cannot run here; the message says why, in words for the person at the keyboard."""


def runtime_directory() -> Path:
    """Return the directory of this checkout's instances for this user; it may not exist yet."""
    mark = hashlib.sha256(str(PROJECT).encode()).hexdigest()[:8]
    return Path(os.environ.get("CASEMGMT_RUNTIME_DIR", "/tmp")) / f"casemgmt-{os.getuid()}-{mark}"  # noqa: S108 - made private below


def make_private(directory: Path) -> None:
    """Make the directory ours alone; root's may be passed through by the user the servers run as."""
    with contextlib.suppress(FileExistsError):
        directory.mkdir(mode=0o700, parents=True)
    status = directory.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid():
        raise EmbeddedError(f"{directory} belongs to somebody else; set CASEMGMT_RUNTIME_DIR to a short path of yours")
    directory.chmod(0o711 if os.getuid() == 0 else 0o700)


def take(name: str, *, spares: int, patience: float) -> tuple[str, IO[str]]:
    """Lock the first free instance and return its name and the open lock."""
    names = [name, *(f"{name}-{number}" for number in range(2, spares + 2))]
    until = time.monotonic() + patience
    while True:
        for candidate in names:
            lock = (runtime_directory() / f"{candidate}.lock").open("a+")
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                lock.seek(0)
                holder = lock.read().strip() or "unknown"
                lock.close()
                continue
            lock.truncate(0)
            lock.write(str(os.getpid()))
            lock.flush()
            return candidate, lock
        if time.monotonic() > until:
            raise EmbeddedError(f'The servers "{name}" are in use by process {holder}; stop it first')
        time.sleep(0.1)

"""An append-only file of JSON lines, on the disk before anybody is told. Knows nothing of what the lines mean."""

from __future__ import annotations

import fcntl
import json
import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

Line = Mapping[str, Any]


class JournalError(Exception):
    """The file cannot be used; the message says why, in words for the person at the keyboard."""


class Journal:
    """One file, one process. Safe to append to from several threads: those who wait together share one fsync."""

    def __init__(self, path: Path) -> None:
        """Open or create the file, for this process alone. Raises JournalError when another process has it."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "a+b")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._file.close()
            raise JournalError(f"{path} is in use by another carrier") from None
        self._writing = threading.Lock()
        self._syncing = threading.Lock()
        self._written = 0
        self._synced = 0

    def load(self) -> list[Line]:
        """Return all lines. A torn last line, left by a kill, is cut off. Raises JournalError for any other damage."""
        self._file.seek(0)
        whole = self._file.read()
        kept = whole[: whole.rfind(b"\n") + 1]
        lines = []
        for number, line in enumerate(kept.splitlines(), start=1):
            try:
                lines.append(json.loads(line))
            except ValueError:
                raise JournalError(f"line {number} of the log is not JSON") from None
        if len(kept) < len(whole):
            self._file.truncate(len(kept))
        return lines

    def append(self, line: Line) -> None:
        """Write one line; return once it is on the disk."""
        packed = json.dumps(line, ensure_ascii=True, separators=(",", ":")).encode() + b"\n"
        with self._writing:
            self._file.write(packed)
            self._file.flush()
            self._written += 1
            mine = self._written
        with self._syncing:
            if self._synced < mine:  # else whoever synced before us took our line along
                written = self._written
                os.fsync(self._file.fileno())
                self._synced = written

    def close(self) -> None:
        """Give the file back."""
        self._file.close()

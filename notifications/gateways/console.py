"""A gateway for a developer's terminal: prints each text instead of sending it. The only place that shows a body."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from datetime import datetime
from typing import TextIO
from uuid import uuid4

from .contract import BeforeWrite, Inbound, Outbound, Receipt, body_sha256


class ConsoleGateway:
    """Prints to `stream` (standard output unless given). Remembers hashes, so that a look-up can be answered.

    With a `clock` its receipts carry the time, else it knows no time at all.
    """

    def __init__(self, stream: TextIO | None = None, *, clock: Callable[[], datetime] | None = None) -> None:
        self._stream = stream
        self._clock = clock
        self._lock = threading.Lock()
        self._printed: list[tuple[str, str, Receipt]] = []

    def send(self, outbound: Outbound, before_write: BeforeWrite) -> Receipt:
        """Print the text with the last two digits of its number (Gateway.send)."""
        receipt = Receipt(provider_id=f"SM{uuid4().hex}", status="sent", accepted_at=self._now())
        before_write()
        with self._lock:
            print(f"text to …{outbound.to[-2:]}: {outbound.body}", file=self._stream or sys.stdout, flush=True)
            self._printed.append((outbound.to, body_sha256(outbound.body), receipt))
        return receipt

    def find(self, to: str, since: datetime, body_sha256: str) -> list[Receipt]:
        """Return what this process printed (Gateway.find)."""
        with self._lock:
            return [
                receipt
                for number, body, receipt in reversed(self._printed)
                if number == to
                and body == body_sha256
                and (receipt.accepted_at is None or receipt.accepted_at >= since)
            ]

    def find_inbound(self, since: datetime) -> list[Inbound]:
        """Return nothing: no phone can write to a terminal (Gateway.find_inbound)."""
        return []

    def close(self) -> None:
        """Hold nothing open."""

    def _now(self) -> datetime | None:
        return self._clock() if self._clock else None

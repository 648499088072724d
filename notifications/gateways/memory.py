"""A gateway that keeps what it is given, for tests. A new one per test; it can be told to fail in every known way."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from .contract import BeforeWrite, GatewayError, Inbound, Outbound, OutcomeUnknown, Receipt, body_sha256


@dataclass(frozen=True)
class Accepted:
    """One text this gateway took, with the receipt it has for it."""

    outbound: Outbound
    receipt: Receipt


@dataclass(frozen=True)
class _Failure:
    error: GatewayError
    accept: bool


class MemoryGateway:
    """Keeps accepted texts in order. With a `clock` they carry its time, else the gateway knows no time at all."""

    def __init__(self, *, clock: Callable[[], datetime] | None = None) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failures: deque[_Failure] = deque()
        self._lookup_failures: deque[GatewayError] = deque()
        self.accepted: list[Accepted] = []
        self.inbound: list[Inbound] = []

    @property
    def sent(self) -> list[Outbound]:
        """The texts that were accepted, oldest first."""
        return [accepted.outbound for accepted in self.accepted]

    def fail_next(self, error: GatewayError, *, accept: bool = False) -> None:
        """Make the next send raise `error`; with `accept` the text is taken all the same. Raises ValueError.

        Only an unknown outcome can hide an accepted text. May be called several times: one failure for each send.
        """
        if accept and not isinstance(error, OutcomeUnknown):
            raise ValueError("a text that was accepted can only have an unknown outcome")
        self._failures.append(_Failure(error, accept))

    def fail_next_lookup(self, error: GatewayError) -> None:
        """Make the next find or find_inbound raise `error`."""
        self._lookup_failures.append(error)

    def send(self, outbound: Outbound, before_write: BeforeWrite) -> Receipt:
        """Keep the text, or fail as told (Gateway.send)."""
        before_write()
        with self._lock:
            failure = self._failures.popleft() if self._failures else None
            if failure is not None and not failure.accept:
                raise failure.error
            receipt = Receipt(provider_id=f"SM{uuid4().hex}", status="queued", accepted_at=self._now())
            self.accepted.append(Accepted(outbound, receipt))
            if failure is not None:
                raise failure.error
            return receipt

    def receive(self, *, sender: str, to: str, body: str) -> Inbound:
        """Let a phone write to us: what it sent can then be found."""
        received_at = self._now()
        text = Inbound(provider_id=f"SM{uuid4().hex}", sender=sender, to=to, body=body, received_at=received_at)
        with self._lock:
            self.inbound.append(text)
        return text

    def find(self, to: str, since: datetime, body_sha256: str) -> list[Receipt]:
        """Return what was kept for that number with that body (Gateway.find)."""
        self._fail_lookup()
        return [
            accepted.receipt
            for accepted in reversed(self.accepted)
            if accepted.outbound.to == to
            and _hash(accepted.outbound) == body_sha256
            and _is_since(accepted.receipt.accepted_at, since)
        ]

    def find_inbound(self, since: datetime) -> list[Inbound]:
        """Return what was received (Gateway.find_inbound)."""
        self._fail_lookup()
        return [text for text in reversed(self.inbound) if _is_since(text.received_at, since)]

    def close(self) -> None:
        """Hold nothing open."""

    def _now(self) -> datetime | None:
        return self._clock() if self._clock else None

    def _fail_lookup(self) -> None:
        if self._lookup_failures:
            raise self._lookup_failures.popleft()


def _hash(outbound: Outbound) -> str:
    return body_sha256(outbound.body)


def _is_since(at: datetime | None, since: datetime) -> bool:
    return at is None or at >= since

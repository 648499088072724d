"""One HTTP exchange that knows whether a byte had left, and that cannot outlast its budget. Knows no carrier.

httpx's transport is used directly: its client would write each address, and so numbers, to the log, follow redirects
and reuse connections, and on a reused one nobody can tell a failed connect from a lost answer.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from .contract import BeforeWrite


class NothingWritten(Exception):
    """It failed before the first byte of the request: name, connection or TLS. The message is a word, no address."""


class Interrupted(Exception):
    """It failed after the first byte: what the other side did is unknown."""


@dataclass(frozen=True)
class Answer:
    """A whole response."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


class Exchange:
    """Makes HTTP calls, each on a connection and a thread of its own. Safe to use from several threads."""

    def __init__(self, *, connect_timeout: float, total_timeout: float) -> None:
        self._total = total_timeout
        self._timeouts = httpx.Timeout(total_timeout, connect=connect_timeout).as_dict()
        self._transport = httpx.HTTPTransport(
            trust_env=False, retries=0, limits=httpx.Limits(max_connections=None, max_keepalive_connections=0)
        )

    def call(self, request: httpx.Request, before_write: BeforeWrite, *, limit: int) -> Answer:
        """Send the request and read at most `limit` bytes of the answer, within the total timeout.

        `before_write` runs right before the first byte leaves; what it raises comes back unchanged. Raises
        NothingWritten or Interrupted.
        """
        request.headers["Connection"] = "close"
        request.extensions["timeout"] = self._timeouts
        attempt = _Attempt(self._transport, request, before_write, limit)
        return attempt.run(self._total)

    def close(self) -> None:
        """Close what is open."""
        self._transport.close()


class _Attempt:
    """One call. A thread makes it, so that not even a name server that never answers can hold the caller."""

    def __init__(
        self, transport: httpx.HTTPTransport, request: httpx.Request, before_write: BeforeWrite, limit: int
    ) -> None:
        self._transport = transport
        self._request = request
        self._before_write = before_write
        self._limit = limit
        self._turn = threading.Lock()  # decides between writing and giving up
        self._abandoned = False
        self._writing = False
        self._refusal: BaseException | None = None
        self._failure: BaseException | None = None
        self._answer: Answer | None = None
        self._stream: Any = None  # httpcore's network stream, to cut the line

    def run(self, total: float) -> Answer:
        self._request.extensions["trace"] = self._trace
        thread = threading.Thread(target=self._work, name="carrier-call", daemon=True)
        thread.start()
        try:
            thread.join(total)
        finally:
            with self._turn:
                self._abandoned = True  # from here on nothing can begin to be written
        if thread.is_alive():
            self._cut()
            raise self._unfinished("timeout")
        if self._refusal is not None:
            raise self._refusal
        if self._answer is None:
            raise self._unfinished(type(self._failure).__name__)
        return self._answer

    def _unfinished(self, reason: str) -> NothingWritten | Interrupted:
        return Interrupted(reason) if self._writing else NothingWritten(reason)

    def _work(self) -> None:
        try:
            self._answer = self._exchange()
        except BaseException as failure:  # noqa: BLE001 - carried over to the caller's thread
            self._failure = failure

    def _exchange(self) -> Answer:
        response = self._transport.handle_request(self._request)
        try:
            body = bytearray()
            for chunk in response.iter_raw():
                body += chunk
                if len(body) > self._limit:
                    raise Interrupted("too large")
            return Answer(response.status_code, response.headers, bytes(body))
        finally:
            response.close()

    def _trace(self, event: str, details: Mapping[str, Any]) -> None:
        """Hear from httpcore where the call stands."""
        if event in {"connection.connect_tcp.complete", "connection.start_tls.complete"}:
            self._stream = details["return_value"]
        elif event.endswith("send_request_headers.started"):
            self._may_write()

    def _may_write(self) -> None:
        try:
            self._before_write()
        except BaseException as refusal:
            self._refusal = refusal
            raise
        with self._turn:
            if self._abandoned:
                raise NothingWritten("abandoned")
            self._writing = True

    def _cut(self) -> None:
        connection = self._stream.get_extra_info("socket") if self._stream is not None else None
        if connection is not None:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

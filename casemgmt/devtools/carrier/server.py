"""The HTTP side: reads requests, hands them to the API or to the control desk, writes answers. Decides nothing."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

if TYPE_CHECKING:
    from .carrier import Carrier

BODY_LIMIT = 64 * 1024


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request, read whole. `query` and form fields keep the last value of each name."""

    method: str
    path: str
    query: Mapping[str, str]
    body: bytes
    authorization: str
    is_local: bool

    def form(self) -> dict[str, str]:
        """Return the fields of a form body. Raises ValueError."""
        return dict(parse_qsl(self.body.decode("utf-8"), keep_blank_values=True))


@dataclass(frozen=True, kw_only=True)
class Reply:
    """One answer. `after` seconds pass before it is given; `reset` cuts the line instead."""

    status: int = 200
    document: Any = None
    raw: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    after: float = 0.0
    reset: bool = False


def problem(status: int, code: int, message: str, *, headers: Mapping[str, str] | None = None) -> Reply:
    """Return an error in the form of the Messages API."""
    document = {"code": code, "message": message, "more_info": f"https://www.twilio.com/docs/errors/{code}"}
    return Reply(status=status, document={**document, "status": status}, headers=headers or {})


class Server(ThreadingHTTPServer):
    """One thread for each connection."""

    daemon_threads = True
    request_queue_size = 256
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int], carrier: Carrier) -> None:
        self.carrier = carrier
        super().__init__(address, Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Callers that hang up are everyday life here."""


class Handler(BaseHTTPRequestHandler):
    """Reads one request after the other from a connection."""

    protocol_version = "HTTP/1.1"
    server: Server
    timeout = 60
    wbufsize = 64 * 1024  # the answer leaves in one piece
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Answer a GET."""
        self._answer()

    def do_POST(self) -> None:
        """Answer a POST."""
        self._answer()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: addresses hold numbers."""

    def _answer(self) -> None:
        request = self._read()
        reply = problem(413, 20001, "The body is too large") if request is None else self.server.carrier.answer(request)
        if reply.after:
            time.sleep(reply.after)
        if reply.reset:
            self._reset()
        else:
            self._write(reply)

    def _read(self) -> Request | None:
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > BODY_LIMIT or "Transfer-Encoding" in self.headers:
            self.close_connection = True
            return None
        address = urlsplit(self.path)
        return Request(
            method=self.command,
            path=address.path,
            query=dict(parse_qsl(address.query, keep_blank_values=True)),
            body=self.rfile.read(int(length)),
            authorization=self.headers.get("Authorization", ""),
            is_local=self.client_address[0] in {"127.0.0.1", "::1"},
        )

    def _write(self, reply: Reply) -> None:
        body = json.dumps(reply.document, indent=2).encode() if reply.raw is None else reply.raw
        self.send_response(reply.status)
        for name, value in {"Content-Type": "application/json", **reply.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _reset(self) -> None:
        """Close with unsent data thrown away, so that the other side sees a reset."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()


class Meter:
    """Counts calls in the running second."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._second, self._count = 0, 0

    def allows(self, limit: int) -> bool:
        """Count one call; say whether it is within `limit` for this second. Zero limits nothing."""
        with self._lock:
            second = int(time.monotonic())
            if second != self._second:
                self._second, self._count = second, 0
            self._count += 1
            return not limit or self._count <= limit

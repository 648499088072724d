"""Asking a WSGI application in this process: no server and no wire, whose share would be the same for all."""

from __future__ import annotations

import io
import json
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any

Application = Callable[..., Iterable[bytes]]


def ask(application: Application, method: str, path: str, *, key: str, body: Any = None) -> bytes:
    """Return the body of an answer; raise RuntimeError for one that is no success."""
    path, _, query = path.partition("?")
    sent = b"" if body is None else json.dumps(body).encode()
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "HTTP_HOST": "localhost",
        "HTTP_ACCEPT": "application/json",
        "HTTP_AUTHORIZATION": key,
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(sent)),
        "wsgi.input": io.BytesIO(sent),
        "wsgi.errors": sys.stderr,
        "wsgi.url_scheme": "http",
    }
    seen: list[str] = []
    answer = application(environ, lambda status, headers, info=None: seen.append(status))
    told = b"".join(answer)
    if hasattr(answer, "close"):
        answer.close()
    if not seen[0].startswith("2"):
        raise RuntimeError(f"{method} {path}: {seen[0]} {told[:300]!r}")
    return told


def timed(work: Callable[[], object]) -> float:
    """Return the seconds that some work took."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began

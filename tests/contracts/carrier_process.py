"""The stand-in carrier as a real process, and a listener for its webhooks."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlencode
from urllib.request import Request, urlopen

ACCOUNT = "AC0123456789abcdef0123456789abcdef"
TOKEN = "a-token"
OUR_NUMBER = "+15005550006"
PHONE = "+12125550123"


class CarrierProcess:
    """Starts, kills and starts again a carrier that keeps one log."""

    def __init__(self, log: Path, *options: str) -> None:
        self.log = log
        self.options = options
        self.port = 0
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        known = ["--log", str(self.log), "--account-sid", ACCOUNT, "--auth-token", TOKEN, "--port", str(self.port)]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "casemgmt.devtools.carrier", *known, *self.options],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        assert self.process.stdout is not None
        ready = self.process.stdout.readline()
        assert ready.startswith("ready http://127.0.0.1:"), ready
        self.port = int(ready.split()[1].rsplit(":", 1)[1])

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()
        self.process = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def control(self, path: str, **wanted: Any) -> Any:
        """GET without arguments or with a query, POST with a JSON object otherwise."""
        body = json.dumps(wanted).encode() if wanted else None
        with urlopen(Request(f"{self.url}/control/{path}", data=body)) as answer:
            return json.load(answer)

    def api(
        self, path: str = "Messages.json", form: Mapping[str, str] | None = None, token: str = TOKEN
    ) -> tuple[int, Any]:
        """Call the Messages API by hand: GET, or POST of a form."""
        credentials = base64.b64encode(f"{ACCOUNT}:{token}".encode()).decode()
        request = Request(
            f"{self.url}/2010-04-01/Accounts/{ACCOUNT}/{path}",
            data=urlencode(form).encode() if form else None,
            headers={"Authorization": f"Basic {credentials}"},
        )
        try:
            with urlopen(request) as answer:
                return answer.status, json.load(answer)
        except HTTPError as error:
            with error:
                return error.code, json.load(error)

    def send(self, body: str = "hello", *, to: str = PHONE, callback: str = "") -> tuple[int, Any]:
        form = {"To": to, "From": OUR_NUMBER, "Body": body}
        return self.api(form=form | ({"StatusCallback": callback} if callback else {}))

    def lines(self, kind: str) -> list[dict[str, Any]]:
        """Return the lines of that kind in the log, read from the file."""
        return [line for line in map(json.loads, self.log.read_text().splitlines()) if line["kind"] == kind]


@dataclass
class Heard:
    """One webhook as it arrived."""

    path: str
    form: dict[str, list[str]]
    signature: str


@dataclass
class Listener:
    """A web server that answers webhooks with `answers` in turn, then with 204."""

    answers: list[int] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)

    def __post_init__(self) -> None:
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                form = parse_qs(body, keep_blank_values=True)
                self.send_response(listener.answers.pop(0) if listener.answers else 204)
                self.send_header("Content-Length", "0")
                self.end_headers()
                listener.heard.append(Heard(self.path, form, self.headers["X-Twilio-Signature"]))

            def log_message(self, format: str, *args: Any) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def wait(self, count: int, *, patience: float = 8.0) -> list[Heard]:
        """Wait until that many webhooks have arrived in all."""
        wait_until(lambda: len(self.heard) >= count, patience=patience)
        return self.heard

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def wait_until(ready: Callable[[], bool], *, patience: float = 8.0) -> None:
    until = time.monotonic() + patience
    while not ready():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.02)

"""Delivers webhooks: signs them, waits until they are due, tries again while nobody answers. Knows no texts."""

from __future__ import annotations

import base64
import hashlib
import heapq
import hmac
import http.client
import itertools
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from urllib.parse import urlencode, urlsplit

from .switchboard import Notice, now

THREADS = 12
TIMEOUT = 10.0
FORM = "application/x-www-form-urlencoded; charset=UTF-8"
PAUSE = 0.5  # before the second attempt; doubled for each further one


def sign(url: str, form: Mapping[str, str], token: str) -> str:
    """Return the value of X-Twilio-Signature for a form POST (SMS-80)."""
    signed = url + "".join(name + form[name] for name in sorted(form))
    return base64.b64encode(hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest()).decode()


class Messenger:
    """Threads that deliver what is due. What is left when the process dies is owed again at its next start."""

    def __init__(
        self, token: str, *, attempts: Callable[[], int], settled: Callable[[Notice, int, bool], None]
    ) -> None:
        """`settled(notice, http_status, gave_up)` is told the end of each; status 0 is no answer at all."""
        self._token = token
        self._attempts = attempts
        self._settled = settled
        self._waiting: list[tuple[datetime, int, int, Notice]] = []
        self._numbers = itertools.count()
        self._changed = threading.Condition()

    def start(self) -> None:
        """Begin to deliver."""
        for _ in range(THREADS):
            threading.Thread(target=self._work, daemon=True, name="webhooks").start()

    def owe(self, notice: Notice, *, tried: int = 0, due: datetime | None = None) -> None:
        """Deliver that notice when it is due."""
        with self._changed:
            heapq.heappush(self._waiting, (due or notice.due, next(self._numbers), tried, notice))
            self._changed.notify()

    def _work(self) -> None:
        while True:
            notice, tried = self._next()
            status = self._post(notice)
            if 200 <= status < 500 or tried + 1 >= self._attempts():
                self._settled(notice, status, not 200 <= status < 300)
            else:
                self.owe(notice, tried=tried + 1, due=now() + timedelta(seconds=PAUSE * 2**tried))

    def _next(self) -> tuple[Notice, int]:
        with self._changed:
            while True:
                wait = (self._waiting[0][0] - now()).total_seconds() if self._waiting else None
                if wait is not None and wait <= 0:
                    _, _, tried, notice = heapq.heappop(self._waiting)
                    return notice, tried
                self._changed.wait(wait)

    def _post(self, notice: Notice) -> int:
        """Return the HTTP status of one attempt, 0 when there was no answer."""
        address = urlsplit(notice.url)
        kind = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
        target = (address.path or "/") + (f"?{address.query}" if address.query else "")
        connection = kind(address.netloc, timeout=TIMEOUT)
        try:
            headers = {"Content-Type": FORM, "X-Twilio-Signature": sign(notice.url, notice.form, self._token)}
            connection.request("POST", target, urlencode(notice.form), headers)
            answer = connection.getresponse()
            answer.read(64 * 1024)
        except (OSError, http.client.HTTPException, ValueError):
            return 0
        else:
            return answer.status
        finally:
            connection.close()

"""The carrier as callers see it: the Messages API with its codes, its moods and its outages."""

from __future__ import annotations

import base64
import hmac
import itertools
import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from . import control, listing
from .dice import Settings, Turn, plan, roll
from .server import Meter, Reply, Request, problem
from .switchboard import Switchboard, now
from .webhooks import Messenger

MAX_BODY = 1600

_NUMBER = re.compile(r"\+(?:1[2-9]\d{2}[2-9]\d{6}|[2-9]\d{7,14})")


@dataclass
class Outage:
    """A time in which nothing is accepted: `unavailable` answers 503 with Retry-After, `reset` cuts the line."""

    until: float = 0.0  # monotonic
    mode: str = "unavailable"

    def is_on(self) -> bool:
        """Say whether it lasts."""
        return time.monotonic() < self.until


@dataclass(kw_only=True)
class Carrier:
    """One account. Holds no state that matters: that is the switchboard's."""

    switchboard: Switchboard
    auth_token: str
    settings: Settings
    seed: int
    outage: Outage = field(default_factory=Outage)
    _numbers: itertools.count[int] = field(default_factory=itertools.count)
    _meter: Meter = field(default_factory=Meter)
    _changing: threading.Lock = field(default_factory=threading.Lock)

    def start(self) -> None:
        """Take up what the journal says was left undone."""
        messenger = Messenger(
            self.auth_token,
            attempts=lambda: self.settings.callback_attempts,
            settled=lambda notice, status, gave_up: self.switchboard.acknowledged(notice, status, gave_up=gave_up),
        )
        self.switchboard.on_notice = messenger.owe
        self.switchboard.restore()
        self._numbers = itertools.count(len(self.switchboard.accepted_lines))
        messenger.start()

    def change(self, wanted: Mapping[str, object]) -> Settings:
        """Change the settings. Raises ValueError."""
        with self._changing:
            self.settings = self.settings.changed(wanted)
            return self.settings

    def answer(self, request: Request) -> Reply:
        """Answer one request, whatever it is."""
        if request.path.startswith("/control/"):
            return control.answer(self, request)
        account = f"/2010-04-01/Accounts/{self.switchboard.account_sid}/"
        if not self._is_ours(request.authorization):
            return problem(401, 20003, "Authenticate")
        if self.outage.is_on():
            return self._outage()
        if request.path == f"{account}Messages.json":
            t_request = now()
            if request.method == "POST":
                return self._send(request, t_request)
            if not self.settings.lists:
                return problem(500, 20500, "Internal server error")
            return listing.page(self.switchboard, request, lag=self.settings.list_lag)
        one = re.fullmatch(re.escape(account) + r"Messages/(\w+)\.json", request.path)
        text = self.switchboard.texts.get(one[1]) if one and request.method == "GET" else None
        if text is None:
            return problem(404, 20404, "The requested resource was not found")
        return Reply(document=listing.resource(self.switchboard, text))

    def _is_ours(self, authorization: str) -> bool:
        credentials = f"{self.switchboard.account_sid}:{self.auth_token}"
        wanted = f"Basic {base64.b64encode(credentials.encode()).decode()}"
        return hmac.compare_digest(wanted.encode(), authorization.encode("utf-8", "replace"))

    def _outage(self) -> Reply:
        if self.outage.mode == "reset":
            return Reply(reset=True)
        return problem(503, 20503, "Service unavailable", headers={"Retry-After": "1"})

    def _send(self, request: Request, t_request: datetime) -> Reply:
        settings = self.settings
        turn, dice = roll(settings, self.seed, next(self._numbers))
        if turn == Turn.TOO_MANY_REQUESTS or not self._meter.allows(settings.rate_limit):
            return problem(429, 20429, "Too many requests", headers={"Retry-After": "1"})
        if turn == Turn.UNAVAILABLE:
            return problem(503, 20503, "Service unavailable", headers={"Retry-After": "1"})
        try:
            form = request.form()
        except ValueError:
            return problem(400, 20001, "The body is not a form")
        refused = self._refuse(form, settings)
        if refused is not None:
            return refused
        fares, told = plan(settings, dice)
        text = self.switchboard.accept(form, t_request=t_request, fares=fares, told=told)
        after = dice.uniform(settings.latency_least, max(settings.latency_least, settings.latency_most))
        if turn == Turn.ACCEPT_THEN_500:
            return problem(500, 20500, "Internal server error")
        if turn == Turn.ACCEPT_THEN_RESET:
            return Reply(reset=True)
        if turn == Turn.ACCEPT_THEN_GARBAGE:
            return Reply(status=201, raw=b"<html>accepted, but who reads this</html>")
        if turn == Turn.ACCEPT_THEN_HANG:
            after = settings.hang_seconds
        return Reply(status=201, document=listing.resource(self.switchboard, text, status="queued"), after=after)

    def _refuse(self, form: Mapping[str, str], settings: Settings) -> Reply | None:
        to, sender, body = form.get("To", ""), form.get("From", ""), form.get("Body", "")
        if not _NUMBER.fullmatch(to):
            return problem(400, 21211, "The 'To' number is not a valid phone number.")
        if not sender:
            return problem(400, 21603, "A 'From' phone number is required.")
        if not body:
            return problem(400, 21602, "Message body is required.")
        if len(body) > MAX_BODY:
            return problem(400, 21617, "The concatenated message body exceeds the 1600 character limit")
        stopped = settings.heeds_stop and self.switchboard.has_stopped(sender, to)
        if stopped or to in settings.opted_out:
            return problem(400, 21610, "Attempt to send to unsubscribed recipient")
        return None

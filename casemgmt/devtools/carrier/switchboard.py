"""What the carrier knows: texts, threads, who wrote STOP. Everything is derived from the journal, line by line."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from .dice import Steps
from .journal import Journal, Line

STOP_WORDS = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"})
START_WORDS = frozenset({"START", "YES", "UNSTOP"})
STOPPED = "You have successfully been unsubscribed. You will not receive any more messages. Reply START to resubscribe."
STARTED = "You have successfully been re-subscribed to messages from this number. Reply STOP to unsubscribe."

OUTBOUND, INBOUND, AUTO_REPLY = "outbound-api", "inbound", "outbound-reply"


@dataclass(frozen=True, kw_only=True)
class Text:
    """One text, either way."""

    sid: str
    direction: str
    sender: str
    to: str
    body: str
    at: datetime  # accepted by us
    fares: Steps = ()

    def status(self, now: datetime) -> str:
        """Return what has become of it by now."""
        if self.direction == INBOUND:
            return "received"
        passed = [status for delay, status in self.fares if self.at + timedelta(seconds=delay) <= now]
        return passed[-1] if passed else "queued"


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One webhook we owe: a status callback or an inbound text. Known by the text and a number within it."""

    sid: str
    index: int
    url: str
    form: Mapping[str, str]
    due: datetime

    @property
    def key(self) -> tuple[str, int]:
        """Return what it is known by."""
        return self.sid, self.index


@dataclass(kw_only=True)
class Switchboard:
    """The journal and what follows from it. Every change is a line first."""

    journal: Journal
    account_sid: str
    inbound_url: str = ""
    on_notice: Callable[[Notice], None] = lambda notice: None
    texts: dict[str, Text] = field(default_factory=dict)  # in the order of their acceptance
    accepted_lines: list[Line] = field(default_factory=list)
    stopped: set[tuple[str, str]] = field(default_factory=set)  # (our number, phone)
    _owed: dict[tuple[str, int], Notice] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def restore(self) -> None:
        """Read the journal and owe again every webhook that nobody acknowledged."""
        told, self.on_notice = self.on_notice, lambda notice: None
        for line in self.journal.load():
            self._apply(line)
        self.on_notice = told
        for notice in self._owed.values():
            told(notice)

    def accept(self, form: Mapping[str, str], *, t_request: datetime, fares: Steps, told: Steps) -> Text:
        """Take one text to send; on the disk when this returns."""
        sid = new_sid()
        line: Line = {
            "kind": "accepted",
            "t_request": t_request.isoformat(),
            "t_accept": now().isoformat(),
            "to": form["To"],
            "from": form["From"],
            "body": form["Body"],
            "body_sha256": hashlib.sha256(form["Body"].encode(errors="surrogatepass")).hexdigest(),
            "callback": form.get("StatusCallback", ""),
            "sid": sid,
            "fares": fares,
            "told": told if form.get("StatusCallback") else [],
        }
        self._write(line)
        return self.texts[sid]

    def receive(self, *, sender: str, to: str, body: str, tell: bool, auto_reply: bool) -> Text:
        """Take one text from a phone: it is logged, then delivered to the inbound address if `tell`."""
        webhook = self.inbound_url if tell else ""
        line = {"kind": "inbound", "at": now().isoformat(), "sid": new_sid(), "from": sender, "to": to, "body": body}
        was_stopped = self.has_stopped(to, sender)
        self._write({**line, "webhook": webhook})
        answer = _auto_reply(was_stopped, self.has_stopped(to, sender))
        if auto_reply and answer:
            reply = {"kind": "auto_reply", "at": now().isoformat(), "sid": new_sid()}
            self._write({**reply, "from": to, "to": sender, "body": answer})
        return self.texts[str(line["sid"])]

    def acknowledged(self, notice: Notice, http: int, *, gave_up: bool) -> None:
        """Record that a webhook was answered, or that we stopped trying."""
        line = {"kind": "webhook", "at": now().isoformat(), "sid": notice.sid, "index": notice.index, "http": http}
        self._write({**line, "status": notice.form["SmsStatus"], "gave_up": gave_up})

    def has_stopped(self, our_number: str, phone: str) -> bool:
        """Say whether that phone wrote STOP to that number and not START since."""
        return (our_number, phone) in self.stopped

    def newest_first(self) -> list[Text]:
        """Return all texts, the newest first."""
        with self._lock:
            return list(reversed(self.texts.values()))

    def thread(self, phone: str) -> list[Text]:
        """Return what that phone got and wrote, oldest first."""
        with self._lock:
            return [text for text in self.texts.values() if phone in (text.to, text.sender)]

    def our_number(self, phone: str) -> str | None:
        """Return the number that last wrote to that phone, or to any."""
        outbound = [text for text in self.newest_first() if text.direction == OUTBOUND]
        same = [text for text in outbound if text.to == phone]
        return next((text.sender for text in same or outbound), None)

    def _write(self, line: Line) -> None:
        self.journal.append(line)
        self._apply(line)

    def _apply(self, line: Line) -> None:
        with self._lock:
            kind = line["kind"]
            if kind == "webhook":
                self._owed.pop((line["sid"], line["index"]), None)
                return
            text = _text(line)
            self.texts[text.sid] = text
            if kind == "accepted":
                self.accepted_lines.append(line)
            elif kind == "inbound":
                self._hear(text)
            notices = list(self._notices(line, text))
            self._owed.update((notice.key, notice) for notice in notices)
        for notice in notices:
            self.on_notice(notice)

    def _hear(self, text: Text) -> None:
        word = text.body.strip().upper()
        if word in STOP_WORDS:
            self.stopped.add((text.to, text.sender))
        elif word in START_WORDS:
            self.stopped.discard((text.to, text.sender))

    def _notices(self, line: Line, text: Text) -> Iterator[Notice]:
        for index, (delay, status) in enumerate(line.get("told", ())):
            due = text.at + timedelta(seconds=delay)
            form = self._status_form(text, status)
            yield Notice(sid=text.sid, index=index, url=line["callback"], form=form, due=due)
        if line.get("webhook"):
            yield Notice(sid=text.sid, index=0, url=line["webhook"], form=self._inbound_form(text), due=text.at)

    def _status_form(self, text: Text, status: str) -> dict[str, str]:
        form = self._form(text, status) | {"MessageStatus": status}
        return form | {"ErrorCode": "30003"} if status == "undelivered" else form

    def _inbound_form(self, text: Text) -> dict[str, str]:
        return self._form(text, "received") | {
            "SmsMessageSid": text.sid,
            "Body": text.body,
            "NumMedia": "0",
            "NumSegments": "1",
        }

    def _form(self, text: Text, status: str) -> dict[str, str]:
        return {
            "MessageSid": text.sid,
            "SmsSid": text.sid,
            "SmsStatus": status,
            "To": text.to,
            "From": text.sender,
            "AccountSid": self.account_sid,
            "ApiVersion": "2010-04-01",
        }


def _text(line: Line) -> Text:
    direction = {"accepted": OUTBOUND, "inbound": INBOUND, "auto_reply": AUTO_REPLY}[line["kind"]]
    steps: Any = line.get("fares", [(0.0, "delivered")] if direction == AUTO_REPLY else ())
    return Text(
        sid=line["sid"],
        direction=direction,
        sender=line["from"],
        to=line["to"],
        body=line["body"],
        at=datetime.fromisoformat(line["t_accept"] if direction == OUTBOUND else line["at"]),
        fares=[(float(delay), str(status)) for delay, status in steps],
    )


def _auto_reply(before: bool, after: bool) -> str | None:
    """Return what the carrier itself answers: only when something changed."""
    if before == after:
        return None
    return STOPPED if after else STARTED


def new_sid() -> str:
    """Return a message id in the carrier's form."""
    return f"SM{uuid4().hex}"


def now() -> datetime:
    """Return the time of the real clock: a carrier does not travel in time."""
    return datetime.now(UTC)

"""The control desk, for people, demos and tests on this machine: write as a phone, read threads, change the dice."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from .server import Reply, Request
from .switchboard import INBOUND, Text, now

if TYPE_CHECKING:
    from .carrier import Carrier

OUTAGES = ("unavailable", "reset")


def answer(carrier: Carrier, request: Request) -> Reply:
    """Answer a request under /control/; only callers on this machine are heard."""
    if not request.is_local:
        return Reply(status=403, document={"error": "only from this machine"})
    desk = _DESKS.get((request.method, request.path.rstrip("/")))
    if desk is None:
        known = [f"{method} {path}" for method, path in _DESKS]
        return Reply(status=404, document={"error": "no such place", "places": known})
    try:
        return Reply(document=desk(carrier, _wanted(request)))
    except ValueError as error:
        return Reply(status=400, document={"error": str(error)})


def _wanted(request: Request) -> Mapping[str, Any]:
    if request.method == "GET":
        return request.query
    wanted = json.loads(request.body or b"{}")
    if not isinstance(wanted, dict):
        raise ValueError("the body must be an object")
    return wanted


def _inbound(carrier: Carrier, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """A phone writes to us: {from, body, to?}."""
    sender = _phone(wanted.get("from"))
    to = _phone(wanted.get("to") or carrier.switchboard.our_number(sender) or "")
    body = wanted.get("body")
    if not isinstance(body, str):
        raise ValueError("body must be text")
    body.encode()  # a lone surrogate cannot travel: UnicodeEncodeError is a ValueError
    settings = carrier.settings
    text = carrier.switchboard.receive(
        sender=sender, to=to, body=body, tell=settings.inbound_webhooks, auto_reply=settings.auto_replies
    )
    return _shown(text)


def _phone(value: object) -> str:
    """Read a number; a plus that a browser turned into a blank is put back. Raises ValueError."""
    number = f"+{str(value or '').strip().lstrip('+')}"
    if not number[1:].isdecimal():
        raise ValueError("a number is written +12125550123; name `from`, and `to` before we ever wrote to anybody")
    return number


def _log(carrier: Carrier, wanted: Mapping[str, Any]) -> list[Any]:
    """Return the journal's line of every text we accepted, oldest first."""
    return list(carrier.switchboard.accepted_lines)


def _thread(carrier: Carrier, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a phone shows: ?number=+12125550123."""
    number = _phone(wanted.get("number"))
    return {"number": number, "thread": [_shown(text) for text in carrier.switchboard.thread(number)]}


def _shown(text: Text) -> dict[str, Any]:
    return {
        "at": text.at.isoformat(),
        "direction": "from the phone" if text.direction == INBOUND else "to the phone",
        "body": text.body,
        "status": text.status(now()),
        "from": text.sender,
        "to": text.to,
        "sid": text.sid,
        "by_carrier": text.direction == "outbound-reply",
    }


def _settings(carrier: Carrier, wanted: Mapping[str, Any]) -> dict[str, Any]:
    return asdict(carrier.settings)


def _change(carrier: Carrier, wanted: Mapping[str, Any]) -> dict[str, Any]:
    return asdict(carrier.change(wanted))


def _outage(carrier: Carrier, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Accept nothing for a while: {seconds, mode: unavailable | reset}; 0 seconds ends it."""
    seconds, mode = wanted.get("seconds"), wanted.get("mode", "unavailable")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds < 0 or mode not in OUTAGES:
        raise ValueError(f"an outage has seconds and a mode of {', '.join(OUTAGES)}")
    carrier.outage.mode = mode
    carrier.outage.until = time.monotonic() + seconds
    return {"seconds": seconds, "mode": mode}


def _health(carrier: Carrier, wanted: Mapping[str, Any]) -> dict[str, Any]:
    return {"ready": True, "accepted": len(carrier.switchboard.accepted_lines)}


_DESKS: Mapping[tuple[str, str], Callable[[Carrier, Mapping[str, Any]], Any]] = {
    ("GET", "/control/health"): _health,
    ("GET", "/control/log"): _log,
    ("GET", "/control/phone"): _thread,
    ("POST", "/control/inbound"): _inbound,
    ("GET", "/control/settings"): _settings,
    ("POST", "/control/settings"): _change,
    ("POST", "/control/outage"): _outage,
}

"""Twilio's Messages API over HTTP, and whatever speaks the same. Turns each answer into one outcome of the contract.

No automatic retries, no logging of bodies or numbers. Answers are limited in size and checked in form before a word
of them is believed.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, NoReturn
from urllib.parse import urlsplit

import httpx

from .contract import (
    BeforeWrite,
    ChannelRefused,
    GatewayConfig,
    Inbound,
    LookupFailed,
    NotSent,
    Outbound,
    OutcomeUnknown,
    Receipt,
    Rejected,
    body_sha256,
)
from .exchange import Answer, Exchange, Interrupted, NothingWritten

_KNOWN_STATUSES = """
accepted scheduled queued sending sent delivered undelivered failed canceled read partially_delivered receiving received
"""
STATUSES = frozenset(_KNOWN_STATUSES.split())  # (SMS-70)

_SID = re.compile(r"(?:SM|MM)[0-9a-f]{32}")
_ANSWER_LIMIT = 64 * 1024
_LIST_LIMIT = 2 * 1024 * 1024
_PAGE_SIZE = 100
_PAGES = 50
_RETRY_AT_MOST = 3600.0


class TwilioGateway:
    """Speaks for one account and one number."""

    def __init__(self, config: GatewayConfig) -> None:
        """Take the account, its token, its number and the base address. Raises ValueError when one is unusable."""
        if not (config.account_sid and config.auth_token and config.from_number):
            raise ValueError("the gateway needs an account, a token and a number")
        self._base = _checked_base(config.base_url)
        self._path = f"/2010-04-01/Accounts/{config.account_sid}/Messages.json"
        self._from = config.from_number
        credentials = b64encode(f"{config.account_sid}:{config.auth_token}".encode()).decode()
        self._headers = {"Authorization": f"Basic {credentials}", "Accept": "application/json"}
        self._exchange = Exchange(connect_timeout=config.connect_timeout, total_timeout=config.total_timeout)

    def send(self, outbound: Outbound, before_write: BeforeWrite) -> Receipt:
        """Post one message (Gateway.send, reliability.md 4.5)."""
        form = {"To": outbound.to, "From": self._from, "Body": outbound.body}
        if outbound.status_callback:
            form["StatusCallback"] = outbound.status_callback
        request = httpx.Request("POST", self._base + self._path, headers=self._headers, data=form)
        try:
            answer = self._exchange.call(request, before_write, limit=_ANSWER_LIMIT)
        except NothingWritten as failure:
            raise NotSent(str(failure)) from None
        except Interrupted as failure:
            raise OutcomeUnknown(str(failure)) from None
        if not 200 <= answer.status < 300:
            _refuse(answer)
        receipt = _receipt(_document(answer))
        if receipt is None:
            raise OutcomeUnknown("unreadable")
        return receipt

    def find(self, to: str, since: datetime, body_sha256: str) -> list[Receipt]:
        """Look through what the carrier took for that number (Gateway.find)."""
        found = []
        for message in self._messages({"To": to, "From": self._from}, since):
            at = _instant(message, "date_created")
            if (
                message["direction"] != "inbound"
                and _hash(message) == body_sha256
                and (at is None or at >= _floor(since))
            ):
                receipt = _receipt(message)
                if receipt is None:
                    raise LookupFailed("unreadable")
                found.append(receipt)
        return found

    def find_inbound(self, since: datetime) -> list[Inbound]:
        """Look through what phones sent to our number (Gateway.find_inbound)."""
        day = since.astimezone(UTC).date().isoformat()
        found = []
        for message in self._messages({"To": self._from, "DateSent>": day}, since):
            at = _instant(message, "date_sent") or _instant(message, "date_created")
            if message["direction"] == "inbound" and (at is None or at >= _floor(since)):
                found.append(
                    Inbound(
                        provider_id=message["sid"],
                        sender=message["from"],
                        to=message["to"],
                        body=message["body"],
                        received_at=at,
                    )
                )
        return found

    def close(self) -> None:
        """Close what is open (Gateway.close)."""
        self._exchange.close()

    def _messages(self, query: Mapping[str, str], since: datetime) -> Iterator[Mapping[str, Any]]:
        """Follow the pages, newest first, until a whole page is older than a day before `since`.

        A day of margin: the list is ordered by the time of sending, which a queued message does not have yet.
        """
        url = httpx.URL(self._base + self._path, params={**query, "PageSize": str(_PAGE_SIZE)})
        for _ in range(_PAGES):
            page = self._page(url)
            yield from page["messages"]
            times = [_instant(message, "date_created") for message in page["messages"]]
            following = page.get("next_page_uri")
            is_past = bool(times) and all(at is not None and at < since - timedelta(days=1) for at in times)
            if not following or is_past:
                return
            if not (isinstance(following, str) and following.startswith(f"{self._path}?")):
                raise LookupFailed("unreadable")  # our credentials go nowhere else
            url = httpx.URL(self._base + following)
        raise LookupFailed("too many pages")

    def _page(self, url: httpx.URL) -> Mapping[str, Any]:
        try:
            answer = self._exchange.call(httpx.Request("GET", url, headers=self._headers), _no_hook, limit=_LIST_LIMIT)
        except (NothingWritten, Interrupted) as failure:
            raise LookupFailed(str(failure)) from None
        if answer.status in {401, 403}:
            raise ChannelRefused(_code(answer))
        page = _document(answer)
        messages = page.get("messages")
        if answer.status != 200 or not isinstance(messages, list) or not all(map(_is_message, messages)):
            raise LookupFailed(f"http_{answer.status}" if answer.status != 200 else "unreadable")
        return page


def _no_hook() -> None:
    """Reading needs nobody's leave."""


def _hash(message: Mapping[str, Any]) -> str:
    return body_sha256(message["body"])


def _floor(since: datetime) -> datetime:
    """The carrier's times are whole seconds."""
    return since.replace(microsecond=0)


def _checked_base(url: str) -> str:
    """Refuse to send credentials in clear to anything but this machine or a bare service name beside it."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    is_near = host in {"127.0.0.1", "::1"} or (host != "" and "." not in host and ":" not in host)
    if not host or parts.query or parts.scheme not in {"http", "https"} or (parts.scheme == "http" and not is_near):
        raise ValueError("the base address must be https")
    return url.rstrip("/")


def _refuse(answer: Answer) -> NoReturn:
    """Raise the outcome of an answer that is no receipt."""
    status, code = answer.status, _code(answer)
    if status == 429 or (status == 503 and "retry-after" in answer.headers):
        raise NotSent(code, retry_after=_retry_after(answer))
    if not 400 <= status < 500 or status == 408:  # a proxy's 408 says nothing of what the carrier has
        raise OutcomeUnknown(code)
    if status in {401, 403} and not code.startswith("21"):  # 21xxx is about the message, not about us
        raise ChannelRefused(code)
    raise Rejected(code)


def _retry_after(answer: Answer) -> float | None:
    named = answer.headers.get("retry-after", "")
    return min(float(named), _RETRY_AT_MOST) if named.isascii() and named.isdecimal() else None


def _document(answer: Answer) -> Mapping[str, Any]:
    """Return the JSON object of an answer; an empty one when there is none."""
    try:
        document = json.loads(answer.body)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _code(answer: Answer) -> str:
    """Return the carrier's code, else the HTTP status as a code."""
    code = _document(answer).get("code")
    return str(code) if isinstance(code, int) and not isinstance(code, bool) else f"http_{answer.status}"


def _receipt(message: Mapping[str, Any]) -> Receipt | None:
    """Return the receipt a message resource stands for, or None when it is not one."""
    sid, status, error = message.get("sid"), message.get("status"), message.get("error_code")
    if not (isinstance(sid, str) and _SID.fullmatch(sid) and isinstance(status, str) and status in STATUSES):
        return None
    return Receipt(
        provider_id=sid,
        status=status,
        accepted_at=_instant(message, "date_created"),
        error_code=str(error) if isinstance(error, int) else None,
    )


def _is_message(item: object) -> bool:
    wanted = ("sid", "from", "to", "body", "direction")
    return isinstance(item, dict) and all(isinstance(item.get(name), str) for name in wanted)


def _instant(message: Mapping[str, Any], name: str) -> datetime | None:
    """Read one of the carrier's times (RFC 2822, whole seconds) as aware UTC."""
    try:
        at = parsedate_to_datetime(message[name])
    except (KeyError, TypeError, ValueError, IndexError):
        return None
    return at.astimezone(UTC) if at.tzinfo else None

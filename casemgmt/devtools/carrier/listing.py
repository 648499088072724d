"""How the Messages API shows texts: one resource, and the list with its filters and pages. Reads only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, time, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlencode

from .server import Reply, Request, problem
from .switchboard import AUTO_REPLY, INBOUND, Switchboard, Text, now

PAGE_SIZE, PAGE_SIZE_MOST = 50, 1000


def resource(switchboard: Switchboard, text: Text, *, status: str | None = None) -> dict[str, Any]:
    """Return one text as the API shows it."""
    is_known = status or text.status(now())
    at = format_datetime(text.at.astimezone(UTC).replace(microsecond=0))
    return {
        "sid": text.sid,
        "account_sid": switchboard.account_sid,
        "to": text.to,
        "from": text.sender,
        "body": text.body,
        "status": is_known,
        "direction": text.direction,
        "date_created": at,
        "date_updated": at,
        "date_sent": None if is_known == "queued" else at,
        "num_segments": "1",
        "num_media": "0",
        "error_code": 30003 if is_known == "undelivered" else None,
        "error_message": None,
        "price": None,
        "api_version": "2010-04-01",
        "uri": f"/2010-04-01/Accounts/{switchboard.account_sid}/Messages/{text.sid}.json",
    }


def page(switchboard: Switchboard, request: Request, *, lag: float) -> Reply:
    """Return one page of the list, newest first, without what is younger than `lag` seconds."""
    try:
        wanted = list(_filtered(switchboard.newest_first(), request.query, now() - timedelta(seconds=lag)))
        size = min(max(int(request.query.get("PageSize", PAGE_SIZE)), 1), PAGE_SIZE_MOST)
        number = int(request.query.get("Page", 0))
    except ValueError:
        return problem(400, 20001, "A filter cannot be read")
    token = request.query.get("PageToken", "")
    start = next((place + 1 for place, text in enumerate(wanted) if text.sid == token), 0)
    shown = wanted[start : start + size]
    path = f"/2010-04-01/Accounts/{switchboard.account_sid}/Messages.json"
    following = None
    if start + size < len(wanted):
        query = {**request.query, "PageSize": str(size), "Page": str(number + 1), "PageToken": shown[-1].sid}
        following = f"{path}?{urlencode(query)}"
    document = {
        "messages": [resource(switchboard, text) for text in shown],
        "page": number,
        "page_size": size,
        "next_page_uri": following,
        "uri": f"{path}?{urlencode(request.query)}",
    }
    return Reply(document=document)


def _filtered(texts: Iterable[Text], query: Mapping[str, str], latest: datetime) -> Iterable[Text]:
    """Apply To, From and DateSent, DateSent>, DateSent< (the date, or an instant). Raises ValueError."""
    day = _day(query["DateSent"]) if query.get("DateSent") else None
    after = _day(query["DateSent>"]) if query.get("DateSent>") else None
    before = _day(query["DateSent<"]) if query.get("DateSent<") else None
    for text in texts:
        if text.direction == AUTO_REPLY or (text.direction != INBOUND and text.at > latest):
            continue
        if query.get("To", text.to) != text.to or query.get("From", text.sender) != text.sender:
            continue
        if day and not day <= text.at < day + timedelta(days=1):
            continue
        if (after and text.at < after) or (before and text.at >= before + timedelta(days=1)):
            continue
        yield text


def _day(value: str) -> datetime:
    at = datetime.fromisoformat(value)
    return at if at.tzinfo else datetime.combine(at.date(), time(at.hour, at.minute, at.second), tzinfo=UTC)

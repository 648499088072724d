"""problem+json (RFC 9457): one shape for every refusal. It names no person and no id that was asked for (P2-06)."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.http import HttpRequest, HttpResponse

from casemgmt.kernel.errors import NotAvailable

from .outages import is_outage

CONTENT_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 5
TITLES = {
    400: "Bad request",
    401: "Not logged in",
    403: "Not permitted",
    404: "Not found",
    405: "Method not allowed",
    406: "Not acceptable",
    409: "Conflict",
    411: "Length required",
    412: "Precondition failed",
    413: "Too large",
    415: "Unsupported media type",
    422: "Not possible",
    428: "Precondition required",
    429: "Too many requests",
    500: "Our mistake",
    503: "Not available",
}


def body(status: int, code: str, detail: str, **extra: Any) -> dict[str, Any]:
    """Return the members of a problem: type, title, status, code, detail, then what the code documents."""
    title = TITLES.get(status, "Refused")
    return {"type": f"urn:casemgmt:{code}", "title": title, "status": status, "code": code, "detail": detail, **extra}


def problem(status: int, code: str, detail: str, **extra: Any) -> HttpResponse:
    """Return a problem as a plain response, for places where no API view is running."""
    text = json.dumps(body(status, code, detail, **extra))
    return HttpResponse(text, status=status, content_type=CONTENT_TYPE, headers={"Cache-Control": "no-store"})


NOT_FOUND = "There is nothing here that you may see."


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer an unknown address like an unknown id."""
    return problem(404, "not_found", NOT_FOUND)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer our own mistake without saying anything about it; 503 when it was the database that did not answer."""
    if is_outage(sys.exception()):
        answer = problem(503, NotAvailable.code, NotAvailable.sentence)
        answer["Retry-After"] = str(RETRY_AFTER_SECONDS)
        return answer
    return problem(500, "server_error", "Something broke on our side. It was noted.")


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer what Django refuses before any view."""
    return problem(400, "invalid", "The request cannot be read.")


def forbidden(request: HttpRequest, exception: Exception | None = None, reason: str = "") -> HttpResponse:
    """Answer a missing or wrong CSRF token."""
    return problem(403, "csrf_failed", "Send the X-CSRFToken header with the token of your session.")

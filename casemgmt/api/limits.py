"""Refusing what is too big before anything reads it (API4)."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from .problems import problem

LONGEST_NUMBER = 18  # digits; what is longer is too large whatever it says


class BodyLimitMiddleware:
    """Answers 413 to a body over `MAX_BODY_BYTES` and 411 to a body of unknown length."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Look at the announced length only; the server reads no more than was announced."""
        if "chunked" in request.headers.get("Transfer-Encoding", "").lower():
            return problem(411, "length_required", "Send the body with a Content-Length.")
        announced = request.headers.get("Content-Length") or "0"
        if not (announced.isascii() and announced.isdigit()):
            return problem(400, "invalid", "The Content-Length is not a number.")
        digits = announced.lstrip("0")  # the server reads past leading zeros, so we do too
        if len(digits) > LONGEST_NUMBER or int(digits or "0") > settings.MAX_BODY_BYTES:
            return problem(413, "body_too_large", f"The body is larger than {settings.MAX_BODY_BYTES} bytes.")
        return self.get_response(request)

"""Where a request comes from. Headers are believed only as far as our own proxies wrote them."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest

HEADER = "HTTP_X_FORWARDED_FOR"


def client_address(request: HttpRequest) -> str:
    """Return the address of whoever asks, as text; '' when the server knows none (a socket).

    `TRUSTED_PROXIES` says how many proxies of ours stand before us; each adds one address on the right of
    X-Forwarded-For. What stands further left was sent by the client and may be anything.
    """
    hops: int = settings.TRUSTED_PROXIES
    header = str(request.META.get(HEADER, ""))
    told = [part.strip() for part in header.split(",") if part.strip()]
    if hops and len(told) >= hops:
        return told[-hops][:45]
    return str(request.META.get("REMOTE_ADDR", ""))[:45]

"""One-time codes of an app: TOTP of RFC 6238 with SHA-1, six digits and 30 seconds, as every app knows them. Pure."""

from __future__ import annotations

import hmac
import secrets
from base64 import b32decode, b32encode
from datetime import datetime
from urllib.parse import quote, urlencode

DIGITS = 6
STEP = 30  # seconds
DRIFT = 1  # steps a phone's clock may be off, either way
ISSUER = "casemgmt"


def new_secret() -> str:
    """Return 160 random bits as the apps take them: base32."""
    return b32encode(secrets.token_bytes(20)).decode()


def address_for_app(*, secret: str, name: str) -> str:
    """Return what the QR code for an app says (`otpauth://…`)."""
    return f"otpauth://totp/{quote(f'{ISSUER}:{name}')}?{urlencode({'secret': secret, 'issuer': ISSUER})}"


def code_at(step: int, *, secret: str) -> str:
    """Return the code of one step of time (RFC 4226, section 5.3)."""
    told = hmac.digest(b32decode(secret), step.to_bytes(8, "big"), "sha1")
    start = told[-1] & 0x0F
    number = int.from_bytes(told[start : start + 4], "big") & 0x7FFF_FFFF
    return str(number % 10**DIGITS).zfill(DIGITS)


def step_of(code: str, *, secret: str, at: datetime, after: int) -> int | None:
    """Return the step that a code belongs to, None when it fits none near `at` that lies after step `after`.

    Whoever keeps the step returned, and passes it as `after` next time, never takes a code twice (RFC 6238, 5.2).
    """
    now = int(at.timestamp()) // STEP
    for step in range(now - DRIFT, now + DRIFT + 1):
        if step > after and hmac.compare_digest(code_at(step, secret=secret).encode(), code.encode()):
            return step
    return None

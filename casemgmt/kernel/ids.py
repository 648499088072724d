"""Identifiers: time-ordered UUIDs (version 7), so that new rows land at the end of their indexes."""

import secrets
import time
from uuid import UUID


def new_id() -> UUID:
    """Return a new UUIDv7 (RFC 9562): 48 bits of Unix milliseconds, then 74 random bits."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds & (1 << 48) - 1) << 80
    value |= 0x7 << 76 | secrets.randbits(12) << 64
    value |= 0b10 << 62 | secrets.randbits(62)
    return UUID(int=value)

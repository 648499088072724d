"""Identifiers: time-ordered UUIDs (version 7), so that new rows land at the end of their indexes."""

import secrets
import time
from uuid import UUID


def new_id() -> UUID:
    """Return a new UUIDv7 (RFC 9562): 48 bits of Unix milliseconds, 12 of the fraction, then 62 random bits.

    With the fraction (its section 6.2, method 3) rows that one process makes in one millisecond keep their order.
    """
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    value = (milliseconds & (1 << 48) - 1) << 80
    value |= 0x7 << 76 | (rest << 12) // 1_000_000 << 64
    value |= 0b10 << 62 | secrets.randbits(62)
    return UUID(int=value)


def beginning_now() -> str:
    """Return the text that a UUIDv7 of now begins with, up to its version, for ids that PostgreSQL ends at random."""
    milliseconds = f"{time.time_ns() // 1_000_000:012x}"
    return f"{milliseconds[:8]}-{milliseconds[8:]}-7"

"""What every gateway promises: the words, the outcomes and the protocol. The room's only door to a carrier.

The outcomes are the rows of reliability.md 4.5. A gateway never retries by itself and never guesses: what it cannot
know, it calls OutcomeUnknown. Nothing here prints a number or a body.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

BeforeWrite = Callable[[], None]


@dataclass(frozen=True, kw_only=True)
class Outbound:
    """One text to hand over. `status_callback` is the absolute URL that names the attempt, or empty for none."""

    to: str = field(repr=False)  # E.164
    body: str = field(repr=False)
    status_callback: str
    attempt_id: UUID


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """The carrier has this text. `status` is its own word (SMS-70); `error_code` its reason for a failure."""

    provider_id: str
    status: str
    accepted_at: datetime | None = None  # aware UTC, by the carrier's clock; None when it did not say
    error_code: str | None = None


@dataclass(frozen=True, kw_only=True)
class Inbound:
    """One text from a phone to our number."""

    provider_id: str
    sender: str = field(repr=False)  # E.164
    to: str = field(repr=False)
    body: str = field(repr=False)
    received_at: datetime | None = None  # aware UTC, by the carrier's clock


@dataclass(frozen=True, kw_only=True)
class GatewayConfig:
    """How to reach a carrier. Times are seconds; `total_timeout` bounds the whole call, name lookup included."""

    account_sid: str = ""
    auth_token: str = field(default="", repr=False)
    from_number: str = ""
    base_url: str = "https://api.twilio.com"
    connect_timeout: float = 2.0
    total_timeout: float = 5.0


class GatewayError(Exception):
    """Any outcome but a receipt. Carries codes, never a number or a body."""


class NotSent(GatewayError):
    """Certainly not accepted: try again, after `retry_after` seconds when the carrier named them."""

    def __init__(self, reason: str, *, retry_after: float | None = None) -> None:
        self.reason = reason
        self.retry_after = retry_after
        super().__init__(reason)


class Rejected(GatewayError):
    """The carrier refuses this text, for the reason `code` (SMS-72). `permanent`: the same text would fail again."""

    def __init__(self, code: str, *, permanent: bool = True) -> None:
        self.code = code
        self.permanent = permanent
        super().__init__(code)


class ChannelRefused(GatewayError):
    """The carrier refuses us, not the text (401, 403): pause the channel and call a person."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


class OutcomeUnknown(GatewayError):
    """It may or may not have been accepted: wait for evidence, do not send again."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class LookupFailed(GatewayError):
    """The carrier's list could not be read to its end: no evidence of anything, ask again later."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class Gateway(Protocol):
    """A way to the phones. Safe to use from several threads."""

    def send(self, outbound: Outbound, before_write: BeforeWrite) -> Receipt:
        """Hand one text over.

        `before_write` is called immediately before the first byte leaves; when it raises, nothing was sent and its
        exception comes back unchanged. It may run on another thread, so it must not use the database.
        Raises NotSent, Rejected, ChannelRefused or OutcomeUnknown.
        """
        ...

    def find(self, to: str, since: datetime, body_sha256: str) -> list[Receipt]:
        """Return the texts with that body the carrier took for that number since then, newest first.

        Raises LookupFailed or ChannelRefused; an empty list is an answer.
        """
        ...

    def find_inbound(self, since: datetime) -> list[Inbound]:
        """Return the texts our number received since then, newest first. Raises LookupFailed or ChannelRefused."""
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...


def body_sha256(body: str) -> str:
    """Return the hash by which a text is looked up, so that its words need not be kept."""
    return hashlib.sha256(body.encode(errors="surrogatepass")).hexdigest()

"""The only place that speaks to a carrier. `build` makes a gateway from what it is passed; no settings are read."""

from __future__ import annotations

from .console import ConsoleGateway
from .contract import (
    BeforeWrite,
    ChannelRefused,
    Gateway,
    GatewayConfig,
    GatewayError,
    Inbound,
    LookupFailed,
    NotSent,
    Outbound,
    OutcomeUnknown,
    Receipt,
    Rejected,
    body_sha256,
)
from .memory import MemoryGateway
from .twilio import TwilioGateway

__all__ = [
    "BeforeWrite",
    "ChannelRefused",
    "ConsoleGateway",
    "Gateway",
    "GatewayConfig",
    "GatewayError",
    "Inbound",
    "LookupFailed",
    "MemoryGateway",
    "NotSent",
    "Outbound",
    "OutcomeUnknown",
    "Receipt",
    "Rejected",
    "TwilioGateway",
    "body_sha256",
    "build",
]


def build(kind: str, config: GatewayConfig) -> Gateway:
    """Return a new gateway: `memory`, `console` or `twilio`. Raises ValueError for another kind or a lacking config."""
    if kind == "memory":
        return MemoryGateway()
    if kind == "console":
        return ConsoleGateway()
    if kind == "twilio":
        return TwilioGateway(config)
    raise ValueError("there is no such gateway")

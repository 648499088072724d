"""What is read off a response for those who judge: a number, or a triage, and when the client gave it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Score:
    """A number and when the client gave it (aware UTC)."""

    value: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Triage:
    """The level of a C-SSRS screener (none, low, moderate, high; MSR-06), and when the client gave it."""

    level: str
    at: datetime

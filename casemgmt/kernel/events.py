"""Facts that others may need to hear. An event carries ids, codes and times: never a name, a number or a text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

Scalar = str | int | bool | None

TOPICS: set[str] = set()


def topic(name: str) -> str:
    """Register `room.fact` as a topic, so that start-up can prove that somebody decided who hears it."""
    TOPICS.add(name)
    return name


@dataclass(frozen=True, slots=True)
class Event:
    """One fact: `topic` as registered, the subject it is about, the client it concerns (if any), small payload."""

    topic: str
    subject_id: UUID
    client_id: UUID | None = None
    organization_id: UUID | None = None
    payload: Mapping[str, Scalar] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.topic not in TOPICS:
            raise ValueError(f"topic {self.topic} is not registered")

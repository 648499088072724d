"""Statements and screeners of an episode's client, as old as a test wants them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from casemgmt.episodes.models import Episode
from casemgmt.guidance.models import Statement
from casemgmt.guidance.words import FactName, FactSource
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.measures.models import Response
from casemgmt.measures.services import NewResponse, record_response

CALM = {str(number): 0 for number in range(1, 10)}
SUICIDE_SCREEN = {
    "none": {"1": 0, "2": 0, "6": 0},
    "moderate": {"1": 1, "2": 1, "3": 1, "4": 0, "5": 0, "6": 0},
    "high": {"1": 1, "2": 1, "3": 1, "4": 1, "5": 0, "6": 0},
}


def statement(episode: Episode, name: str, value: bool | list[str], *, by: UUID | None, days_old: int = 0) -> Statement:
    """Return something told so many days ago."""
    at = clock.now()
    wishes = value if isinstance(value, list) else None
    return Statement.objects.create(
        client_id=episode.client_id,
        organization_id=episode.organization_id,
        episode=episode,
        name=FactName(name),
        yes=None if wishes is not None else value,
        wishes=wishes,
        source=FactSource.CLIENT,
        observed_at=at - timedelta(days=days_old),
        recorded_at=at,
        recorded_by_id=by,
    )


def phq9(episode: Episode, total: int, *, by: Actor, days_old: int = 0, **items: int) -> Response:
    """Return a PHQ-9 with a total; item 9 stays at 0 up to 24 points unless told otherwise."""
    answers, left = dict(CALM), total
    for number in answers:
        answers[number] = min(3, left)
        left -= answers[number]
    return screener(episode, "phq9", {**answers, **items}, by=by, days_old=days_old)


def cssrs(episode: Episode, level: str, *, by: Actor, days_old: int = 0) -> Response:
    """Return a C-SSRS screener at a level."""
    return screener(episode, "cssrs", SUICIDE_SCREEN[level], by=by, days_old=days_old)


def screener(episode: Episode, code: str, items: dict[str, int], *, by: Actor, days_old: int = 0) -> Response:
    """Return an answered instrument of so many days ago."""
    moment = clock.now() - timedelta(days=days_old)
    new = NewResponse(client_id=episode.client_id, instrument=code, items=items, mode="in_person", completed_at=moment)
    return record_response(new=new, actor=by)


def form(*lines: tuple[str, Any], source: str = "client") -> dict[str, Any]:
    """Return the facts form as it is sent."""
    return {
        "facts": [
            {"name": name, "source": source, **({"services": value} if isinstance(value, list) else {"yes": value})}
            for name, value in lines
        ]
    }

"""One figure as one line of JSON. Pure."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from statistics import median
from typing import Any

Rounds = list[float]  # one value for each round


@dataclass(frozen=True)
class Figure:
    """A measured value, what it is compared with, the goal in words, and whether it is met (None: no goal)."""

    name: str
    value: float
    unit: str
    goal: str = ""
    met: bool | None = None
    limit: float | None = None  # the same rows by raw SQL behind a bare function
    stock: float | None = None  # the same JSON by an ordinary build
    spread: tuple[float, float] | None = None  # lowest and highest round

    def line(self) -> str:
        """Return the figure as JSON on one line, numbers to four digits."""
        return json.dumps({name: _short(value) for name, value in asdict(self).items()})

    def judged(self, goal: str, *, met: bool) -> Figure:
        """Return the figure with its goal."""
        return replace(self, goal=goal, met=met)


def of_rounds(name: str, rounds: Rounds, unit: str, **beside: Rounds | None) -> Figure:
    """Return the median of some rounds with its spread, beside the medians of `limit` and `stock`."""
    others = {who: None if given is None else median(given) for who, given in beside.items()}
    return Figure(name, median(rounds), unit, spread=(min(rounds), max(rounds)), **others)


def _short(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.4g}")
    return [_short(each) for each in value] if isinstance(value, tuple | list) else value

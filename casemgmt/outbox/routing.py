"""Reading the table of routes: which handlers hear a topic, now and soon. The table itself is `casemgmt/routes.py`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

Handler = Callable[..., None]


@dataclass(frozen=True, slots=True)
class Route:
    """Dotted names of handlers. `now` runs in the emitting transaction and writes rows only; `soon` runs by relay."""

    now: tuple[str, ...] = ()
    soon: tuple[str, ...] = ()


@cache
def lines_for(topic: str) -> tuple[Route, ...]:
    """Return every line of the table that a topic matches: its own, and `room.*`."""
    table: dict[str, Route] = import_string(settings.EVENT_ROUTES)
    room = topic.split(".", 1)[0]
    return tuple(table[name] for name in (topic, f"{room}.*") if name in table)


@cache
def handlers(topic: str, column: str) -> tuple[Handler, ...]:
    """Return the handlers of `topic` in `column` (`now` or `soon`), imported, in the table's order."""
    names: list[Any] = [name for line in lines_for(topic) for name in getattr(line, column)]
    return tuple(import_string(name) for name in names)

"""What staff put into the chart, as it is sent over HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from casemgmt.episodes.models import Episode
from casemgmt.worklist.models import ItemKind, WorkItem
from tests.factories import people


def level(episode: Episode, **more: Any) -> dict[str, Any]:
    """Return a level of care that leads to IOP."""
    return {"episode": str(episode.id), "edition": 4, "code": "2.1", "rationale": "Nine hours fit.", **more}


def plan(episode: Episode, **more: Any) -> dict[str, Any]:
    """Return a short plan."""
    return {"episode": str(episode.id), "goals": "Walk every day; call Sam.", **more}


def contact(episode: Episode, **more: Any) -> dict[str, Any]:
    """Return a call that nobody answered, made just now."""
    return {"episode": str(episode.id), "channel": "phone", "reached": False, **more}


def used_again(episode: Episode, **more: Any) -> dict[str, Any]:
    """Return a return to use that the client told of yesterday."""
    known = {
        "learned_on": str(people.today() - timedelta(days=1)),
        "source": "client",
        "overdose": False,
        "still_using": "unknown",
        "naloxone_offered": True,
        "safety_plan_checked": True,
    }
    return {"episode": str(episode.id), **known, **more}


def open_items(*kinds: ItemKind) -> list[WorkItem]:
    """Return the open work of these kinds, earliest due first."""
    return list(WorkItem.objects.open().filter(kind__in=kinds).order_by("due_at"))

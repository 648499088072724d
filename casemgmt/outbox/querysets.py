"""Reads and locks of what operators are told of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import QuerySet

if TYPE_CHECKING:
    from .models import StoppedPart  # noqa: F401 - named in a string


class StoppedPartQuerySet(QuerySet["StoppedPart"]):
    """Parts that stood still."""

    def unheard(self) -> list[StoppedPart]:
        """Return those of which something is still to be told, oldest first, locked and held by nobody else."""
        rows = self.filter(end_told_at__isnull=True).order_by("since", "id")
        return list(rows.select_for_update(skip_locked=True))

"""One round of notices: who is to be told, then the letters that are due."""

from __future__ import annotations

from collections.abc import Callable

from .mailing import send_due
from .telling import tell


def write_notices(*, keep_on: Callable[[], bool] = lambda: True) -> int:
    """Tell of what is new and what is overdue, send what is due; return how much that was."""
    return tell(keep_on=keep_on) + send_due(keep_on=keep_on)

"""What the pathway does as time passes: signatures lapse, who waits is looked after again. Moves nobody (CLN-01)."""

from __future__ import annotations

from collections.abc import Callable

from .cosigning import lapse_signatures
from .follow_ups import keep_in_touch


def pass_time(*, keep_on: Callable[[], bool] = lambda: True) -> int:
    """Do what is due now; return how much that was. Safe in any number of copies."""
    return lapse_signatures(keep_on=keep_on) + keep_in_touch(keep_on=keep_on)

"""What a flag of a screener is worth: one table (MSR-05, MSR-06). Pure; the numbers of points are the instruments' own.

The total does not matter: a flag raises an alert whatever the score is.
"""

from __future__ import annotations

from collections.abc import Iterable

from .words import RANK, Severity, What

# flag of casemgmt.measures.instruments -> how grave; the flag's code is what the alert says
TRIAGE: dict[str, Severity] = {
    What.PHQ9_ITEM_9.value: Severity.HIGH,
    What.PHQ9_ITEM_9_DAILY.value: Severity.CRITICAL,
    What.CSSRS_LOW.value: Severity.LOW,
    What.CSSRS_MODERATE.value: Severity.MODERATE,
    What.CSSRS_HIGH.value: Severity.HIGH,
}
# MSR-05: these ask for a C-SSRS screener the same day
ASKS_SCREEN = frozenset({What.PHQ9_ITEM_9.value, What.PHQ9_ITEM_9_DAILY.value})


def gravest(flags: Iterable[str]) -> tuple[What, Severity] | None:
    """Return what one response raises: the gravest of its flags, None when none concerns safety."""
    found = [flag for flag in flags if flag in TRIAGE]
    if not found:
        return None
    worst = min(found, key=lambda flag: RANK[TRIAGE[flag]])
    return What(worst), TRIAGE[worst]


def asks_screen(flags: Iterable[str]) -> bool:
    """True when a C-SSRS screener is due the same day (MSR-05)."""
    return not ASKS_SCREEN.isdisjoint(flags)

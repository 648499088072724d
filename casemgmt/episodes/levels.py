"""Codes of the level of care by edition of the criteria (rules.md 3.1). Pure.

Codes only: the criteria's text and its decision rules are licensed and do not belong here.
"""

from __future__ import annotations

CODES: dict[int, tuple[str, ...]] = {
    3: ("0.5", "1", "2.1", "2.5", "3.1", "3.3", "3.5", "3.7", "4"),
    4: ("1.0", "1.5", "1.7", "2.1", "2.5", "2.7", "3.1", "3.5", "3.7", "4.0"),
}


def is_level(*, edition: int, code: str) -> bool:
    """True when the edition has such a level: 1.5 is of the fourth only, 3.3 of the third."""
    return code in CODES.get(edition, ())

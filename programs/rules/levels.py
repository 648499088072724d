"""Which codes of the level of care a kind of program may carry (rules.md 3.1). Pure."""

from __future__ import annotations

from collections.abc import Iterator

from casemgmt.episodes.levels import CODES, is_level

from .kinds import Kind

# Which codes a kind of program may carry. Housing and peer support are not treatment and carry none.
BY_KIND: dict[str, dict[int, tuple[str, ...]]] = {
    Kind.IOP.value: {3: ("2.1",), 4: ("2.1",)},
    Kind.THERAPY.value: {3: ("1",), 4: ("1.0", "1.5", "1.7")},
    Kind.AFTERCARE.value: {3: ("1",), 4: ("1.0",)},
    Kind.PEER_SUPPORT.value: {},
    Kind.SOBER_LIVING.value: {},
    Kind.OTHER.value: CODES,
}


def level_refusal(kind: str, *, edition: int | None, code: str) -> str | None:
    """Return the sentence that says why a program of `kind` cannot carry this level, None when it can."""
    if edition is None and not code:
        return None
    if edition is None or not code:
        return "Edition and code go together."
    if not is_level(edition=edition, code=code):
        return "This edition has no such level."
    allowed = BY_KIND[kind].get(edition, ())
    if code not in allowed:
        return f"A program of this kind carries {' or '.join(allowed)}." if allowed else "This kind carries no level."
    return None


def allowed_levels() -> Iterator[tuple[str, int, str]]:
    """Yield every (kind, edition, code) that a program may carry."""
    for kind, editions in BY_KIND.items():
        for edition, codes in editions.items():
            for code in codes:
                yield kind, edition, code

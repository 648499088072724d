"""The three words that the SQL of the population is written with, turned into plain SQL. Pure.

- `made('kind', n)`: the id of the n-th row of a kind: a UUIDv7, so that rows lie in their indexes as real ones do.
- `dice(n, 7)`: a number from 0 to 2^31 - 1, always the same for a row, a throw and a seed.
- `pick(n, 7, list)`: one of the words of a list, by such a throw.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

FIRST_MOMENT = 1_735_689_600_000  # milliseconds of 2025-01-01: ids begin there, one millisecond apart
WORD = re.compile(r"\b(made|dice|pick)\(")


def expand(text: str, *, seed: int, lists: Mapping[str, Sequence[str]]) -> str:
    """Return the text with every word replaced, for a statement that takes parameters (a percent sign is doubled)."""
    found = WORD.search(text)
    if found is None:
        return text
    inside, end = _inside(text, found.end())
    told = [expand(each, seed=seed, lists=lists) for each in inside]
    match found[1], told:
        case "made", [kind, number]:
            plain = _made(kind.strip("'"), number, seed)
        case "dice", [number, throw]:
            plain = _dice(number, int(throw), seed)
        case "pick", [number, throw, name]:
            plain = f"(%({name})s::text[])[{_dice(number, int(throw), seed)} %% {len(lists[name])} + 1]"
        case word, _:
            raise ValueError(f"{word} takes other words than {told}")
    return text[: found.start()] + plain + expand(text[end:], seed=seed, lists=lists)


def _inside(text: str, start: int) -> tuple[list[str], int]:
    """Return what stands between the parentheses, by its commas, and where the text goes on behind them."""
    parts, depth, begun = [], 1, start
    for place in range(start, len(text)):
        character = text[place]
        depth += (character == "(") - (character == ")")
        if depth == 0 or (depth == 1 and character == ","):
            parts.append(text[begun:place].strip())
            begun = place + 1
        if depth == 0:
            return parts, place + 1
    raise ValueError("a parenthesis is not closed")


def _dice(number: str, throw: int, seed: int) -> str:
    return f"(hashint8extended(({number})::bigint, {seed * 1000 + throw}) & 2147483647)"


def _made(kind: str, number: str, seed: int) -> str:
    mark = f"md5('{kind} {seed} ' || ({number}))"
    moment = f"lpad(to_hex({FIRST_MOMENT} + ({number})::bigint), 12, '0')"
    return f"({moment} || '7' || substr({mark}, 1, 3) || '8' || substr({mark}, 4, 15))::uuid"

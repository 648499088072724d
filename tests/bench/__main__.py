"""`make bench`: start servers, seed, let them run in turn, print one line of JSON for each figure."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from .contests import CONTESTS, growth, p6
from .field import Field, prepared
from .figures import Figure
from .texting import p4, p5

SMALL = 10_000
MEASURED = {**CONTESTS, "P4": p4, "P5": p5}


def figures(field: Field, *, clients: int, rounds: int, only: list[str]) -> Iterator[Figure]:
    """Yield what is asked for; growth is measured before and after the population grows."""
    before = growth(field, rounds) if _asked("P6", only) and clients > SMALL else None
    if clients > SMALL:
        field.dismiss()
        field.seed(clients)
    for name, contest in sorted(MEASURED.items()):
        if _asked(name, only):
            yield from contest(field, rounds)
    if before is not None:
        yield from p6(before, growth(field, rounds), (SMALL, clients))


def _asked(name: str, only: list[str]) -> bool:
    return not only or name in only


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--clients", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--only", action="append", default=[], choices=[*MEASURED, "P6"])
    asked = parser.parse_args()
    with prepared(min(asked.clients, SMALL)) as field:
        for figure in figures(field, clients=asked.clients, rounds=max(asked.rounds, 1), only=asked.only):
            print(figure.line(), flush=True)


if __name__ == "__main__":
    main()

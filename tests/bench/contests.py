"""What is measured, P1 to P8 of docs/performance.md: each takes a field and rounds, and yields figures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from statistics import median, quantiles
from typing import Any

from .field import Field
from .figures import Figure, of_rounds

EACH = 20  # requests of one contestant in one round
ALL = ("limit", "stock", "ours")
TOP = "/api/v1/clients/?limit=50"
HIDDEN = """
SELECT c.id::text FROM clients_client c JOIN accounts_organization o ON o.name = 'North' WHERE NOT EXISTS (
  SELECT FROM access_grant g WHERE g.client_id = c.id AND g.organization_id = o.id) ORDER BY md5(c.id::text) LIMIT 500
"""


def _in_turn(field: Field, rounds: int, do: Callable[[str], list[float]]) -> dict[str, list[float]]:
    """Let all do the same in turn, in each round; return the median seconds of each round."""
    for who in ALL:
        do(who)  # warm
    found: dict[str, list[float]] = {who: [] for who in ALL}
    for _ in range(rounds):
        for who in ALL:
            found[who].append(median(do(who)))
    return found


def _rates(seconds: dict[str, list[float]]) -> dict[str, list[float]]:
    return {who: [1 / each for each in rounds] for who, rounds in seconds.items()}


def p1(field: Field, rounds: int) -> Iterator[Figure]:
    """List of 50 clients."""
    rates = _rates(_in_turn(field, rounds, lambda who: field.order(who, "list", times=EACH)))
    yield _judged("P1 list of 50 clients", rates, stock=4, limit=0.25)


def p2(field: Field, rounds: int) -> Iterator[Figure]:
    """One guarded stage move with ledger, audit and outbox."""
    episodes = field.movable()
    rates = _rates(
        _in_turn(field, rounds, lambda who: field.order(who, "move", episodes=list(islice(episodes, EACH // 2))))
    )
    yield _judged("P2 one guarded stage move", rates, stock=2, limit=0.3)


def _judged(name: str, rates: dict[str, list[float]], *, stock: float, limit: float) -> Figure:
    figure = of_rounds(name, rates["ours"], "requests/s", limit=rates["limit"], stock=rates["stock"])
    assert figure.limit
    assert figure.stock
    met = figure.value >= stock * figure.stock and figure.value >= limit * figure.limit
    return figure.judged(f">= {stock} x stock and >= {limit:.0%} of the limit", met=met)


def p3(field: Field, rounds: int) -> Iterator[Figure]:
    """The login check, of an otherwise empty request."""
    for path in ("/empty/", "/known/"):
        field.order("ours", "get", path=path, times=EACH)
    shares = []
    for _ in range(rounds):
        full = median(field.order("ours", "get", path="/empty/", times=EACH * 5))
        without = median(field.order("ours", "get", path="/known/", times=EACH * 5))
        shares.append(1 - without / full)
    figure = of_rounds("P3 share of the login check", shares, "of an empty request")
    revoked = field.order("ours", "revoked")
    yield figure.judged(
        "<= 0.15, and a revoked key opens nothing at the next request", met=figure.value <= 0.15 and revoked
    )


def p7(field: Field, rounds: int) -> Iterator[Figure]:
    """Page 1,000 against page 1."""
    with field.superuser() as connection:
        place = connection.execute(
            "SELECT c.id FROM clients_client c JOIN accounts_organization o ON o.id = c.organization_id"
            " WHERE o.name = 'North' ORDER BY family_name, given_name, c.id OFFSET 999 LIMIT 1"
        ).fetchone()
    if place is None:
        return
    first, last = "/api/v1/clients/?limit=1", f"/api/v1/clients/?limit=1&cursor={place[0]}"
    for path in (first, last):
        field.order("ours", "get", path=path, times=EACH)
    ratios = []
    for _ in range(rounds):
        one = median(field.order("ours", "get", path=first, times=EACH))
        ratios.append(median(field.order("ours", "get", path=last, times=EACH)) / one)
    figure = of_rounds("P7 page 1,000 against page 1", ratios, "times as long")
    yield figure.judged("<= 1.2", met=figure.value <= 1.2)


def p8(field: Field, rounds: int) -> Iterator[Figure]:
    """How many statements."""
    for limit in (1, 10, 100):
        path = f"/api/v1/clients/?limit={limit}"
        yield Figure(f"P8 statements of a list of {limit}", field.order("ours", "count", path=path), "statements")
    move = field.order("ours", "count", episode=next(field.movable()))
    yield Figure("P8 statements of a move", move, "statements")


def growth(field: Field, rounds: int) -> dict[str, list[float]]:
    """Return the seconds of what must not grow with the network: list, move, worklist."""
    episodes = field.movable()
    found: dict[str, list[float]] = {"list": [], "worklist": [], "move": []}
    paths = {"list": TOP, "worklist": "/api/v1/work-items/?limit=50"}
    for path in paths.values():
        field.order("ours", "get", path=path, times=EACH)
    for _ in range(rounds):
        for name, path in paths.items():
            found[name].append(median(field.order("ours", "get", path=path, times=EACH)))
        found["move"].append(median(field.order("ours", "move", episodes=list(islice(episodes, EACH // 2)))))
    return found


def p6(small: dict[str, list[float]], large: dict[str, list[float]], sizes: tuple[int, int]) -> Iterator[Figure]:
    """Growth between two sizes of the network."""
    for name, rounds in small.items():
        ratio = median(large[name]) / median(rounds)
        name = f"P6 {name}, {sizes[1]} clients against {sizes[0]}"
        yield Figure(name, ratio, "times as long").judged("<= 1.3", met=ratio <= 1.3)


def s9(field: Field, rounds: int) -> Iterator[Figure]:
    """Whether somebody can tell by the time it takes that a hidden client exists: 500 pairs."""
    with field.superuser() as connection:
        hidden = [row[0] for row in connection.execute(HIDDEN)]
    pairs = field.order("ours", "refused", ids=hidden)
    share = sum(there > absent for there, absent in pairs) / len(pairs)
    figure = Figure(f"S9 hidden slower than absent, of {len(pairs)} pairs", share, "of the pairs")
    yield figure.judged("0.45 to 0.55: a guess", met=0.45 <= share <= 0.55)


def p99(seconds: list[float]) -> float:
    """Return the 99th percentile in milliseconds."""
    return quantiles(seconds, n=100)[98] * 1000


Contest = Callable[[Field, int], Iterator[Any]]
CONTESTS: dict[str, Contest] = {"P1": p1, "P2": p2, "P3": p3, "P7": p7, "P8": p8, "S9": s9}

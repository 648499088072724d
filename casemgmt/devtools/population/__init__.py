"""A made-up network of any size, for benchmarks and trials: organizations, staff, caseloads, clients in every stage.

Written by PostgreSQL itself, a batch of clients at a time, as the application: constraints and triggers hold for these
rows as for all others. The same seed makes the same rows, whatever the size of the batches. The names in `words` are
made-up ones of people, places and houses.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.db import connection

from casemgmt.devtools.seed import ORGANIZATIONS, SEEDER, SOURCE
from casemgmt.episodes.models import Episode
from casemgmt.episodes.stages import CARE, direction
from casemgmt.kernel.definition import definition_of
from casemgmt.kernel.lifecycle import verbs
from casemgmt.kernel.wall import acting_as
from notifications.disclosures import CURRENT, FREQUENCY_CAP, MESSAGE_TYPES
from notifications.services.disclosing import words_shown

from .macros import expand

BATCH = 10_000  # clients in one transaction
CLIENTS_EACH = 2_000  # of an organization, once there are more than four
FEWEST = len(ORGANIZATIONS)
HERE = Path(__file__).parent
LISTS = {path.stem: tuple(path.read_text(encoding="utf-8").splitlines()) for path in (HERE / "words").glob("*.txt")}

# Of organizations and clients that another seed made, or that were not made up at all.
STRANGERS = """
SELECT EXISTS (SELECT FROM accounts_organization WHERE (extra ->> 'seed')::bigint IS DISTINCT FROM %(seed)s)
  OR EXISTS (SELECT FROM clients_client WHERE source_system <> %(source)s)
"""
THERE = "SELECT count(*) FROM clients_client WHERE source_system = %(source)s"


class NotOurs(Exception):
    """The database holds what this seed did not make."""


def organizations_for(clients: int) -> int:
    """Return how many organizations serve so many clients: an even number, for each has a neighbor to refer to."""
    needed = max(FEWEST, -(-clients // CLIENTS_EACH))
    return needed + needed % 2


def populate(clients: int, *, seed: int, batch: int = BATCH, tell: Callable[[str], object] = print) -> int:
    """Bring the made-up network to so many clients and return how many were added.

    Raises NotOurs, and changes nothing, in a database that holds anything else.
    """
    known = {"seed": seed, "source": SOURCE, **_known()}
    with acting_as(SEEDER), connection.cursor() as cursor:
        cursor.execute(STRANGERS, known)
        if cursor.fetchone()[0]:
            raise NotOurs
        cursor.execute(THERE, known)
        there: int = cursor.fetchone()[0]
    _run("1*.sql", {**known, "organizations": organizations_for(clients)})
    for first in range(there, clients, batch):
        last = min(first + batch, clients) - 1
        _run("[2-9]*.sql", {**known, "first": first, "last": last})
        tell(f"{last + 1} of {clients} clients")
    return max(clients - there, 0)


def _run(pattern: str, known: dict[str, Any]) -> None:
    """Run the statements of some files in one transaction."""
    with acting_as(SEEDER), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        for statement in _statements(pattern, known["seed"]):
            cursor.execute(statement, known)


def _statements(pattern: str, seed: int) -> Iterator[str]:
    for path in sorted((HERE / "sql").glob(pattern)):
        text = expand(path.read_text(encoding="utf-8"), seed=seed, lists=LISTS)
        yield from (part for part in text.split(";\n") if part.strip())


def _known() -> dict[str, Any]:
    """Return what the statements are told: names, and what the product says of verbs, directions and disclosures."""
    stages = ["intake", *CARE]
    return {
        "named": list(ORGANIZATIONS),
        **{name: list(each) for name, each in LISTS.items()},
        "verbs": json.dumps({str(each.target): each.name for each in verbs(Episode)}),
        "directions": json.dumps({f"{a} {b}": direction(a, b) for a in stages for b in stages}),
        "definition": definition_of(Episode),
        "disclosure": CURRENT,
        "shown": words_shown(CURRENT, alias="CareLine"),
        "types": MESSAGE_TYPES,
        "cap": FREQUENCY_CAP,
    }

"""Asking the running API everything that its own description allows, and much that it does not, as each kind of user.

Schemathesis makes the requests from the OpenAPI document and judges the answers: no 5xx, no status, content type or
shape that the document does not name, nothing over a megabyte, nothing that takes longer than two seconds (S5; one
request at a time, so that no more CPU can have gone into it). What would log the fuzzing user out is left out.
"""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from .instances import PROJECT
from .story.person import Person

AS = ("Carla", "Theo", "Pia", "Sam", "Hal", "Priya", "Ana", "Tess", "Ines", "Olga")  # one of each role, and an outsider
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,answer_is_small"
)
HOOKS = {"SCHEMATHESIS_HOOKS": "casemgmt.devtools.fuzz_checks", "PYTHONPATH": str(PROJECT)}
LONGEST = 2  # seconds of one answer
LEFT_OUT = "v1/tokens|session|second-factor"
METHODS = ("get", "post", "patch", "put", "delete")
WHOLE, SHORT = "coverage,fuzzing", "fuzzing"  # phases of Schemathesis
TOTAL = re.compile(r"(\d+) generated")
FOUND = re.compile(r"(\d+) unique failures")


@dataclass(frozen=True, slots=True)
class Round:
    """What one user's round came to."""

    name: str
    does: str
    cases: int
    failures: int
    told: str  # what Schemathesis printed, to be read when something failed


def seed_of_the_day() -> int:
    """Return a seed that is another every day; the line that is printed tells it."""
    return datetime.now(UTC).toordinal()


def sampled(schema: str, *, many: int, seed: int, name: str) -> tuple[str, ...]:
    """Return the ids of some operations of a live description: the same for the same seed and name."""
    document = httpx.get(schema, params={"format": "json"}, timeout=30).raise_for_status().json()
    found = sorted(
        told["operationId"]
        for path, methods in document["paths"].items()
        if not re.search(LEFT_OUT, path)
        for method, told in methods.items()
        if method in METHODS
    )
    return tuple(random.Random(f"{seed} {name}").sample(found, min(many, len(found))))


def fuzz(
    person: Person, *, schema: str, examples: int, seed: int, phases: str = WHOLE, only: Sequence[str] = ()
) -> Round:
    """Ask as one person: `examples` random requests per operation, in WHOLE beside the edge cases of each field.

    `only` are ids of operations; without any, all are asked.
    """
    command = _command(person, schema=schema, examples=examples, seed=seed, phases=phases, only=only)
    with TemporaryDirectory() as aside:  # it keeps notes where it runs
        done = subprocess.run(  # noqa: S603 - our own
            command, capture_output=True, text=True, check=False, cwd=aside, env=os.environ | HOOKS
        )
    cases, failures = TOTAL.search(done.stdout), FOUND.search(done.stdout)
    unclear = done.returncode != 0 and failures is None  # it did not run to its end: never a success
    return Round(
        person.name,
        person.does,
        int(cases[1]) if cases else 0,
        int(failures[1]) if failures else int(unclear or cases is None),
        done.stdout + done.stderr,
    )


def _command(person: Person, *, schema: str, examples: int, seed: int, phases: str, only: Sequence[str]) -> list[str]:
    return [
        str(Path(sys.executable).with_name("schemathesis")),
        "run",
        schema,
        "--url",
        person.base,
        "--header",
        f"Authorization: {person.http.headers['Authorization']}",
        "--checks",
        CHECKS,
        "--phases",
        phases,
        "--max-examples",
        str(examples),
        "--seed",
        str(seed),
        "--exclude-path-regex",
        LEFT_OUT,
        "--continue-on-failure",
        "--max-response-time",
        str(LONGEST),
        *(part for each in only for part in ("--include-operation-id", each)),
    ]

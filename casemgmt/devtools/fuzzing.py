"""Asking the running API everything that its own description allows, and much that it does not, as each kind of user.

Schemathesis makes the requests from the OpenAPI document and judges the answers: no 5xx, no status, content type or
shape that the document does not name. What would log the fuzzing user out is left out.
"""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from .story.person import Person

AS = ("Carla", "Theo", "Pia", "Sam", "Hal", "Priya", "Ana", "Tess", "Ines", "Olga")  # one of each role, and an outsider
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
LEFT_OUT = "v1/tokens|session|second-factor"
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


def fuzz(person: Person, *, schema: str, examples: int, seed: int, phases: str = WHOLE) -> Round:
    """Ask as one person: `examples` random requests per operation, in WHOLE beside the edge cases of each field."""
    command = [
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
    ]
    with TemporaryDirectory() as aside:  # it keeps notes where it runs
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=aside)  # noqa: S603 - our own
    cases, failures = TOTAL.search(done.stdout), FOUND.search(done.stdout)
    unclear = done.returncode != 0 and failures is None  # it did not run to its end: never a success
    return Round(
        person.name,
        person.does,
        int(cases[1]) if cases else 0,
        int(failures[1]) if failures else int(unclear or cases is None),
        done.stdout + done.stderr,
    )

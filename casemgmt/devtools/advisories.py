"""`python -m casemgmt.devtools.advisories [LOCK]`: are there known weaknesses in what the lock file names?

Asks the OSV database, which holds the advisories of PyPI's packages. Exits 0 when it knows of none, 1 when it knows of
one, 3 when it could not be asked: that is no clearance.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from .instances import PROJECT

ADDRESS = "https://api.osv.dev"
PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)
NONE_KNOWN, KNOWN, NOT_ASKED = 0, 1, 3
SECONDS = 20.0


class NotAsked(Exception):
    """Nobody answered, or not in a way that can be read; the message says what was heard."""


@dataclass(frozen=True, slots=True)
class Pin:
    """One release of the lock file."""

    name: str
    version: str


def pins(lock: Path) -> list[Pin]:
    """Return every release that a lock file names."""
    return [Pin(name.lower(), version) for name, version in PINNED.findall(lock.read_text())]


def advisories(found: Sequence[Pin], *, address: str) -> dict[Pin, list[str]]:
    """Return the ids of the advisories of each release that has some. Raises NotAsked."""
    queries = [{"package": {"name": pin.name, "ecosystem": "PyPI"}, "version": pin.version} for pin in found]
    try:
        answer = httpx.post(f"{address}/v1/querybatch", json={"queries": queries}, timeout=SECONDS)
        answer.raise_for_status()
        results = answer.json()["results"]
        if len(results) != len(found):
            raise NotAsked(f"asked about {len(found)} releases, heard about {len(results)}")
        told = {
            pin: [str(each["id"]) for each in row.get("vulns", [])] for pin, row in zip(found, results, strict=True)
        }
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise NotAsked(f"{address}: {type(error).__name__}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotAsked(f"{address} answered something else than advisories") from error
    return {pin: ids for pin, ids in told.items() if ids}


def main(arguments: Sequence[str]) -> int:
    """Print what is known of the lock file's releases; return the exit code."""
    lock = Path(arguments[0]) if arguments else PROJECT / "requirements.lock"
    found = pins(lock)
    if not found:
        print(f"NOT ASKED: {lock} names no release", file=sys.stderr)
        return NOT_ASKED
    try:
        known = advisories(found, address=os.environ.get("OSV_ADDRESS", ADDRESS))
    except NotAsked as why:
        print(f"NOT ASKED: {why}. Nothing is known about {len(found)} releases; ask again.", file=sys.stderr)
        return NOT_ASKED
    for pin, ids in known.items():
        print(f"{pin.name} {pin.version}: {', '.join(sorted(ids))}")
    print(f"{len(found)} releases of {lock.name}, {len(known)} with known weaknesses")
    return KNOWN if known else NONE_KNOWN


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

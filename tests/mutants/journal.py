"""What was found out before: which tests reach what, and what turned red. A run that was broken off goes on with it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import IO, Any

from .finding import PROJECT

Keep = Callable[[dict[str, Any]], None]
PRODUCT = ("casemgmt", "notifications", "programs", "referrals")


class Journal:
    """Two files in a directory of ours, outside version control."""

    def __init__(self, home: Path, *, trust: bool) -> None:
        home.mkdir(exist_ok=True)
        self._trust = trust
        self._map, self._lines = home / "map.jsonl", home / "journal.jsonl"
        self._red: dict[str, str] = {}
        self._before: dict[str, str] = {}
        for line in self._lines.read_text().splitlines() if self._lines.exists() else []:
            told = json.loads(line)
            if told["file"] == _digest_of_test(told["red"]):  # the test is as it was
                self._red[told["key"]] = told["red"]
            self._before[told["name"]] = told["red"]

    def red(self, key: str) -> str | None:
        """Return the test that a change turned red before; None if that is not known, or the test was edited."""
        return self._red.get(key)

    def before(self, name: str) -> str | None:
        """Return the test that turned red for a change of the same name, whatever was edited since."""
        return self._before.get(name)

    @staticmethod
    def key(*told: str) -> str:
        """Return what stands for a change of the database."""
        return hashlib.sha256("\0".join(told).encode()).hexdigest()[:20]

    def write(self, name: str, key: str, red: str | None) -> None:
        """Keep what turned red; what survived is asked again the next time."""
        if red is None or self._red.get(key) == red:
            return
        self._red[key] = self._before[name] = red
        with self._lines.open("a") as lines:
            lines.write(json.dumps({"name": name, "key": key, "red": red, "file": _digest_of_test(red)}) + "\n")

    def map(self, judges: Sequence[str], explore: Callable[[Sequence[str], Keep], None]) -> dict[str, Any]:
        """Return what each test reaches; only tests whose file was edited since are explored again."""
        product = _digest([path for room in PRODUCT for path in sorted((PROJECT / room).rglob("*.py"))])
        known = self._known(product)
        missing = [each for each in judges if each not in known]
        if missing:
            print(f"{len(missing)} tests are asked what they reach", flush=True)
            with self._map.open("a") as lines:
                explore(missing, lambda told: _line(lines, told, product))
        return self._known(product)

    def _known(self, product: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for line in self._map.read_text().splitlines() if self._map.exists() else []:
            told = json.loads(line)
            if told["file"] == _digest_of_test(told["test"]) and (self._trust or told["product"] == product):
                found[told["test"]] = told
        return found


def _line(lines: IO[str], told: dict[str, Any], product: str) -> None:
    lines.write(json.dumps({**told, "product": product, "file": _digest_of_test(told["test"])}) + "\n")
    lines.flush()


@cache
def _digest_of_test(nodeid: str) -> str:
    path = PROJECT / nodeid.split("::")[0]
    return _digest([path]) if path.is_file() else ""


def _digest(paths: Sequence[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]

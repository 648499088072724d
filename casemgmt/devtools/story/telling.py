"""Saying in plain words what each person does and what the system answered, and counting what was as it should be."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any, TypeVar

Answer = TypeVar("Answer")


class NotAsItShouldBe(Exception):
    """A step of the story went another way than it should. Carries what was seen."""


class Teller:
    """Prints the story and keeps the score."""

    def __init__(self) -> None:
        self.passed = 0
        self.failed = 0
        self.started = time.monotonic()

    def chapter(self, title: str) -> None:
        """Begin a part of the story."""
        print(f"\n── {title} {'─' * max(4, 100 - len(title))}", flush=True)

    def say(self, text: str) -> None:
        """Tell something that is not a step."""
        print(f"   {text}", flush=True)

    def step(self, doing: str, saw: str, *, so: bool) -> None:
        """Tell one step and what was seen. Raises NotAsItShouldBe unless it was `so`."""
        elapsed = time.monotonic() - self.started
        mark = "✓" if so else "✗"
        print(f" {mark} {elapsed:5.1f} s  {doing}\n            → {saw}", flush=True)
        if so:
            self.passed += 1
            return
        self.failed += 1
        raise NotAsItShouldBe(doing)

    def wait_for(self, what: str, look: Callable[[], Answer | None], *, seconds: float = 30) -> Answer:
        """Return what `look` finds, asking again for up to `seconds`; raise NotAsItShouldBe when it never finds it."""
        end = time.monotonic() + seconds
        while True:
            found = look()
            if found is not None:
                return found
            if time.monotonic() > end:
                self.failed += 1
                print(f" ✗ waited {seconds:.0f} s in vain for {what}", flush=True)
                raise NotAsItShouldBe(what)
            if sys.stderr.isatty():
                print(f"\r   … {what}", end="\r", file=sys.stderr, flush=True)
            time.sleep(0.2)

    def score(self) -> str:
        """Return the closing line."""
        return f"{self.passed} passed, {self.failed} failed"


def shortened(answer: Any, *names: str) -> str:
    """Return some members of an answer as one line for people."""
    return ", ".join(f"{name}: {answer.get(name)}" for name in names)

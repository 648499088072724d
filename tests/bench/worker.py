"""One contestant in a process of its own: takes orders as lines of JSON, answers with lines of JSON."""

from __future__ import annotations

import json
import sys
from importlib import import_module


def main(name: str) -> None:
    """Serve until the orders end."""
    contestant = import_module(f"tests.bench.{name}").Contestant()
    for line in sys.stdin:
        order = json.loads(line)
        answer = getattr(contestant, order.pop("do"))(**order)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])

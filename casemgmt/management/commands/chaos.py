"""`manage.py chaos`: text thousands of made-up clients while parts of the system are killed, and judge it."""

from __future__ import annotations

import json
import signal
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from casemgmt.devtools.chaos.dose import WHOLE, dose_for
from casemgmt.devtools.chaos.drill import Drill
from casemgmt.devtools.chaos.judge import Verdict
from casemgmt.devtools.chaos.rig import Rig


class Command(BaseCommand):
    """Prints one JSON line; exits 0 only if nothing was lost, doubled, sent after STOP, left open or unknown."""

    help = "Kill parts of the running system while it texts, and judge what happened."
    requires_system_checks: list[str] = []  # the stack runs them, with its own settings

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare --size, --seed, --blackhole and --no-evidence."""
        parser.add_argument("--size", type=int, default=WHOLE, help="how many clients are checked in with")
        parser.add_argument("--seed", type=int, default=1, help="of the dice")
        parser.add_argument("--blackhole", type=float, default=0, help="seconds in which the broker says nothing")
        parser.add_argument(
            "--no-evidence", dest="evidence", action="store_false", help="a carrier without callbacks and list (R2)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run one drill."""
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        dose = dose_for(options["size"], seed=options["seed"])

        def tell(sentence: str) -> None:
            print(sentence, file=sys.stderr, flush=True)

        with Rig(seed=dose.seed, size=dose.size, evidence=options["evidence"], tell=tell) as rig:
            drill = Drill(rig, dose, tell, blackhole=options["blackhole"])
            line = drill.run()
        print(json.dumps(line), flush=True)
        sys.exit(0 if holds(line, evidence=options["evidence"], blackhole=options["blackhole"]) else 1)


def holds(line: dict[str, Any], *, evidence: bool, blackhole: float) -> bool:
    """Say whether a run was as it must be; with a silent broker nothing may wait longer than 90 seconds (F3)."""
    verdict = Verdict(**{name: line[name] for name in Verdict.__dataclass_fields__})
    return verdict.holds(evidence=evidence) and (not blackhole or line["longest_overdue"] <= 90)

"""`manage.py fuzz`: start everything, tell the story, then fuzz the live API as every kind of user."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from casemgmt.devtools.fuzzing import AS, SHORT, WHOLE, fuzz, sampled, seed_of_the_day
from casemgmt.devtools.stack import Stack
from casemgmt.devtools.story.playing import environment, prepare
from casemgmt.devtools.story.telling import Teller
from casemgmt.devtools.story.world import World

UNHINDERED = {f"REQUESTS_PER_MINUTE_{who}": "100000000" for who in ("PERSON", "ORGANIZATION", "STRANGER")}


class Command(BaseCommand):
    """Prints one JSON line per user; exits 0 only if nothing answered 5xx or other than its description says."""

    help = "Fuzz the live API as every kind of user."
    requires_system_checks: list[str] = []  # the stack runs them, with its own settings

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare --examples, --seed, --short, --sample and --only."""
        parser.add_argument("--examples", type=int, default=8, help="random requests per operation")
        parser.add_argument("--seed", type=int, default=1, help="of the dice; 0: another every day")
        parser.add_argument("--sample", type=int, default=0, help="so many operations per person; 0: all")
        parser.add_argument("--short", action="store_true", help="random requests only, no edge cases of each field")
        parser.add_argument("--only", choices=AS, action="append", help="fuzz as this person only; may be repeated")

    def handle(self, *args: Any, **options: Any) -> None:
        """Fuzz, print, and tell what failed."""
        teller, failed = Teller(), False
        seed = options["seed"] or seed_of_the_day()
        how = {"examples": options["examples"], "seed": seed, "phases": SHORT if options["short"] else WHOLE}
        with Stack("fuzz", environment() | UNHINDERED, tell=teller.say) as stack:
            world = World(stack, teller)
            prepare(world)
            for name in options["only"] or AS:
                schema = f"{stack.base_url}/api/schema/"
                many = options["sample"]
                only = sampled(schema, many=many, seed=seed, name=name) if many else ()
                found = fuzz(world[name], schema=schema, only=only, **how)
                line = {"name": found.name, "does": found.does, "cases": found.cases, "failures": found.failures}
                print(json.dumps({**line, "seed": seed}), flush=True)
                if found.failures:
                    failed = True
                    print(found.told, file=sys.stderr, flush=True)
        sys.exit(1 if failed else 0)

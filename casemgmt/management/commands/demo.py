"""`manage.py demo`: start everything, play the story, stay up until Ctrl-C; `--once` plays it and leaves."""

from __future__ import annotations

import signal
import sys
import time
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from casemgmt.devtools.stack import Stack, StackError
from casemgmt.devtools.story.playing import environment, play
from casemgmt.devtools.story.telling import NotAsItShouldBe, Teller
from casemgmt.devtools.story.world import World


class Command(BaseCommand):
    """Plays the story over HTTP on real processes; exits 0 only if every step was as it should be."""

    help = "Start everything, play one client's way from intake to an answered check-in, and stay up."
    requires_system_checks: list[str] = []  # the stack runs them, with its own settings

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare --once."""
        parser.add_argument("--once", action="store_true", help="play the story, print the score, and leave")

    def handle(self, *args: Any, **options: Any) -> None:
        """Play; print `N passed, N failed` last when `--once`."""
        signal.signal(signal.SIGTERM, _as_ctrl_c)
        teller = Teller()
        code = 1
        try:
            with Stack("demo", environment(), tell=teller.say) as stack:
                world = World(stack, teller)
                play(world)
                code = 0
                if not options["once"]:
                    self._stay(world)
        except NotAsItShouldBe as wrong:
            print(f"\nThe story broke off: {wrong} was not as it should be.", file=sys.stderr)
        except StackError as wrong:
            teller.failed += 1
            print(f"\nThe system does not run: {wrong}", file=sys.stderr)
        except KeyboardInterrupt:
            print("\nStopped.", file=sys.stderr)
            code = 130 if options["once"] else 0
        print(teller.score(), flush=True)
        sys.exit(code)

    def _stay(self, world: World) -> None:
        """Print addresses and logins, then wait for Ctrl-C."""
        base = world.stack.base_url
        print(f"\n{world.teller.score()}. Everything keeps running until Ctrl-C.\n")
        print(f"  API           {base}/api/v1/      docs {base}/api/docs/      ready? {base}/readyz")
        print(f"  The carrier   {world.stack.carrier_url}/control/log (every text that left)")
        print(f"  Logs          {world.stack.servers.home}\n")
        for person in world.people.values():
            print(f"  {person.does:28} {person.email:24} {person.password}")
        print(f"\n  curl -s {base}/api/v1/tokens/ -H 'Content-Type: application/json' \\")
        print(f'    -d \'{{"email": "{world["Carla"].email}", "password": "{world.password}"}}\'', flush=True)
        while not world.stack.dead():
            time.sleep(0.5)
        names = ", ".join(world.stack.dead())
        raise StackError(f"{names} ended by itself; see {world.stack.servers.home}")


def _as_ctrl_c(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt

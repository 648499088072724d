"""Every tick once, in the order in which work flows: for tests, drills and impatient people."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from casemgmt.management.ticks import TICKS
from casemgmt.outbox.heartbeat import beat


class Command(BaseCommand):
    """`manage.py drain_once`: prints what each tick did."""

    help = "Run every tick (inbox, relay, materialize, send, reconcile) once and say what each did."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the ticks one after the other."""
        for tick in TICKS:
            done = tick.run(lambda: True)
            beat(f"once:{tick.name}", progress=done > 0)
            self.stdout.write(f"{tick.name}: {done}")

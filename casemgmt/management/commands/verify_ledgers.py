"""`manage.py verify_ledgers`: prove that every ledger is whole, or name the first row that is not."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.wall import acting_as
from casemgmt.ledgers import first_broken, ledgers
from notifications.services.sweeping import stranded


class Command(BaseCommand):
    """Checks each ledger's chain, its steps, and its agreement with the stage column. Changes nothing."""

    help = "Prove that every ledger is whole, or name the first broken row."

    @acting_as(Actor.system("verify_ledgers"))
    def handle(self, *args: Any, **options: Any) -> None:
        """Print one line per ledger and one on check-ins; raise CommandError when one is broken, or has no end."""
        broken = 0
        for ledger in ledgers():
            name, count = ledger.model._meta.db_table, ledger.model._default_manager.count()
            fault = first_broken(ledger)
            if fault is None:
                self.stdout.write(f"{name}: {count} rows, whole")
                continue
            broken += 1
            self.stdout.write(f"{name}: {fault.row} {fault.sentence}")
        left = stranded(clock.now()).count()
        self.stdout.write(f"check-ins that are over and have no end: {left}")
        broken += left > 0
        if broken:
            raise CommandError(f"{broken} ledger(s) broken")

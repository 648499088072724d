"""`manage.py verify_ledgers`: prove that every ledger is whole, or name the first row that is not."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from casemgmt.kernel.actor import Actor
from casemgmt.kernel.wall import acting_as
from casemgmt.ledgers import first_broken, ledgers


class Command(BaseCommand):
    """Checks each ledger's chain, its steps, and its agreement with the stage column. Changes nothing."""

    help = "Prove that every ledger is whole, or name the first broken row."

    @acting_as(Actor.system("verify_ledgers"))
    def handle(self, *args: Any, **options: Any) -> None:
        """Print one line per ledger; raise CommandError when one is broken."""
        broken = 0
        for ledger in ledgers():
            name, count = ledger.model._meta.db_table, ledger.model._default_manager.count()
            fault = first_broken(ledger)
            if fault is None:
                self.stdout.write(f"{name}: {count} rows, whole")
                continue
            broken += 1
            self.stdout.write(f"{name}: {fault.row} {fault.sentence}")
        if broken:
            raise CommandError(f"{broken} ledger(s) broken")

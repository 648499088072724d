"""`manage.py import_hsds`: a provider directory in HSDS 3.0. The work is in `programs.hsds_import`."""

from __future__ import annotations

import csv
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from casemgmt.accounts.models import Membership
from casemgmt.accounts.roles import Role
from casemgmt.accounts.services import actor_for
from casemgmt.kernel.actor import Actor
from programs.hsds.reading import Fault, read
from programs.hsds_import import import_directory
from programs.hsds_rows import Imported

SHOWN = 50  # faults printed; a report holds all


class Command(BaseCommand):
    """Imports a directory whole, or names everything that stands against it and changes nothing."""

    help = "Import a provider directory in HSDS 3.0 (files or folders). Repeating an import changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the command line."""
        parser.add_argument("paths", nargs="+", type=Path, help="JSON files, or folders that hold some")
        parser.add_argument("--actor", help="e-mail of the admin who imports (default: the machine)")
        parser.add_argument("--dry-run", action="store_true", help="tell what an import would do and write nothing")
        parser.add_argument("--report", type=Path, help="write every fault to this CSV file")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import; raise CommandError when anything is malformed, after naming file, path and reason."""
        actor = _actor(options["actor"])
        summary = import_directory(reading=read(options["paths"]), actor=actor, dry_run=options["dry_run"])
        if options["report"]:
            _write_report(options["report"], summary.faults)
        if summary.faults:
            for fault in summary.faults[:SHOWN]:
                self.stdout.write(f"{fault.file}: {fault.path}: {fault.reason}")
            raise CommandError(f"{len(summary.faults)} fault(s). Nothing was imported.")
        for name in ("organizations", "sites", "programs"):
            done: Imported = getattr(summary, name)
            self.stdout.write(f"{name}: {done.created} created, {done.updated} updated, {done.unchanged} unchanged")
        if summary.joined:
            self.stdout.write(f"{summary.joined} organization(s) run their own entries and were left alone")
        if summary.passed_over:
            self.stdout.write(f"{summary.passed_over} document(s) of other kinds were valid and not imported")
        if options["dry_run"]:
            self.stdout.write("Dry run, nothing was written.")


def _actor(email: str | None) -> Actor:
    """Return the admin, or the machine when nobody is named; raise CommandError."""
    if email is None:
        return Actor.system("import_hsds")
    held = Membership.objects.filter(user__email__iexact=email, role=Role.ADMIN, ended_at__isnull=True).first()
    actor = actor_for(user_id=held.user_id, organization_id=held.organization_id) if held else None
    if actor is None:
        raise CommandError(f"{email} is no admin.")
    return actor


def _write_report(path: Path, faults: list[Fault]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["file", "path", "reason"])
        rows.writerows([fault.file, fault.path, fault.reason] for fault in faults)

"""`manage.py import_fhir`: clients from FHIR R4. The work is in `casemgmt.clients.fhir_import`."""

from __future__ import annotations

import csv
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.db.utils import OperationalError
from tqdm import tqdm

from casemgmt.accounts.models import Organization, User
from casemgmt.accounts.services import actor_for
from casemgmt.clients.fhir_import.reading import Found, resources
from casemgmt.clients.fhir_import.report import Outcome, Remark
from casemgmt.clients.fhir_import.writing import Order, import_patients
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import NotPermitted

SHOWN = 20  # refusals printed when no report is asked for


class Command(BaseCommand):
    """Imports people for one organization, row by row, and says what was odd about which row."""

    help = (
        "Import clients from FHIR R4: NDJSON of Patient resources, or Bundles. Repeating an import changes nothing: "
        "a difference is reported and our record is kept, except that a death is taken over."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the command line."""
        parser.add_argument("file", type=Path, help="NDJSON or a Bundle")
        parser.add_argument("--organization", required=True, help="the name or id of the organization that cares")
        parser.add_argument("--actor", help="e-mail of the member of staff who imports (default: the machine)")
        parser.add_argument("--system", default="fhir", help="what to call the source; ids are unique within it")
        parser.add_argument("--dry-run", action="store_true", help="tell what an import would do and write nothing")
        parser.add_argument("--report", type=Path, help="write every remark to this CSV file")
        parser.add_argument("--progress", action="store_true", help="show the bar even where nobody looks")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import; raise CommandError when the file or the actor is no good, or when nobody could be read."""
        organization = _organization(options["organization"])
        actor = _actor(options["actor"], organization)
        order = Order(organization.id, options["system"], options["dry_run"])
        path: Path = options["file"]
        shown: list[Remark] = []
        try:
            with ExitStack() as stack:
                told = shown.append if options["report"] is None else _report(options["report"], stack)
                quiet = False if options["progress"] else None  # None: quiet where stderr is no terminal
                bar = stack.enter_context(
                    tqdm(total=path.stat().st_size, unit="B", unit_scale=True, desc="import_fhir", disable=quiet)
                )
                tally = import_patients(_watched(resources(path), bar), order=order, actor=actor, told=told)
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}") from error
        except OperationalError as error:
            raise CommandError("Another import for this organization is at work. Try again.") from error
        except NotPermitted as error:
            raise CommandError(f"{options['actor']} may not import clients there.") from error
        for remark in [each for each in shown if each.outcome is Outcome.REFUSED][:SHOWN]:
            self.stdout.write(f"line {remark.place}: refused, {remark.code}: {remark.sentence}")
        for counted in (tally.refusals, tally.warnings):
            for code, count in sorted(counted.items()):
                self.stdout.write(f"{count:>6} {code}")
        told_as = "Dry run, nothing was written. " if order.dry_run else ""
        self.stdout.write(told_as + tally.summary())
        if not tally.readable:
            raise CommandError("Nobody could be read from this file.")


def _organization(told: str) -> Organization:
    """Return the joined organization with this id or name; raise CommandError."""
    joined = Organization.objects.filter(joined=True)
    try:
        found: list[Organization] = list(joined.filter(pk=UUID(told)))
    except ValueError:
        found = list(joined.filter(name__iexact=told)[:2])
    if len(found) != 1:
        raise CommandError("Several organizations have this name; give the id." if found else "No such organization.")
    return found[0]


def _actor(email: str | None, organization: Organization) -> Actor:
    """Return the member of staff, or the machine when nobody is named; raise CommandError."""
    if email is None:
        return Actor.system("import_fhir")
    user = User.objects.filter(email__iexact=email, is_active=True).first()
    actor = actor_for(user_id=user.id, organization_id=organization.id) if user else None
    if actor is None:
        raise CommandError(f"{email} does not work for {organization.name}.")
    return actor


def _report(path: Path, stack: ExitStack) -> Any:
    """Open the report and return what writes a remark into it."""
    rows = csv.writer(stack.enter_context(path.open("w", encoding="utf-8", newline="")))
    rows.writerow(["line", "source_id", "outcome", "code", "sentence"])

    def write(remark: Remark) -> None:
        rows.writerow([remark.place, remark.source_id, remark.outcome.value, remark.code, remark.sentence])

    return write


def _watched(found: Iterator[Found], bar: tqdm[Any]) -> Iterator[Found]:
    """Yield what is found and move the bar along."""
    for each in found:
        bar.update(each.offset - bar.n)
        yield each

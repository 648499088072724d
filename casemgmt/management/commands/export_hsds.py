"""`manage.py export_hsds`: the provider directory as HSDS 3.0 files. The work is in `programs.hsds_export`."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from casemgmt.accounts.models import Organization
from casemgmt.kernel.actor import Actor
from programs.hsds.schemas import faults
from programs.hsds_export import export_locations, export_organizations

AT_ONCE = 100  # organizations held in memory


class Command(BaseCommand):
    """Writes one file per organization, each checked against the schemas before it is written."""

    help = "Export the provider directory in HSDS 3.0: a folder with one file per organization."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the command line."""
        parser.add_argument("folder", type=Path, help="where the files go; made when absent, must be empty")
        parser.add_argument("--unpublished", action="store_true", help="drafts too, as inactive services")

    def handle(self, *args: Any, **options: Any) -> None:
        """Export; raise CommandError for a folder that holds something, or a document that breaks its schema."""
        folder: Path = options["folder"]
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise CommandError(f"{folder} is not empty. Nothing was written.")
        count = 0
        for kind, document in _documents(unpublished=options["unpublished"]):
            broken = [f"{document['id']}: {path}: {reason}" for path, reason in faults(kind, document)]
            if broken:
                raise CommandError("\n".join(broken))
            path = folder / f"{kind}_{document['id']}.json"
            path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
            count += 1
        self.stdout.write(f"{count} file(s) written to {folder}")


def _documents(*, unpublished: bool) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every document with its kind."""
    actor = Actor.system("export_hsds")
    ids = list(Organization.objects.order_by("id").values_list("id", flat=True))
    for start in range(0, len(ids), AT_ONCE):
        chunk = Organization.objects.filter(pk__in=ids[start : start + AT_ONCE]).order_by("id")
        for document in export_organizations(chunk, actor=actor, unpublished=unpublished):
            yield "organization", document
    for document in export_locations(actor=actor):
        yield "location", document

"""`manage.py lifecycles`: write docs/lifecycles.md, or with `--check` say whether it is fresh."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from casemgmt.lifecycle_page import page

PATH = settings.PROJECT / "docs" / "lifecycles.md"


class Command(BaseCommand):
    """Writes the page of all lifecycles from the code."""

    help = "Write docs/lifecycles.md from the code."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare --check."""
        parser.add_argument("--check", action="store_true", help="change nothing; fail when the page is stale")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write, or compare."""
        fresh = page()
        if not options["check"]:
            PATH.parent.mkdir(exist_ok=True)
            PATH.write_text(fresh)
            return
        if not PATH.exists() or PATH.read_text() != fresh:
            raise CommandError("docs/lifecycles.md is stale: run manage.py lifecycles")

"""`manage.py rules`: write docs/rules-to-tests.md, or with `--check` say whether it is fresh."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from casemgmt.rules_page import page

PATH = settings.PROJECT / "docs" / "rules-to-tests.md"
TESTS = settings.PROJECT / "tests"


class Command(BaseCommand):
    """Writes the page of rules and the tests that prove them."""

    help = "Write docs/rules-to-tests.md from the tests."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare --check."""
        parser.add_argument("--check", action="store_true", help="change nothing; fail when the page is stale")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write, or compare."""
        fresh = page(TESTS)
        if not options["check"]:
            PATH.parent.mkdir(exist_ok=True)
            PATH.write_text(fresh)
            return
        if not PATH.exists() or PATH.read_text() != fresh:
            raise CommandError("docs/rules-to-tests.md is stale: run manage.py rules")

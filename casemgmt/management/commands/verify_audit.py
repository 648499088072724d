"""`manage.py verify_audit`: prove that nobody touched the sealed trail, or name the first seal that does not fit."""

from __future__ import annotations

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from casemgmt.audit.models import AuditSeal
from casemgmt.audit.sealing import first_tampered


def anchor(text: str) -> tuple[int, str]:
    """Return `SEQ:HASH` as a pair; raise ArgumentTypeError for anything else."""
    seq, colon, noted = text.partition(":")
    if not colon or not seq.isdecimal() or len(noted) != 64:
        raise argparse.ArgumentTypeError("give it as SEQ:HASH, as this command printed it")
    return int(seq), noted


class Command(BaseCommand):
    """Recomputes every seal from its rows. Changes nothing."""

    help = "Prove that the sealed audit trail is untouched, or name the first seal that does not fit its rows."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Take a seal that was noted elsewhere."""
        parser.add_argument("--anchor", type=anchor, help="a seal noted elsewhere, SEQ:HASH: finds a trail cut short")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the last seal, to be noted elsewhere; raise CommandError when something was touched."""
        fault = first_tampered(anchor=options["anchor"])
        if fault is not None:
            raise CommandError(f"audit trail: seal {fault.seal} {fault.sentence}")
        last = AuditSeal.objects.order_by("-seq").first()
        if last is None:
            self.stdout.write("audit trail: nothing is sealed yet")
            return
        self.stdout.write(f"audit trail: {last.seq} seals up to row {last.last_id}, whole")
        self.stdout.write(f"note this elsewhere: {last.seq}:{last.hash}")

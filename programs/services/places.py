"""Places of programs: taken and given back by one statement each, never read and then written (F5)."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import F, Q

from casemgmt.kernel.errors import Conflict
from casemgmt.kernel.transactions import require_atomic
from programs.models import Program


def take_place(program_id: UUID) -> None:
    """Take one place of a program; raise Conflict `capacity_full` when there is none. Unknown capacity has room."""
    require_atomic()
    room = Q(capacity_total__isnull=True) | Q(places_taken__lt=F("capacity_total"))
    taken = Program.objects.filter(room, pk=program_id).update(places_taken=F("places_taken") + 1)
    if not taken:
        raise Conflict("The program has no free place.", code="capacity_full")


def free_places(program_ids: Iterable[UUID]) -> None:
    """Give back one place of each program, in the order of their ids so that two callers cannot block each other."""
    require_atomic()
    for program_id in sorted(program_ids):
        Program.objects.filter(pk=program_id).update(places_taken=F("places_taken") - 1)

"""Places of programs: taken and given back by one statement each, never read and then written (F5).

A place beyond capacity is counted apart (`places_over`): `places_taken` never exceeds the capacity, and nobody else
comes in until all who are there fit again.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import F, Q

from casemgmt.kernel.transactions import require_atomic
from programs.models import Enrollment, Program


def take_place(program_id: UUID) -> bool:
    """Take one place of a program and return True; False when there is none. Unknown capacity has room."""
    require_atomic()
    room = Q(capacity_total__isnull=True) | Q(capacity_total__gt=F("places_taken") + F("places_over"))
    return bool(Program.objects.filter(room, pk=program_id).update(places_taken=F("places_taken") + 1))


def take_place_beyond(program_id: UUID) -> None:
    """Take a place beyond the capacity of a program (G6); who may is the caller's to judge."""
    require_atomic()
    Program.objects.filter(pk=program_id).update(places_over=F("places_over") + 1)


def give_back_place(program_id: UUID) -> None:
    """Give back a place that was taken without an enrollment, such as one that was offered to somebody."""
    require_atomic()
    Program.objects.filter(pk=program_id).update(places_taken=F("places_taken") - 1)


def give_back_place_beyond(program_id: UUID) -> None:
    """Give back a place beyond the capacity that was taken without an enrollment."""
    require_atomic()
    Program.objects.filter(pk=program_id).update(places_over=F("places_over") - 1)


def free_places(ended: Iterable[Enrollment]) -> None:
    """Give back the place of each ended enrollment, in the order of programs so that two callers cannot block."""
    require_atomic()
    for enrollment in sorted(ended, key=lambda each: each.program_id):
        column = "places_over" if enrollment.over_capacity else "places_taken"
        Program.objects.filter(pk=enrollment.program_id).update(**{column: F(column) - 1})

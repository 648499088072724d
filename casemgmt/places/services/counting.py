"""How many places a program has, without a word about anybody in them (F5)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from casemgmt.kernel.actor import Actor
from casemgmt.kernel.wall import acting_as
from casemgmt.places.models import Bed, BedUse, Offer, WaitlistEntry
from casemgmt.places.words import BedStatus
from programs.models import Program

from .line import KEEPER


@dataclass(frozen=True, slots=True)
class Places:
    """Counts of one program; `total` and `open` None: unknown, which is not free."""

    program_id: UUID
    total: int | None
    taken: int  # by enrollments
    beyond: int  # by a supervisor's word, counted apart (G6)
    held: int  # by offers
    open: int | None
    waiting: int
    beds: int
    beds_open: int


def places_of(*, program_id: UUID, actor: Actor) -> Places:
    """Return the counts of a program that the actor may see. Raises NotVisible."""
    program = Program.objects.visible_to(actor).fetch(program_id)
    with acting_as(KEEPER):  # a count names nobody
        held = Offer.objects.holding().filter(program=program).count()
        waiting = WaitlistEntry.objects.open().filter(program=program).count()
        beds = Bed.objects.filter(program=program, status=BedStatus.AVAILABLE)
        used = BedUse.objects.filter(bed__program=program).lasting().values("bed_id")
        return Places(
            program_id=program.id,
            total=program.capacity_total,
            taken=program.places_taken - held,
            beyond=program.places_over,
            held=held,
            open=program.places_open,
            waiting=waiting,
            beds=beds.count(),
            beds_open=beds.exclude(id__in=used).count(),
        )

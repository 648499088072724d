"""How many places a program has, without a word about anybody in them (F5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from casemgmt.kernel.actor import Actor
from casemgmt.kernel.wall import acting_as
from casemgmt.places.models import Bed, BedUse, Offer, WaitlistEntry
from casemgmt.places.words import BedStatus
from programs.models import PlaceHold, Program

from .line import KEEPER


@dataclass(frozen=True, slots=True)
class Places:
    """Counts of one program; `total` and `open` None: unknown, which is not free."""

    program_id: UUID
    total: int | None
    taken: int  # by enrollments
    beyond: int  # by a supervisor's word, counted apart (G6)
    held: int  # by offers
    promised: int  # by accepted referrals of clients who are not enrolled yet (§9)
    open: int | None
    waiting: int
    beds: int
    beds_open: int


def places_of(*, program_id: UUID, actor: Actor) -> Places:
    """Return the counts of a program that the actor may see. Raises NotVisible."""
    held = Offer.objects.holding().filter(program=OuterRef("pk"))
    kept = PlaceHold.objects.lasting().filter(program=OuterRef("pk"))
    waiting = WaitlistEntry.objects.open().filter(program=OuterRef("pk"))
    beds = Bed.objects.filter(program=OuterRef("pk"), status=BedStatus.AVAILABLE)
    used = BedUse.objects.filter(bed__program=OuterRef(OuterRef("pk"))).lasting().values("bed_id")
    counted = Program.objects.visible_to(actor).annotate(
        held=_count(held),
        promised=_count(kept),
        promised_beyond=_count(kept.exclude(over_capacity_reason="")),
        waiting=_count(waiting),
        beds_all=_count(beds),
        beds_open=_count(beds.exclude(id__in=used)),
    )
    with acting_as(KEEPER):  # a count names nobody; one statement, so that the numbers fit each other
        program: Any = counted.fetch(program_id)
    return Places(
        program_id=program.id,
        total=program.capacity_total,
        taken=program.places_taken - program.held - (program.promised - program.promised_beyond),
        beyond=program.places_over,
        held=program.held,
        promised=program.promised,
        open=program.places_open,
        waiting=program.waiting,
        beds=program.beds_all,
        beds_open=program.beds_open,
    )


def _count(rows: QuerySet[Any]) -> Coalesce:
    """Return how many of these rows there are for each row of an outer query."""
    counted = rows.order_by().values(one=Value(1)).annotate(many=Count("*")).values("many")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)

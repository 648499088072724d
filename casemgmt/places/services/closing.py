"""What ends with somebody: a client's or an episode's places in lines, offers to them, beds. Inner, rows only."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from casemgmt.kernel.actor import Actor
from casemgmt.places.models import BedUse, Offer, WaitlistEntry
from casemgmt.places.querysets import BedUseQuerySet, WaitlistEntryQuerySet
from casemgmt.places.words import HoldReason, OfferOutcome, RemovalReason, WithdrawReason
from programs.models import Enrollment, Program

from .asking import stop_asking_to_confirm
from .keeping import end_uses
from .listing import leave
from .offering import end_offer
from .steps import write_step


def close_entries(
    entries: WaitlistEntryQuerySet, reason: RemovalReason, *, client_id: UUID, at: datetime, actor: Actor
) -> None:
    """Take a client off these lines and take offers back; their places are passed on by the next round of `places`.

    All programs that the fact touches are locked first, in the order of their ids: those of the client's enrollments
    are locked again by whoever ends them.
    """
    programs = set(entries.open().values_list("program_id", flat=True))
    if not programs:
        return
    inside = Enrollment.objects.open().filter(client_id=client_id).values_list("program_id", flat=True)
    for program_id in sorted(programs.union(inside)):
        Program.objects.lock(program_id)
    for entry in entries.open().select_related("program", "episode").lock_all():
        _take_back(entry, WithdrawReason.REMOVED, at=at, actor=actor)
        leave(entry, reason, at=at, actor=actor)


def place_directly(*, client_id: UUID, program_id: UUID, enrollment_id: UUID, at: datetime, actor: Actor) -> None:
    """An enrollment was planned past the line: who waited there has a place now."""
    rows = WaitlistEntry.objects.open().filter(client_id=client_id, program_id=program_id)
    for entry in rows.select_related("program", "episode").lock_all():
        _take_back(entry, WithdrawReason.ENROLLED, at=at, actor=actor)
        entry.enrollment_id = enrollment_id
        given = {"enrollment": str(enrollment_id)}
        write_step(entry, "place", given=given, at=at, actor=actor, saved=("enrollment",))
        stop_asking_to_confirm(entry, outcome="placed", at=at, actor=actor)


def _take_back(entry: WaitlistEntry, reason: WithdrawReason, *, at: datetime, actor: Actor) -> None:
    for offer in Offer.objects.open().filter(entry=entry).lock_all():
        end_offer(offer, OfferOutcome.WITHDRAWN.value, reason=reason.value, passes_on=True, at=at, actor=actor)


def free_beds(uses: BedUseQuerySet, *, at: datetime) -> list[BedUse]:
    """End stays and holds; a bed that is held with an offer goes on with its offer."""
    kept = uses.exclude(reason=HoldReason.OFFERED)
    houses = set(kept.lasting().values_list("bed__program_id", flat=True))
    for program_id in sorted(houses):
        Program.objects.lock(program_id)
    return end_uses(kept, at=at) if houses else []

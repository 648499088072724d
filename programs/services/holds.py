"""Places for those who were accepted and are not enrolled yet: kept, taken over, given back (§9, F5). Inner.

Whoever keeps a place and whoever plans an enrollment locks the program first, so that one of them sees what the other
did: a client holds one place, whichever came first.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from casemgmt.kernel.errors import Conflict
from casemgmt.kernel.transactions import require_atomic
from programs.models import Enrollment, PlaceHold, Program

from .places import give_back_place, give_back_place_beyond, take_place, take_place_beyond


def keep_place(*, client_id: UUID, program_id: UUID, source_id: UUID, over_capacity_reason: str) -> PlaceHold | None:
    """Keep a place of a program for a client; None when an enrollment of the client holds one.

    Beyond the capacity only with a reason, which marks the hold (G6); who may give one is the caller's to judge. Raises
    Conflict `capacity_full`.
    """
    require_atomic()
    Program.objects.lock(program_id)
    if Enrollment.objects.open().filter(client_id=client_id, program_id=program_id).exists():
        return None
    beyond = not take_place(program_id)
    if beyond:
        if not over_capacity_reason:
            sentence = "The program has no free place. Put the client on its waitlist, or let a supervisor accept."
            raise Conflict(sentence, code="capacity_full")
        take_place_beyond(program_id)
    return PlaceHold.objects.create(
        client_id=client_id,
        program_id=program_id,
        source_id=source_id,
        over_capacity_reason=over_capacity_reason if beyond else "",
    )


def give_back_hold(*, source_id: UUID, at: datetime) -> bool:
    """Give back the place that was kept for a source, as of `at` (aware UTC); False when none is."""
    require_atomic()
    theirs = PlaceHold.objects.lasting().filter(source_id=source_id)
    seen = theirs.first()
    if seen is None:
        return False
    Program.objects.lock(seen.program_id)
    hold = theirs.lock_first()
    if hold is None:  # an enrollment took it over meanwhile
        return False
    _end(hold, at=at)
    _give_back(hold)
    return True


def take_over_hold(enrollment: Enrollment, *, place_held: bool, at: datetime) -> bool:
    """Let a new enrollment go on with the place that is kept for its client; False when none is.

    `place_held`: the enrollment brings a place already, so the kept one is given back. The enrollment's columns are set
    in memory.
    """
    require_atomic()
    Program.objects.lock(enrollment.program_id)
    theirs = PlaceHold.objects.lasting().filter(client_id=enrollment.client_id, program_id=enrollment.program_id)
    hold = theirs.lock_first()
    if hold is None:
        return False
    hold.enrollment = enrollment
    _end(hold, at=at)
    if place_held:
        _give_back(hold)
    else:
        enrollment.over_capacity_reason = hold.over_capacity_reason
    return True


def _end(hold: PlaceHold, *, at: datetime) -> None:
    hold.ended_at = at
    hold.save_changes("ended_at", "enrollment", at=at)


def _give_back(hold: PlaceHold) -> None:
    if hold.over_capacity:
        give_back_place_beyond(hold.program_id)
    else:
        give_back_place(hold.program_id)

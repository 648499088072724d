"""Who sleeps where, as the house sees it: names only of clients whom the actor may see; others are "taken" (1.9)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from casemgmt.kernel.actor import Actor
from casemgmt.kernel.clock import DatabaseNow
from casemgmt.kernel.wall import acting_as
from casemgmt.places.models import Bed, BedUse
from casemgmt.places.words import BedStatus, BedUseKind

from .line import KEEPER


def occupied(beds: Iterable[Bed], *, actor: Actor) -> list[Any]:
    """Return beds with `now` (free, taken, held, out_of_service) and `use`, None where the actor may not see whose.

    Two queries, however many beds. A use that begins later is told by the list of uses, not here.
    """
    shown: list[Any] = list(beds)
    with acting_as(KEEPER):  # a bed whose sleeper one may not see is taken all the same
        present = BedUse.objects.filter(bed__in=shown, starts_at__lte=DatabaseNow()).lasting()
        uses = {each.bed_id: each for each in present}
    ids = [each.id for each in uses.values()]
    seen = {each.id: each for each in BedUse.objects.visible_to(actor).filter(pk__in=ids).select_related("client")}
    for bed in shown:
        use = uses.get(bed.id)
        bed.now = state_of(bed, use)
        bed.use = seen.get(use.id) if use else None
    return shown


def state_of(bed: Bed, use: BedUse | None) -> str:
    """Return in one word how a bed is."""
    if use is not None:
        return "taken" if use.kind == BedUseKind.STAY else "held"
    return "free" if bed.status == BedStatus.AVAILABLE else "out_of_service"

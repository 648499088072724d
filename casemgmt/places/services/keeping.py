"""What keeps a bed from others: whether it can be used, holding it, freeing it. Inner; the program is locked."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.utils import IntegrityError

from casemgmt.kernel.errors import Conflict
from casemgmt.kernel.transactions import require_atomic
from casemgmt.places.models import Bed, BedUse
from casemgmt.places.querysets import BedUseQuerySet
from casemgmt.places.words import BedStatus, BedUseKind, HoldReason

CODES = {
    "bed_used_once_at_a_time": ("bed_taken", "The bed is taken or held in that time."),
    "bed_one_per_client": ("client_has_bed", "The client has another bed in that time."),
}


def require_usable(bed: Bed) -> None:
    """Raise Conflict when nobody can have a bed now: `bed_out_of_service`, `bed_taken`."""
    if Bed.objects.fetch(bed.id).status != BedStatus.AVAILABLE:
        raise Conflict("The bed is out of service.", code="bed_out_of_service")
    if BedUse.objects.filter(bed=bed).lasting().exists():
        raise Conflict("The bed is taken or held.", code="bed_taken")


def write_use(use: BedUse) -> BedUse:
    """Save a new use of a bed. Raises Conflict (`bed_taken`, `client_has_bed`), as PostgreSQL judges."""
    require_atomic()
    try:
        with transaction.atomic():
            use.save(force_insert=True)
    except IntegrityError as error:
        name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "")
        if name not in CODES:
            raise
        code, sentence = CODES[name]
        raise Conflict(sentence, code=code) from error
    return use


def hold_for_offer(bed: Bed, client_id: UUID, *, organization_id: UUID, at: datetime) -> None:
    """Keep a bed free for whom it is offered to, until the offer ends."""
    last = BedUse.objects.filter(bed=bed, ends_at__gt=at).order_by("-ends_at").values_list("ends_at", flat=True).first()
    use = BedUse(
        bed=bed,
        organization_id=organization_id,
        kind=BedUseKind.HOLD,
        client_id=client_id,
        reason=HoldReason.OFFERED,
        starts_at=last or at,
    )
    write_use(use)


def end_offered_hold(bed: Bed, *, at: datetime) -> None:
    """Let go of a bed that was held with an offer."""
    end_uses(BedUse.objects.filter(bed=bed, reason=HoldReason.OFFERED), at=at)


def end_uses(uses: BedUseQuerySet, *, at: datetime) -> list[BedUse]:
    """End what lasts of these, as of `at` (aware UTC); what has not begun ends where it begins. Return them."""
    require_atomic()
    found = list(uses.lasting().lock_all())
    for use in found:
        use.ends_at = max(use.starts_at, at)
        use.save_changes("ends_at", at=at)
    return found

"""What waitlists do as time passes: offers expire and go on, people are reminded, and who waits is asked again (F5)."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from casemgmt.kernel import clock
from casemgmt.kernel.wall import acting_as
from casemgmt.places.models import Offer, WaitlistEntry
from casemgmt.places.words import OfferOutcome
from casemgmt.worklist.models import ItemKind, Priority

from .answering import lock_offer, turn_down
from .asking import ask_for_answer, ask_to_confirm, stop_asking_to_confirm
from .line import KEEPER
from .offering import end_offer, pass_on

BATCH = 500


def pass_time(*, keep_on: Callable[[], bool] = lambda: True) -> int:
    """Do what is due now; return how much that was. Safe in any number of copies."""
    count = 0
    for find, act in ((_overdue, _expire), (_to_remind, _remind), (_unasked, _ask)):
        for pk in find():
            if not keep_on():
                return count
            count += act(pk)
    return count


@acting_as(KEEPER)
def _overdue() -> list[UUID]:
    return list(Offer.objects.overdue().values_list("id", flat=True)[:BATCH])


@acting_as(KEEPER)
def _to_remind() -> list[UUID]:
    return list(Offer.objects.to_remind().values_list("id", flat=True)[:BATCH])


@acting_as(KEEPER)
def _unasked() -> list[UUID]:
    return list(WaitlistEntry.objects.unasked().order_by("id").values_list("id", flat=True)[:BATCH])


@acting_as(KEEPER)
def _expire(offer_id: UUID) -> int:
    """End an offer that nobody answered, and pass its place on; or only that, where it ended otherwise."""
    offer, at = lock_offer(Offer.objects.fetch(offer_id)), clock.now()
    expired = offer.is_open and offer.expires_at <= at
    if not expired and not offer.passes_on:  # another copy was here, or somebody answered meanwhile
        return 0
    if expired:
        end_offer(offer, OfferOutcome.EXPIRED.value, passes_on=False, at=at, actor=KEEPER)
        turn_down(offer, "expire", {}, at=at, actor=KEEPER)
        # nobody was heard of: ask now whether the client still waits
        stop_asking_to_confirm(offer.entry, outcome="offer_expired", at=at, actor=KEEPER)
        ask_to_confirm(offer.entry, since=at, days=0, actor=KEEPER)
    pass_on(offer, at=at, actor=KEEPER)
    return 1


@acting_as(KEEPER)
def _remind(offer_id: UUID) -> int:
    offer, at = lock_offer(Offer.objects.fetch(offer_id)), clock.now()
    if not offer.is_open or offer.reminded_at is not None:
        return 0
    offer.reminded_at = at
    offer.save_changes("reminded_at", at=at)
    ask_for_answer(offer, ItemKind.WAITLIST_OFFER_ENDS, priority=Priority.NOW, actor=KEEPER)
    return 1


@acting_as(KEEPER)
def _ask(entry_id: UUID) -> int:
    """Ask again about somebody of whom nobody was asked to confirm: they stay in line, shown as unconfirmed (§9)."""
    rows = WaitlistEntry.objects.filter(pk=entry_id).select_related("episode", "program").unasked()
    entry: WaitlistEntry | None = rows.lock_free().first()
    if entry is None:
        return 0
    ask_to_confirm(entry, since=entry.confirmed_at, actor=KEEPER)
    return 1

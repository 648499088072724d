"""A program's line as an actor sees it: positions of all, and who it is only where the actor may see the client."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from casemgmt.accounts.roles import SEES_PAST_EPISODES
from casemgmt.api.paging import page
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Invalid
from casemgmt.kernel.wall import acting_as
from casemgmt.places.models import Offer, OfferSkip, WaitlistEntry
from casemgmt.places.rules.ranking import place_in_line, rank
from casemgmt.policies.services import policy_of
from programs.models import Program

from .line import KEEPER, InLine, line_of, standing_of, weights_of


@dataclass(frozen=True, slots=True)
class Made:
    """An offer as shown to who made or took it back; `offer` None: they may not see to whom."""

    id: UUID
    position: int
    outcome: str
    expires_at: datetime
    skipped: int
    offer: Offer | None


def standing_now(entry: WaitlistEntry) -> Any:
    """Return one entry with where it stands now; a closed one stands nowhere. A handful of queries."""
    at = clock.now()
    line = line_of(entry.program, at=at) if entry.is_open else []
    ahead = next((each for each in line if each.entry.id == entry.id), None)
    days = policy_of(entry.program.organization_id).waitlist_confirm_days
    return shown_entry(entry, ahead, confirm_days=days, at=at)


def shown_entry(entry: WaitlistEntry, ahead: InLine | None, *, confirm_days: int, at: datetime) -> Any:
    """Return an entry with what is shown of it beside its columns, as of `at` (aware UTC)."""
    shown: Any = entry
    shown.position = ahead.position if ahead else None
    shown.rank = ahead.rank.told() if ahead else None
    shown.unconfirmed = entry.is_open and entry.confirmed_at + timedelta(days=confirm_days) < at
    return shown


def page_of_line(
    *, program_id: UUID, cursor: str | None, limit: int, actor: Actor
) -> tuple[list[dict[str, Any]], str | None]:
    """Return one page of a program's line and the cursor of the next, None on the last.

    Raises NotVisible, Invalid `cursor_invalid`.
    """
    program = Program.objects.visible_to(actor).fetch(program_id)
    at = clock.now()
    line = line_of(program, at=at)
    if cursor is not None:
        line = _after(line, cursor, program, at=at)
    found = line[:limit]
    ids = [each.entry.id for each in found]
    seen = set(WaitlistEntry.objects.visible_to(actor).filter(pk__in=ids).values_list("id", flat=True))
    offers = _offers(ids, seen, own=actor.is_system or program.organization_id == actor.organization_id)
    days = policy_of(program.organization_id).waitlist_confirm_days
    shown = [
        {
            "position": each.position,
            "stage": str(each.entry.stage),
            "entry": shown_entry(each.entry, each, confirm_days=days, at=at) if each.entry.id in seen else None,
            "offer": offers.get(each.entry.id),
        }
        for each in found
    ]
    return shown, str(ids[-1]) if len(line) > limit else None


def _after(line: list[InLine], cursor: str, program: Program, *, at: datetime) -> list[InLine]:
    """Return who stands behind the entry that the cursor names, also when that one has left the line meanwhile."""
    try:
        named = WaitlistEntry.objects.filter(program=program, pk=UUID(cursor)).with_hold_reason()
        with acting_as(KEEPER):
            last = named.first()
    except ValueError:
        last = None
    if last is None:
        raise Invalid("This cursor leads nowhere. Start again from the first page.", code="cursor_invalid")
    weights, standing = weights_of(program.organization_id), standing_of(last, program)
    end = place_in_line(standing, rank(standing, weights, at=at))
    return [each for each in line if place_in_line(standing_of(each.entry, program), each.rank) > end]


def _offers(ids: list[UUID], seen: set[UUID], *, own: bool) -> dict[UUID, Offer]:
    """Return the open offers by entry: all to who runs the program, else those to clients whom the actor sees."""
    with acting_as(KEEPER):
        rows = Offer.objects.open().filter(entry_id__in=[each for each in ids if own or each in seen])
        return {each.entry_id: each for each in rows}


def made(offer: Offer, *, actor: Actor) -> Made:
    """Return an offer as shown to who made it or took it back."""
    seen = Offer.objects.visible_to(actor).select_related("client", "entry__episode__organization")
    with acting_as(KEEPER):
        skipped = OfferSkip.objects.filter(offer=offer).count()
    return Made(
        id=offer.id,
        position=offer.position,
        outcome=str(offer.outcome),
        expires_at=offer.expires_at,
        skipped=skipped,
        offer=seen.filter(pk=offer.id).first(),
    )


def page_of_skips(
    *, offer_id: UUID, cursor: str | None, limit: int, actor: Actor
) -> tuple[list[dict[str, Any]], str | None]:
    """Return one page of who was passed over for an offer, first first, to who sees its client or runs the program.

    Why is told only of clients whom the actor may see. Raises NotVisible, Invalid `cursor_invalid`.
    """
    with acting_as(KEEPER):
        offer = Offer.objects.select_related("program").filter(pk=offer_id).first()
    reads = actor.has_role(*SEES_PAST_EPISODES)
    if offer is None or not (reads and offer.program.organization_id == actor.organization_id):
        offer = Offer.objects.visible_to(actor).fetch(offer_id)
    with acting_as(KEEPER):
        every: Any = OfferSkip.objects.filter(offer=offer)
        rows, following = page(every, places=every, ordering=("seq",), cursor=cursor, limit=limit)
    seen = set(OfferSkip.objects.visible_to(actor).filter(pk__in=[row.pk for row in rows]).values_list("pk", flat=True))
    return [_skip(row, seen=row.pk in seen) for row in rows], following


def _skip(row: OfferSkip, *, seen: bool) -> dict[str, Any]:
    return {
        "position": row.position,
        "entry_id": row.entry_id if seen else None,
        "reason": row.reason if seen else None,
        "needs": row.needs if seen else None,
    }

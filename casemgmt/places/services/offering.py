"""Offering a place, and passing on one that was not taken (F5).

Lock order of the whole room: Episode, Enrollment, Program, WaitlistEntry, Offer, BedUse. Whoever offers, answers or
closes locks the program first, so a line is read and one of it chosen by one at a time. An open offer holds a place by
`programs.services.places.take_place`: the last place cannot be offered twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F

from casemgmt.accounts.roles import CASE_MANAGER_AND_UP
from casemgmt.clients.services import require_role
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Conflict, NotPermitted
from casemgmt.kernel.ids import new_id
from casemgmt.kernel.transactions import require_atomic
from casemgmt.kernel.wall import acting_as
from casemgmt.places.models import Bed, Offer, OfferSkip, WaitlistEntry
from casemgmt.places.rules.fitting import OWN_DOING, Place, Wish, why_not
from casemgmt.places.words import EntryStage, SkipReason
from casemgmt.policies.services import policy_of
from casemgmt.worklist.models import ItemKind, Priority
from programs.models import Enrollment, Program
from programs.rules.kinds import ProgramStatus
from programs.services.places import give_back_place, take_place

from .asking import ask_for_answer, stop_asking_for_answer
from .belonging import is_welcome
from .keeping import end_offered_hold, hold_for_offer, require_usable
from .line import KEEPER, InLine, line_of
from .steps import write_step

REMIND_AFTER = 0.75  # of the time there is to answer


@dataclass(frozen=True, slots=True)
class Opening:
    """A place of a locked program that is held and goes to the first who fits; a bed with it, or any."""

    program: Program
    bed: Bed | None = None
    id: UUID = field(default_factory=new_id)


@dataclass(frozen=True, slots=True)
class Skipped:
    """Somebody ahead in line, and why the place is not for them."""

    ahead: InLine
    reason: SkipReason
    needs: tuple[str, ...]


@transaction.atomic
def offer_place(*, program_id: UUID, bed_id: UUID | None, actor: Actor) -> Offer:
    """Offer a free place of the actor's own program, or one of its beds, to the first in line whom it fits.

    Raises NotVisible, NotPermitted, Conflict (`program_not_accepting`, `no_place_left`, `bed_taken`,
    `bed_out_of_service`, `nobody_waits`; `nobody_fits` tells each position and why).
    """
    seen = Program.objects.visible_to(actor).fetch(program_id)
    require_role(actor, CASE_MANAGER_AND_UP)
    if not actor.is_system and seen.organization_id != actor.organization_id:
        raise NotPermitted("The organization that runs a program offers its places.")
    bed = Bed.objects.visible_to(actor).filter(program_id=program_id).fetch(bed_id) if bed_id else None
    with acting_as(KEEPER):
        program = Program.objects.select_related("organization").lock(program_id)
        if program.status != ProgramStatus.ACTIVE or not program.organization.joined:
            raise Conflict("The program takes nobody now.", code="program_not_accepting")
        if bed is not None:
            require_usable(bed)
        if not take_place(program.id):
            raise Conflict("The program has no free place.", code="no_place_left")
        offer, skipped = _offer_first(Opening(program, bed), at=clock.now(), actor=actor)
        if offer is None:
            _refuse(skipped)
    return offer  # type: ignore[return-value]  # _refuse raises


def _refuse(skipped: list[Skipped]) -> None:
    if not skipped:
        raise Conflict("Nobody waits for this program.", code="nobody_waits")
    told = [{"position": each.ahead.position, "reason": each.reason.value} for each in skipped]
    raise Conflict("The place fits nobody who waits.", code="nobody_fits", skipped=told)


def pass_on(offer: Offer, *, at: datetime, actor: Actor) -> Offer | None:
    """Offer the place of an ended offer to the next in line; give it back when there is none. Inner, program locked."""
    require_atomic()
    with acting_as(KEEPER):
        program = offer.program
        if offer.passes_on:
            offer.passes_on = False
            offer.save_changes("passes_on", at=at)
        if offer.bed is not None:
            end_offered_hold(offer.bed, at=at)
        following = None
        if program.status == ProgramStatus.ACTIVE:
            following, _ = _offer_first(Opening(program, offer.bed, offer.opening_id), at=at, actor=actor)
        if following is None:
            give_back_place(program.id)
    return following


def end_offer(offer: Offer, outcome: str, *, reason: str = "", passes_on: bool, at: datetime, actor: Actor) -> None:
    """End a locked open offer without an enrollment. Inner; the place stays held when it `passes_on`."""
    require_atomic()
    offer.outcome, offer.reason, offer.passes_on, offer.ended_at = outcome, reason, passes_on, at
    with acting_as(KEEPER):
        offer.save_changes("outcome", "reason", "passes_on", "ended_at", at=at)
    stop_asking_for_answer(offer, at=at, actor=actor)


def _offer_first(opening: Opening, *, at: datetime, actor: Actor) -> tuple[Offer | None, list[Skipped]]:
    """Offer a held place to the first whom it fits; return the offer, if any, and everybody passed over for it."""
    line = line_of(opening.program, at=at)
    skipped: list[Skipped] = []
    for ahead, reason, needs in _judged(line, opening, at=at):
        if reason is None:
            return _write_offer(opening, ahead, skipped, at=at, actor=actor), skipped
        skipped.append(Skipped(ahead, reason, needs))
    return None, skipped


def _judged(
    line: list[InLine], opening: Opening, *, at: datetime
) -> Iterator[tuple[InLine, SkipReason | None, tuple[str, ...]]]:
    """Yield everybody in line with why the place is not for them, None when it is."""
    program, bed = opening.program, opening.bed
    answered = set(Offer.objects.filter(opening_id=opening.id).values_list("entry_id", flat=True))
    clients = [each.entry.client_id for each in line]
    inside = set(
        Enrollment.objects.open().filter(program=program, client_id__in=clients).values_list("client_id", flat=True)
    )
    place = Place(
        today=at.astimezone(ZoneInfo(program.timezone)).date(),
        accepts_moud=program.accepts_moud,
        bed_policy=bed.policy if bed else None,
        step_free=bed.step_free if bed else None,
    )
    for ahead in line:
        entry = ahead.entry
        wish = Wish(
            needs=frozenset(entry.needs),
            asked_for=entry.asked_for,
            has_offer=entry.stage == EntryStage.OFFERED,
            answered=entry.id in answered,
            enrolled=entry.client_id in inside,
            referred=True,
        )
        against = why_not(wish, place)
        if against is None and not is_welcome(entry.episode, program):
            against = (SkipReason.REFERRAL_NEEDED, ())
        yield (ahead, None, ()) if against is None else (ahead, *against)


def _write_offer(opening: Opening, chosen: InLine, skipped: list[Skipped], *, at: datetime, actor: Actor) -> Offer:
    program, entry = opening.program, WaitlistEntry.objects.select_related("episode").lock(chosen.entry.id)
    entry.program = program
    span = timedelta(hours=policy_of(program.organization_id).waitlist_offer_hours)
    offer = Offer.objects.create(
        entry=entry,
        client_id=entry.client_id,
        program=program,
        bed=opening.bed,
        opening_id=opening.id,
        position=chosen.position,
        rank=chosen.rank.told(),
        offered_at=at,
        offered_by=actor.id,
        expires_at=at + span,
        remind_at=at + span * REMIND_AFTER,
    )
    _write_skips(offer, skipped, at=at)
    if opening.bed is not None:
        hold_for_offer(opening.bed, entry.client_id, organization_id=program.organization_id, at=at)
    given = {"offer": str(offer.id), "position": chosen.position, "rank": chosen.rank.told()}
    write_step(entry, "offer", given=given, at=at, actor=actor)
    ask_for_answer(offer, ItemKind.WAITLIST_OFFER, priority=Priority.TODAY, actor=actor)
    return offer


def _write_skips(offer: Offer, skipped: list[Skipped], *, at: datetime) -> None:
    """Say of everybody ahead why the place went past them; what was not their own doing counts for the next time."""
    OfferSkip.objects.bulk_create(
        OfferSkip(
            offer=offer,
            entry_id=each.ahead.entry.id,
            position=each.ahead.position,
            reason=each.reason,
            needs=list(each.needs),
            at=at,
        )
        for each in skipped
    )
    past = [each.ahead.entry.id for each in skipped if each.reason not in OWN_DOING]
    WaitlistEntry.objects.filter(pk__in=past).update(passed_over=F("passed_over") + 1)

"""Answering offers: accepting, declining, taking back. Lock order: services/offering.py."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from casemgmt.accounts.roles import CASE_MANAGER_AND_UP
from casemgmt.chart.services.entries import require_living
from casemgmt.clients.services import require_role
from casemgmt.episodes.models import Episode
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Conflict, NotPermitted, Refused
from casemgmt.kernel.wall import acting_as
from casemgmt.places.models import BedUse, Offer, WaitlistEntry
from casemgmt.places.words import DeclineReason, HoldReason, OfferOutcome, WithdrawReason
from casemgmt.policies.services import policy_of
from programs.models import Enrollment, Program
from programs.services.enrollments import NewEnrollment, plan_enrollment
from programs.services.places import give_back_place

from .asking import stop_asking_for_answer, stop_asking_to_confirm
from .belonging import is_welcome, require_party
from .keeping import end_offered_hold
from .line import KEEPER
from .offering import end_offer, pass_on
from .steps import write_step


@transaction.atomic
def accept_offer(*, offer_id: UUID, provider_id: UUID | None, actor: Actor) -> Offer:
    """Take an offered place: an enrollment is planned, which goes on holding the place; a bed is kept for the arrival.

    Raises NotVisible, NotPermitted, Conflict `offer_gone` (answered, expired, taken back), Refused
    (`client_deceased`, `referral_needed`), and what planning an enrollment raises.
    """
    seen = Offer.objects.visible_to(actor).select_related("entry").fetch(offer_id)
    require_role(actor, CASE_MANAGER_AND_UP)
    episode: Episode = Episode.objects.lock(seen.entry.episode_id)
    offer = lock_offer(seen)
    at = clock.now()
    _require_open(offer, at=at)
    require_party(episode, offer.program, actor=actor)
    require_living(episode)
    if not is_welcome(episode, offer.program):
        raise Refused("The program's organization has no accepted, covered referral (G6).", code="referral_needed")
    entry = offer.entry
    # before the enrollment is planned: what hears of that closes whatever entry is open
    write_step(entry, "place", given={"offer": str(offer.id)}, at=at, actor=actor)
    new = NewEnrollment(episode.id, offer.program_id, provider_id=provider_id, place_held=True)
    enrollment = plan_enrollment(new=new, actor=actor)
    _settle(offer, enrollment, at=at, actor=actor)
    return offer


def _settle(offer: Offer, enrollment: Enrollment, *, at: datetime, actor: Actor) -> None:
    entry = offer.entry
    offer.outcome, offer.enrollment, offer.ended_at = OfferOutcome.ACCEPTED.value, enrollment, at
    offer.save_changes("outcome", "enrollment", "ended_at", at=at)
    entry.enrollment = enrollment
    entry.save_changes("enrollment", at=at)
    stop_asking_for_answer(offer, at=at, actor=actor)
    stop_asking_to_confirm(entry, outcome="placed", at=at, actor=actor)
    if offer.bed_id is not None:
        for use in BedUse.objects.filter(bed_id=offer.bed_id, reason=HoldReason.OFFERED).lasting().lock_all():
            use.reason = HoldReason.ARRIVAL
            use.save_changes("reason", at=at)


@transaction.atomic
def decline_offer(*, offer_id: UUID, reason: DeclineReason, actor: Actor) -> Offer:
    """Do not take an offered place: it goes to the next in line at once, and the client goes on waiting.

    They keep their place in line unless they turned down as many as the program's organization lets go by
    (`waitlist_kept_declines_count`); then they go to the end. Raises NotVisible, NotPermitted, Conflict `offer_gone`.
    """
    seen = Offer.objects.visible_to(actor).select_related("entry").fetch(offer_id)
    require_role(actor, CASE_MANAGER_AND_UP)
    offer = lock_offer(seen)
    require_party(offer.entry.episode, offer.program, actor=actor)
    at = clock.now()
    _require_open(offer, at=at)
    end_offer(offer, OfferOutcome.DECLINED.value, reason=reason.value, passes_on=False, at=at, actor=actor)
    turn_down(offer, "decline", {"decline_reason": reason.value}, at=at, actor=actor)
    pass_on(offer, at=at, actor=KEEPER)
    return offer


def turn_down(offer: Offer, verb: str, given: dict[str, str], *, at: datetime, actor: Actor) -> None:
    """Let the client of an ended offer wait on: in place, or at the end after too many turned down. Inner."""
    entry = offer.entry
    entry.turned_down += 1
    to_the_end = entry.turned_down > policy_of(offer.program.organization_id).waitlist_kept_declines_count
    if to_the_end:
        entry.turned_down, entry.in_line_since = 0, at
    told = {"offer": str(offer.id), "to_the_end": to_the_end, **given}
    write_step(entry, verb, given=told, at=at, actor=actor, saved=("turned_down", "in_line_since"))


@transaction.atomic
def withdraw_offer(*, offer_id: UUID, reason: WithdrawReason, actor: Actor) -> Offer:
    """Take an offer of the actor's own program back, whoever it was made to; the place is free again.

    The client keeps their place in line. Who offered takes it back also from somebody they may not see. Raises
    NotVisible, NotPermitted, Conflict `offer_gone`.
    """
    with acting_as(KEEPER):
        seen = Offer.objects.select_related("entry", "program").filter(pk=offer_id).first()
    own = seen is not None and (actor.is_system or seen.program.organization_id == actor.organization_id)
    if seen is None or not own:
        Offer.objects.visible_to(actor).fetch(offer_id)
        raise NotPermitted("The organization that runs the program takes its offers back.")
    if not actor.has_role(*CASE_MANAGER_AND_UP):
        Offer.objects.visible_to(actor).fetch(offer_id)
        raise NotPermitted(who=sorted(CASE_MANAGER_AND_UP))
    with acting_as(KEEPER):
        offer, at = lock_offer(seen), clock.now()
        _require_open(offer, at=at)
        end_offer(offer, OfferOutcome.WITHDRAWN.value, reason=reason.value, passes_on=False, at=at, actor=actor)
        given = {"offer": str(offer.id), "withdraw_reason": reason.value}
        write_step(offer.entry, "withdraw", given=given, at=at, actor=actor)
        if offer.bed is not None:
            end_offered_hold(offer.bed, at=at)
        give_back_place(offer.program_id)
    return offer


def lock_offer(seen: Offer) -> Offer:
    """Return an offer locked after its program and its entry, all of them loaded. Inner; the caller judged who."""
    program = Program.objects.select_related("organization").lock(seen.program_id)
    entry: WaitlistEntry = WaitlistEntry.objects.select_related("episode").lock(seen.entry_id)
    offer: Offer = Offer.objects.select_related("bed").lock(seen.id)
    entry.program = offer.program = program
    offer.entry = entry
    return offer


def _require_open(offer: Offer, *, at: datetime) -> None:
    if not offer.is_open or offer.expires_at <= at:
        raise Conflict("This offer waits for no answer any longer.", code="offer_gone", outcome=offer.outcome)

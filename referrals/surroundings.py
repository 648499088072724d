"""What surrounds a referral for both sides: the question, the clocks, what was told later, how the loop stands."""

from __future__ import annotations

from dataclasses import dataclass

from casemgmt.kernel.actor import Actor
from casemgmt.kernel.wall import acting_as

from .models import Referral, ReferralClock, ReferralConfirmation, ReferralMove, ReferralSupplement
from .placing import place_of
from .standing import Side
from .words import OPEN, Party, ReferralStage

READER = Actor.system("referral-reader")


@dataclass(frozen=True, slots=True)
class Loop:
    """How each side sees the end of a referral (F3); None: it has not said.

    `state`: `open` until it ends; `claimed` once one side closed it, `closed` when both agree, `disputed` when one does
    not; `ended` when it ended otherwise, which needs nobody's word.
    """

    state: str
    sender_agrees: bool | None = None
    receiver_agrees: bool | None = None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """All of it, read at once."""

    question: str
    clocks: list[ReferralClock]
    supplements: list[ReferralSupplement]
    loop: Loop
    place: str


def around(referral: Referral, *, side: Side) -> Surroundings:
    """Return what surrounds a referral for a side that may see it. Five queries."""
    supplements = ReferralSupplement.objects.filter(referral=referral).order_by("seq")
    with acting_as(READER):  # the receiver does not see the consents that what it reads relies on
        told = list(supplements.still_covered(referral.receiver_id) if side is Side.RECEIVER else supplements)
    asked = ReferralMove.objects.filter(referral=referral, verb="request_info").order_by("-seq").first()
    return Surroundings(
        question=str(asked.given.get("question", "")) if asked else "",
        clocks=list(ReferralClock.objects.filter(referral=referral).order_by("id")),
        supplements=told,
        loop=loop_of(referral),
        place=place_of(referral),
    )


def loop_of(referral: Referral) -> Loop:
    """Return how the loop stands. One query, none while it is open."""
    if referral.stage in OPEN:
        return Loop("open")
    if referral.stage != ReferralStage.COMPLETED:
        return Loop("ended")
    said = dict.fromkeys((Party.SENDER.value, Party.RECEIVER.value), None) | {referral.ended_by: True}
    rows = ReferralConfirmation.objects.filter(referral=referral).order_by("side", "-seq").distinct("side")
    said |= {row.side: row.agrees for row in rows}
    told = list(said.values())
    state = "disputed" if False in told else "closed" if None not in told else "claimed"
    return Loop(state, said[Party.SENDER.value], said[Party.RECEIVER.value])

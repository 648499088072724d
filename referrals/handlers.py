"""What referrals do when the ground they stand on falls away. Rows only, in the transaction of the fact (`now`)."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from casemgmt.accounts.roles import CASE_MANAGER_AND_UP
from casemgmt.episodes.stages import TERMINAL
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor, ActorKind
from casemgmt.kernel.events import Event

from .consequences import ReferralOrder, stop_showing
from .models import Referral
from .standing import ReferralFacts, Side
from .steps import write_step
from .words import OPEN, UNANSWERED, ReferralStage, StopReason

# Nobody decides here: the machine acts for the sender. Who made the fact stands in the fact's own audit row.
STOPPER = Actor(ActorKind.SYSTEM, roles=CASE_MANAGER_AND_UP, name="referral-ground")


def stop_relying(event: Event, *, actor: Actor) -> None:
    """Stop what relied on a consent that was taken back (REF-02). `now` route of `consent.revoked`.

    Unanswered referrals are cancelled. An accepted one goes on as the client wishes, but its packet is shown no longer;
    the same holds for one that ended and was still to be seen. `recipient_id` in the payload names the only recipient
    concerned, None all of them.
    """
    rows = Referral.objects.filter(consent_id=event.subject_id, stage__in=[*OPEN, ReferralStage.COMPLETED])
    recipient = event.payload.get("recipient_id")
    if recipient:
        rows = rows.filter(receiver_id=UUID(str(recipient)))
    at = clock.now()
    for referral in rows.lock_all():
        if referral.stage in UNANSWERED:
            _stop([referral], StopReason.CONSENT_ENDED)
        else:
            stop_showing(referral, at=at, actor=STOPPER)


def close_for_death(event: Event, *, actor: Actor) -> None:
    """Close every open referral of a client who died, from and to whichever organization (T17). `client.died`."""
    _stop(Referral.objects.filter(client_id=event.subject_id, stage__in=OPEN).lock_all(), StopReason.CLIENT_DECEASED)


def close_with_episode(event: Event, *, actor: Actor) -> None:
    """Close what an ended episode still asked for; what was accepted goes on. `now` route of `episode.*`."""
    if event.payload.get("to") not in TERMINAL:
        return
    waiting = [ReferralStage.DRAFT, *UNANSWERED]
    rows = Referral.objects.filter(episode_id=event.subject_id, stage__in=waiting)
    _stop(rows.lock_all(), StopReason.EPISODE_ENDED)


def _stop(rows: Iterable[Referral], reason: StopReason) -> None:
    at = clock.now()
    order = ReferralOrder("stop", {"stop_reason": reason.value})
    for referral in rows:
        write_step(referral, order, facts=ReferralFacts(Side.GROUND), at=at, actor=STOPPER)

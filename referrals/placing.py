"""What an acceptance does to the places of a program: it keeps one, until an enrollment takes it over (§9). Inner."""

from __future__ import annotations

from datetime import datetime

from casemgmt.accounts.roles import Role
from casemgmt.audit.record import record
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import NotPermitted
from casemgmt.places.models import Offer
from programs.models import PlaceHold
from programs.services.holds import give_back_hold, keep_place

from .models import Referral
from .words import TAKEN


def keep(referral: Referral, *, over_capacity_reason: str, actor: Actor) -> None:
    """Keep a place of the program for the client who is being accepted.

    None is kept where the client holds one already, by an enrollment or by an offer of the waitlist; and none of an
    organization that is not on the system, which counts its places itself. Raises NotPermitted (only a supervisor
    accepts beyond the capacity, G6), Conflict `capacity_full`.
    """
    if over_capacity_reason and not actor.has_role(Role.SUPERVISOR):
        sentence = "A supervisor of the program's organization takes somebody beyond its capacity (G6)."
        raise NotPermitted(sentence, who=[Role.SUPERVISOR.value])
    theirs = {"client_id": referral.client_id, "program_id": referral.program_id}
    if not referral.receiver.joined or Offer.objects.open().filter(**theirs).exists():
        return
    hold = keep_place(**theirs, source_id=referral.id, over_capacity_reason=over_capacity_reason)
    if hold is not None:
        action = "place.kept_over_capacity" if hold.over_capacity else "place.kept"
        whom = [referral.client_id]
        record(action, actor=actor, object_type="program", object_id=referral.program_id, client_ids=whom)


def let_go(referral: Referral, *, source: str, at: datetime, actor: Actor) -> None:
    """Give the kept place back when a step led out of the stages in which the client is taken (aware UTC)."""
    if source in TAKEN and referral.stage not in TAKEN and give_back_hold(source_id=referral.id, at=at):
        whom = [referral.client_id]
        record("place.given_back", actor=actor, object_type="program", object_id=referral.program_id, client_ids=whom)


def place_of(referral: Referral) -> str:
    """Return `kept`, `over_capacity` or `none`: which place is kept for the client of a referral."""
    if referral.stage not in TAKEN:
        return "none"
    hold = PlaceHold.objects.lasting().filter(source_id=referral.id).first()
    if hold is None:
        return "none"
    return "over_capacity" if hold.over_capacity else "kept"

"""What a decline means for the sender: nothing, a pause, another look, or asking somebody else (F3).

What ships holds until an organization sets its own for a reason and a party.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from casemgmt.accounts.roles import Role
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Invalid, NotPermitted
from casemgmt.kernel.events import Event, Scalar
from casemgmt.kernel.events import topic as register_topic
from casemgmt.kernel.request import request_id
from casemgmt.outbox.emit import emit

from .models import DeclineRule
from .words import Consequence, DeclineReason, Party

SET = register_topic("decline_rule.set")
MOST_PARK_DAYS = 365
PARTIES = (Party.CLIENT.value, Party.RECEIVER.value)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What follows from a decline; `park_days` calendar days for which the program is not asked again."""

    decline_reason: str
    declined_by: str
    consequence: str
    park_days: int = 0


SHIPPED: Mapping[str, tuple[str, int]] = {
    DeclineReason.NO_CAPACITY.value: (Consequence.REROUTE.value, 0),
    DeclineReason.NOT_ELIGIBLE.value: (Consequence.REASSESS.value, 0),
    DeclineReason.PAYER.value: (Consequence.REROUTE.value, 0),
    DeclineReason.CLIENT_DECLINED.value: (Consequence.NONE.value, 0),
    DeclineReason.OTHER.value: (Consequence.REROUTE.value, 0),
}


def meanings_of(organization_id: UUID) -> list[Meaning]:
    """Return what follows from each reason and party at an organization, as it stands now. One query."""
    told = {
        (row.decline_reason, row.declined_by): Meaning(
            row.decline_reason, row.declined_by, row.consequence, row.park_days
        )
        for row in DeclineRule.objects.in_force(organization_id)
    }
    return [
        told.get((reason, party)) or _shipped(reason, party) for reason in DeclineReason.values for party in PARTIES
    ]


def meaning_of(organization_id: UUID, *, reason: str, party: str) -> Meaning:
    """Return what follows from one decline at the sender."""
    found = (
        each for each in meanings_of(organization_id) if (each.decline_reason, each.declined_by) == (reason, party)
    )
    return next(found)


def _shipped(reason: str, party: str) -> Meaning:
    """A client who says no is not sent elsewhere unasked."""
    consequence, days = SHIPPED[reason] if party == Party.RECEIVER else (Consequence.NONE.value, 0)
    return Meaning(reason, party, consequence, days)


@transaction.atomic
def set_meaning(*, meaning: Meaning, reason: str, actor: Actor) -> DeclineRule:
    """Set what follows at the actor's organization from now on.

    Raises NotPermitted (a supervisor sets it), Invalid (`park_days`).
    """
    if actor.organization_id is None or actor.id is None or not actor.has_role(Role.SUPERVISOR):
        raise NotPermitted(who=[Role.SUPERVISOR.value])
    parks = meaning.consequence == Consequence.PARK
    if parks is not (1 <= meaning.park_days <= MOST_PARK_DAYS):
        sentence = f"From 1 to {MOST_PARK_DAYS} when parked, else 0."
        raise Invalid(fields={"park_days": [sentence]})
    row = DeclineRule.objects.create(
        organization_id=actor.organization_id,
        decline_reason=meaning.decline_reason,
        declined_by=meaning.declined_by,
        consequence=meaning.consequence,
        park_days=meaning.park_days,
        reason=reason,
        set_by_id=actor.id,
        request_id=request_id.get(),
    )
    payload: dict[str, Scalar] = {"decline_reason": row.decline_reason, "consequence": row.consequence}
    emit(Event(SET, actor.organization_id, None, actor.organization_id, payload), actor=actor)
    return row

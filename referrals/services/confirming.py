"""Saying whether one agrees how a loop was closed (F3: two-sided truth). A door."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from casemgmt.accounts.roles import CASE_MANAGER_AND_UP, RECEIVES_REFERRALS
from casemgmt.calendars.services import calendar_of
from casemgmt.clients.services import require_role
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Conflict, Invalid
from casemgmt.kernel.events import Event
from casemgmt.kernel.events import topic as register_topic
from casemgmt.kernel.request import request_id
from casemgmt.kernel.wall import acting_as
from casemgmt.outbox.emit import emit
from casemgmt.policies.services import policy_of
from casemgmt.worklist.models import ItemKind
from casemgmt.worklist.services import close_items
from referrals import telling
from referrals.models import Referral, ReferralConfirmation
from referrals.standing import Side, side_of
from referrals.steps import event_of
from referrals.words import ReferralStage

from .moving import HOUSE

CONFIRMED = register_topic("referral.confirmed")
DISPUTED = register_topic("referral.disputed")
WHO = {Side.SENDER: CASE_MANAGER_AND_UP, Side.RECEIVER: RECEIVES_REFERRALS}


@transaction.atomic
def confirm_end(*, referral_id: UUID, agrees: bool, outcome: str, reason: str, actor: Actor) -> ReferralConfirmation:
    """Say for one's side whether the loop closed as the other side says; the last word of a side holds.

    Raises NotVisible, NotPermitted, Conflict `referral_not_completed`, Invalid (`reason`: who disagrees says why).
    """
    referral: Referral = Referral.objects.visible_to(actor).lock(referral_id)
    side = side_of(referral, actor)
    require_role(actor, WHO[side])
    if referral.stage != ReferralStage.COMPLETED:
        raise Conflict("The loop is not closed yet.", code="referral_not_completed")
    if not agrees and not reason:
        raise Invalid(fields={"reason": ["Say why you disagree."]})
    row = ReferralConfirmation.objects.create(
        referral=referral,
        side=side.value,
        agrees=agrees,
        outcome=outcome,
        reason=reason,
        actor_id=actor.id,
        request_id=request_id.get(),
    )
    with acting_as(HOUSE):  # a dispute is work for the other organization
        _tell(referral, row, side, actor=actor)
    told = event_of(CONFIRMED if agrees else DISPUTED, referral)
    payload = {**told.payload, "side": side.value}
    emit(Event(told.topic, told.subject_id, told.client_id, told.organization_id, payload), actor=actor)
    return row


def _tell(referral: Referral, row: ReferralConfirmation, side: Side, *, actor: Actor) -> None:
    at = clock.now()
    kinds = [ItemKind.REFERRAL_DISPUTED] + ([ItemKind.REFERRAL_SUMMARY] if side is Side.SENDER else [])
    close_items(source_id=referral.id, kinds=tuple(kinds), outcome="confirmed", at=at, actor=actor)
    if row.agrees:
        return
    other = Side.RECEIVER if side is Side.SENDER else Side.SENDER
    calendar, policy = calendar_of(referral.receiver_id), policy_of(referral.organization_id)
    telling.ask(referral, telling.DISPUTED[other], at=at, calendar=calendar, policy=policy, actor=actor)

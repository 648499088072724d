"""Looking at an opt-out that was read out of free wording: it stands, or the client says that it was none (SMS-21)."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from casemgmt.accounts.roles import CASE_MANAGER_AND_UP
from casemgmt.clients.services import require_role
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Conflict, Invalid, Refused
from casemgmt.worklist.models import ItemKind
from casemgmt.worklist.services import close_items
from notifications.models import (
    CaptureChannel,
    ConsentEvent,
    InboundText,
    TextingConsent,
    TextingConsentEvent,
    TextingState,
)
from notifications.models.texting_consent import CONFIRMED_BY_CLIENT
from notifications.querysets import wait_for_senders

from .texting_consent import Said, write_event

REVIEWS = (ConsentEvent.REVIEW_UPHELD, ConsentEvent.REVIEW_LIFTED)


@transaction.atomic
def review_opt_out(
    *, consent_id: UUID, decision: ConsentEvent, channel: str, evidence: str, actor: Actor
) -> TextingConsentEvent:
    """Decide on an inferred opt-out, which holds until somebody does (SMS-21).

    It is lifted only with the client's confirmation: `channel` says how they gave it. What the client said before it
    comes back, no more. Raises NotVisible, NotPermitted, Invalid (`channel`), Conflict `opt_out_not_inferred`, Refused
    `sms_was_not_opted_in`.
    """
    seen = TextingConsent.objects.visible_to(actor).fetch(consent_id)
    require_role(actor, CASE_MANAGER_AND_UP)
    wait_for_senders()
    (consent,) = TextingConsent.objects.all().hold_all([seen.contact_point_id])
    last, *before = consent.events.order_by("-seq")[:2]
    if last.event != ConsentEvent.OPT_OUT or not last.inferred:
        raise Conflict("Nothing here waits to be reviewed.", code="opt_out_not_inferred")
    if decision == ConsentEvent.REVIEW_LIFTED:
        if channel not in CONFIRMED_BY_CLIENT:
            raise Invalid(fields={"channel": ["Say how the client confirmed that texts may go on."]})
        if not before or before[0].state_after != TextingState.OPTED_IN:
            raise Refused("The client had not agreed to texts before.", code="sms_was_not_opted_in")
    # an opt-out that stands keeps the way it was said: who stopped by text starts by text
    by = CaptureChannel(channel if decision == ConsentEvent.REVIEW_LIFTED else last.channel)
    at = clock.now()
    event = write_event(consent, said=Said(decision, by, evidence=evidence), at=at, actor=actor)
    _close_review(last, actor=actor)
    return event


def _close_review(reviewed: TextingConsentEvent, *, actor: Actor) -> None:
    """Take the text off the worklist once nobody who has its number waits for a review."""
    assert reviewed.receipt_id is not None, "only a text is inferred from"
    same = TextingConsentEvent.objects.filter(receipt_id=reviewed.receipt_id, inferred=True).exclude(pk=reviewed.pk)
    if any(other.consent.events.latest("seq") == other for other in same.select_related("consent")):
        return
    for text in InboundText.objects.filter(receipt_id=reviewed.receipt_id):
        kinds = (ItemKind.REPLY_UNPARSED,)
        close_items(source_id=text.id, kinds=kinds, outcome="reviewed", at=clock.now(), actor=actor)

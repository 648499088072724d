"""Consents that last until something happens end when it does. Rows only, in the transaction of the fact (`now`)."""

from __future__ import annotations

from uuid import UUID

from casemgmt.access.services import limit_grants
from casemgmt.care_team.words import ENDED
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.events import Event

from .models import Consent, Disclosure
from .querysets import ConsentQuerySet
from .words import ExpiryEvent


def end_with_episode(event: Event, *, actor: Actor) -> None:
    """End what was to last until the episode with the discloser ends (P2-16). `now` route of `episode.*`.

    The payload names the stages in `from` and `to`. A correction that reopens an episode brings no consent back: the
    client is asked again.
    """
    target, origin = event.payload.get("to"), event.payload.get("from")
    if target not in ENDED or origin in ENDED:
        return
    assert event.client_id is not None, "an episode is somebody's"
    assert event.organization_id is not None, "an episode is somewhere"
    here = Consent.objects.filter(client_id=event.client_id, organization_id=event.organization_id)
    _end(here.filter(expires_event=ExpiryEvent.END_OF_EPISODE), actor=actor)


def end_with_program(event: Event, *, actor: Actor) -> None:
    """End what was to last until the client leaves a program (P2-16). `now` route of `enrollment.ended`."""
    if event.client_id is None:
        return
    program = UUID(str(event.payload["program_id"]))
    meant = Consent.objects.filter(client_id=event.client_id, expires_program_id=program)
    _end(meant.filter(expires_event=ExpiryEvent.END_OF_PROGRAM), actor=actor)


def _end(consents: ConsentQuerySet, *, actor: Actor) -> None:
    """Let consents expire now and close the packets that were sent under them; the sweep tells who relied on them."""
    at = clock.now()
    rows = consents.in_force().filter(expires_at__isnull=True).lock_in_order()
    for consent in rows:
        consent.expires_at = at
        consent.save_changes("expires_at", at=at)
        sent = Disclosure.objects.filter(consent=consent, referral_id__isnull=False).order_by("referral_id")
        for referral_id in sent.values_list("referral_id", flat=True).distinct():
            limit_grants(source_id=referral_id, until=at, actor=actor)

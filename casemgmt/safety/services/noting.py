"""Notes on an alert, and attempts to reach the client. Written once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from casemgmt.clients.services import require_role
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Invalid, NotPermitted
from casemgmt.kernel.events import topic as register_topic
from casemgmt.outbox.emit import emit
from casemgmt.safety.models import AlertNote, RiskAlert
from casemgmt.safety.words import RAISES, AttemptOutcome, NoteKind, Purpose

from .paging import close_pages
from .raising import event_of

NOTED = register_topic("alert.noted")


@dataclass(frozen=True, slots=True)
class NewNote:
    """A note, or an attempt to reach the client with its channel and outcome. `happened_at` aware UTC, None: now."""

    kind: str
    text: str = ""
    channel: str = ""
    outcome: str = ""
    happened_at: datetime | None = None


@transaction.atomic
def write_note(*, alert_id: UUID, new: NewNote, actor: Actor) -> AlertNote:
    """Note something on an alert; reaching the client is the human contact that SMS-62 waits for.

    Anybody of the team who sees the alert may note, peers too (SMS-65). Raises NotVisible, NotPermitted, Invalid.
    """
    alert: RiskAlert = RiskAlert.objects.visible_to(actor).lock(alert_id)
    require_role(actor, RAISES)
    if actor.id is None:
        raise NotPermitted("People note; machines leave audit rows.")
    at = clock.now()
    happened_at = new.happened_at or at
    _check(new, happened_at=happened_at, since=alert.raised_at, at=at)
    note = AlertNote.objects.create(
        alert=alert,
        kind=new.kind,
        text=new.text.strip(),
        channel=new.channel,
        outcome=new.outcome,
        happened_at=happened_at,
        written_at=at,
        written_by_id=actor.id,
    )
    if new.outcome == AttemptOutcome.REACHED and happened_at >= alert.ladder_from:  # before it worsened: no answer
        alert.contact_due_at = None
        alert.save_changes("contact_due_at", at=at)
        close_pages(alert.pages.filter(purpose=Purpose.DECIDE), outcome="reached", at=at, actor=actor)
    emit(event_of(NOTED, alert), actor=actor)
    return note


def _check(new: NewNote, *, happened_at: datetime, since: datetime, at: datetime) -> None:
    fields: dict[str, list[str]] = {}
    if new.kind == NoteKind.CONTACT_ATTEMPT:
        fields |= {name: ["An attempt tells it."] for name in ("channel", "outcome") if not getattr(new, name)}
        if not since <= happened_at:
            fields["happened_at"] = ["Not before the alert was raised."]
    else:
        fields |= {name: ["Only an attempt tells it."] for name in ("channel", "outcome") if getattr(new, name)}
        if not new.text.strip():
            fields["text"] = ["A note says something."]
    if happened_at > at:
        fields["happened_at"] = ["Not in the future."]
    if fields:
        raise Invalid(fields=fields)

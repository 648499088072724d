"""Doors to attempts to reach a client (G12). Outreach after the end of an episode is recorded there too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from casemgmt.chart.models import ContactAttempt
from casemgmt.chart.words import TRIES_CONTACT
from casemgmt.clients.services import require_own
from casemgmt.episodes.models import Episode
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.events import topic as register_topic

from . import entries

RECORDED = register_topic("contact_attempt.recorded")
AMENDED = register_topic("contact_attempt.amended")


@dataclass(frozen=True, slots=True)
class NewContact:
    """How somebody tried to reach a client and whether it worked. `at` is aware UTC; None: now, or as it was."""

    channel: str
    reached: bool
    note: str = ""
    at: datetime | None = None


@transaction.atomic
def record_contact(*, episode_id: UUID, new: NewContact, actor: Actor) -> ContactAttempt:
    """Record an attempt to reach the client of an episode. Raises NotVisible, NotPermitted, Invalid."""
    episode: Episode = Episode.objects.visible_to(actor).fetch(episode_id)
    require_own(actor, episode.organization_id)
    entries.require_writer(actor, TRIES_CONTACT)
    now = clock.now()
    row = entries.begin(_row(new, tried_at=new.at or now, now=now), episode=episode, at=now, actor=actor)
    entries.tell(RECORDED, row, actor=actor, channel=row.channel, reached=row.reached)
    return row


@transaction.atomic
def amend_contact(*, contact_id: UUID, new: NewContact, reason: str, actor: Actor) -> ContactAttempt:
    """Correct an attempt by a new row. Raises NotVisible, NotPermitted, Invalid, Conflict `already_amended`."""
    old = _own(contact_id, actor=actor)
    now = clock.now()
    row = _row(new, tried_at=new.at or old.at, now=now)
    entries.amend(old, row, reason=reason, at=now, actor=actor)
    entries.tell(AMENDED, row, actor=actor, channel=row.channel, reached=row.reached)
    return row


@transaction.atomic
def withdraw_contact(*, contact_id: UUID, reason: str, actor: Actor) -> ContactAttempt:
    """Take out of force an attempt that was entered in error.

    Raises NotVisible, NotPermitted, Invalid, Conflict (`already_amended`, `already_withdrawn`).
    """
    row = entries.withdraw(_own(contact_id, actor=actor), reason=reason, at=clock.now(), actor=actor)
    entries.tell(AMENDED, row, actor=actor)
    return row


def _own(contact_id: UUID, *, actor: Actor) -> ContactAttempt:
    found: ContactAttempt = ContactAttempt.objects.visible_to(actor).fetch(contact_id)
    entries.require_writer(actor, TRIES_CONTACT)
    entries.require_author(found, actor=actor)
    return found


def _row(new: NewContact, *, tried_at: datetime, now: datetime) -> ContactAttempt:
    entries.require_past(tried_at, at=now, field="at")
    return ContactAttempt(at=tried_at, channel=new.channel, reached=new.reached, note=new.note.strip())

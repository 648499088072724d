"""Doors to returns to use (CLN-30): recording one, amending it. None of them moves or ends an episode."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from casemgmt.accounts.roles import Role
from casemgmt.chart.models import ReturnToUse
from casemgmt.chart.schedule import local_day, review_due
from casemgmt.chart.words import REPORTS_USE, SIGNS
from casemgmt.episodes.models import Episode
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Invalid
from casemgmt.kernel.events import topic as register_topic
from casemgmt.kernel.transactions import require_atomic
from casemgmt.policies.services import policy_of
from casemgmt.worklist.models import ItemKind, Priority, WorkItem
from casemgmt.worklist.services import NewItem, close_items, open_item

from . import entries
from .stays import zone_of

RECORDED = register_topic("return_to_use.recorded")
AMENDED = register_topic("return_to_use.amended")
REVIEW = (ItemKind.RETURN_TO_USE_REVIEW,)


@dataclass(frozen=True, slots=True)
class NewReturn:
    """What the team learned. `learned_on` is a local day of the organization; `injecting` None is not known.

    Whether naloxone was offered and the safety plan looked at is always said, yes or no (CLN-30).
    """

    learned_on: date
    source: str
    overdose: bool
    still_using: str
    naloxone_offered: bool
    safety_plan_checked: bool
    substance_class: str = ""
    injecting: bool | None = None
    client_wishes: str = ""


@transaction.atomic
def record_return(*, episode_id: UUID, new: NewReturn, actor: Actor) -> ReturnToUse:
    """Record that a client used again; a clinician's review falls due, the same day for an overdose or injecting.

    Raises NotVisible, NotPermitted, Refused (`episode_ended`, `client_deceased`), Invalid.
    """
    episode = entries.lock_own_episode(episode_id, actor=actor)
    entries.require_writer(actor, REPORTS_USE)
    entries.require_open(episode)
    at = clock.now()
    row = entries.begin(_row(new, episode=episode, at=at), episode=episode, at=at, actor=actor)
    ask_for_review(row, episode=episode, at=at, actor=actor)
    entries.tell(RECORDED, row, actor=actor, urgent=row.urgent)
    return row


@transaction.atomic
def amend_return(*, return_id: UUID, new: NewReturn, reason: str, actor: Actor) -> ReturnToUse:
    """Correct what was recorded by a new row. What turns out to be urgent is reviewed the same day, again if need be.

    Only a clinician lowers a danger (PEER-02). Raises NotVisible, NotPermitted, Invalid, Conflict `already_amended`.
    """
    old, episode = _own(return_id, actor=actor)
    at = clock.now()
    row = _row(new, episode=episode, at=at)
    if (old.overdose and not row.overdose) or (old.injecting is True and row.injecting is not True):
        entries.require_writer(actor, SIGNS)
    entries.amend(old, row, reason=reason, at=at, actor=actor)
    rose = row.urgent and not old.urgent
    if episode.is_open and not episode.client.deceased and (rose or old.withdrawn):
        ask_for_review(row, episode=episode, at=at, actor=actor)
    entries.tell(AMENDED, row, actor=actor, urgent=row.urgent)
    return row


@transaction.atomic
def withdraw_return(*, return_id: UUID, reason: str, actor: Actor) -> ReturnToUse:
    """Take out of force what was entered in error; nobody has to review it any longer. An urgent one, by clinicians.

    Raises NotVisible, NotPermitted, Invalid, Conflict (`already_amended`, `already_withdrawn`).
    """
    old, _ = _own(return_id, actor=actor)
    if old.urgent:
        entries.require_writer(actor, SIGNS)
    at = clock.now()
    row = entries.withdraw(old, reason=reason, at=at, actor=actor)
    close_items(source_id=row.line_id, kinds=REVIEW, outcome="withdrawn", at=at, actor=actor)
    entries.tell(AMENDED, row, actor=actor)
    return row


def ask_for_review(row: ReturnToUse, *, episode: Episode, at: datetime, actor: Actor) -> None:
    """Put the review on the clinicians' list, or bring it forward; a deadline that stands is never put off."""
    require_atomic()
    due_at = review_due(at, urgent=row.urgent, zone=zone_of(episode), policy=policy_of(episode.organization_id))
    waiting = WorkItem.objects.open().filter(kind__in=REVIEW, source_id=row.line_id)
    stands = waiting.values_list("due_at", flat=True).first()
    if stands is not None:
        close_items(source_id=row.line_id, kinds=REVIEW, outcome="brought_forward", at=at, actor=actor)
    new = NewItem(
        organization_id=row.organization_id,
        client_id=row.client_id,
        kind=ItemKind.RETURN_TO_USE_REVIEW,
        due_at=min(due_at, stands) if stands else due_at,
        source_type="return_to_use",
        source_id=row.line_id,
        priority=Priority.NOW if row.urgent else Priority.TODAY,
        role=Role.THERAPIST,
    )
    open_item(new, actor=actor)


def _own(return_id: UUID, *, actor: Actor) -> tuple[ReturnToUse, Episode]:
    found: ReturnToUse = ReturnToUse.objects.visible_to(actor).fetch(return_id)
    entries.require_writer(actor, REPORTS_USE)
    entries.require_author(found, actor=actor)
    return found, entries.lock_own_episode(found.episode_id, actor=actor)


def _row(new: NewReturn, *, episode: Episode, at: datetime) -> ReturnToUse:
    if new.learned_on > local_day(at, zone=zone_of(episode)):
        raise Invalid(fields={"learned_on": ["Not in the future."]})
    return ReturnToUse(
        learned_on=new.learned_on,
        source=new.source,
        substance_class=new.substance_class,
        overdose=new.overdose,
        injecting=new.injecting,
        still_using=new.still_using,
        client_wishes=new.client_wishes.strip(),
        naloxone_offered=new.naloxone_offered,
        safety_plan_checked=new.safety_plan_checked,
    )

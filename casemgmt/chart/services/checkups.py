"""Recovery check-ups: planned with aftercare, cancelled with its end, held by a person (CLN-20, CLN-22)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from casemgmt.accounts.roles import Role
from casemgmt.audit.record import record
from casemgmt.chart.models import Checkup, ContinuingCarePlan
from casemgmt.chart.querysets import CheckupQuerySet
from casemgmt.chart.schedule import checkup_days, end_of_day, local_day, window
from casemgmt.chart.words import CHECKS_UP, CheckupOutcome, CheckupStatus
from casemgmt.episodes.models import Episode
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Conflict, Refused
from casemgmt.kernel.events import Event, Scalar
from casemgmt.kernel.events import topic as register_topic
from casemgmt.kernel.transactions import require_atomic
from casemgmt.outbox.emit import emit
from casemgmt.policies.catalog import Policy
from casemgmt.policies.services import policy_of
from casemgmt.worklist.models import ItemKind, Priority
from casemgmt.worklist.services import NewItem, close_items, open_item

from . import entries
from .stays import lead_since, zone_of

HELD = register_topic("checkup.held")
DUE = (ItemKind.CHECKUP_DUE,)


@dataclass(frozen=True, slots=True)
class NewOutcome:
    """What a check-up showed. `held_at` is aware UTC; None: now. `version` is the caller's copy; None: no claim."""

    outcome: str
    note: str = ""
    held_at: datetime | None = None
    version: int | None = None


def plan_checkups(episode: Episode, *, at: datetime, actor: Actor) -> None:
    """Plan the check-ups of the aftercare that leads a locked episode; what is planned or held already stays (CLN-20).

    A check-up whose window has closed, because aftercare is recorded late, is not planned any more.
    """
    require_atomic()
    zone, policy = zone_of(episode), policy_of(episode.organization_id)
    started_on = local_day(lead_since(episode), zone=zone)
    plan = ContinuingCarePlan.objects.in_force().filter(episode=episode).first()
    wrong = Checkup.objects.filter(episode=episode).exclude(started_on=started_on)
    cancel_checkups(wrong, at=at, actor=actor)  # the beginning was corrected (T20)
    days = checkup_days(started_on, first_on=plan.first_checkup_on if plan else None, policy=policy)
    there = list(Checkup.objects.filter(episode=episode, started_on=started_on).exclude(status=CheckupStatus.CANCELLED))
    rows, number, today = [], max((row.number for row in there), default=0), local_day(at, zone=zone)
    for day in days:
        row = Checkup(client_id=episode.client_id, episode=episode, organization_id=episode.organization_id)
        _date(row, day, policy=policy)
        covered = any(row.window_opens_on <= each.due_on <= row.window_closes_on for each in there)
        if not covered and row.window_closes_on >= today:
            row.started_on, row.number = started_on, (number := number + 1)
            rows.append(row)
    if not rows:
        return
    Checkup.objects.bulk_create(rows)
    for row in rows:
        _ask(row, zone=zone, actor=actor)
    record(
        "checkup.planned",
        actor=actor,
        object_type="checkup",
        object_id=episode.pk,
        client_ids=[episode.client_id],
    )


def cancel_checkups(checkups: CheckupQuerySet, *, at: datetime, actor: Actor) -> None:
    """Cancel what is still planned of these check-ups, and take it off the worklist."""
    require_atomic()
    for row in checkups.planned().lock_all():
        row.status = CheckupStatus.CANCELLED
        row.save_changes("status", at=at)
        close_items(source_id=row.pk, kinds=DUE, outcome="cancelled", at=at, actor=actor)
        record("checkup.cancelled", actor=actor, object_type="checkup", object_id=row.pk, client_ids=[row.client_id])


def move_first_checkup(episode: Episode, *, to: date, at: datetime, actor: Actor) -> None:
    """Move the first check-up, while it is planned, to the day that the continuing-care plan now says (CLN-20).

    A quarter that it no longer covers gets its own.
    """
    require_atomic()
    for row in Checkup.objects.planned().filter(episode=episode, number=1).exclude(due_on=to).lock_all():
        _date(row, to, policy=policy_of(episode.organization_id))
        row.save_changes("due_on", "window_opens_on", "window_closes_on", at=at)
        close_items(source_id=row.pk, kinds=DUE, outcome="moved", at=at, actor=actor)
        _ask(row, zone=zone_of(episode), actor=actor)
        plan_checkups(episode, at=at, actor=actor)


@transaction.atomic
def record_checkup(*, checkup_id: UUID, new: NewOutcome, actor: Actor) -> Checkup:
    """Record what a check-up showed, from its window on; late is better than never.

    Who needs treatment is re-linked: a work item the same day, an appointment within the policy's days (CLN-22).
    Raises NotVisible, NotPermitted, StaleVersion, Invalid, Conflict (`already_held`, `checkup_cancelled`), Refused
    `checkup_too_early`.
    """
    visible = Checkup.objects.visible_to(actor)
    entries.lock_own_episode(visible.fetch(checkup_id).episode_id, actor=actor)  # first, as a move does
    row: Checkup = visible.lock(checkup_id)
    row.held_by_id = entries.require_writer(actor, CHECKS_UP)
    row.require_version(new.version)
    if row.status == CheckupStatus.DONE:
        raise Conflict("This check-up was held already.", code="already_held")
    if row.status == CheckupStatus.CANCELLED:
        raise Conflict("This check-up was cancelled when the client left aftercare.", code="checkup_cancelled")
    at, zone, policy = clock.now(), row.organization.timezone, policy_of(row.organization_id)
    entries.require_past(new.held_at, at=at, field="held_at")
    held_at = new.held_at or at
    if local_day(held_at, zone=zone) < row.window_opens_on:
        sentence = "It is too early for this check-up."
        raise Refused(sentence, code="checkup_too_early", opens_on=str(row.window_opens_on))
    row.status, row.outcome, row.note, row.held_at = CheckupStatus.DONE, new.outcome, new.note.strip(), held_at
    if new.outcome == CheckupOutcome.NEEDS_TREATMENT:
        today = local_day(at, zone=zone)
        row.appointment_by = today + timedelta(days=policy.relink_within_days)
        _relink(row, due_at=end_of_day(today, zone=zone), actor=actor)
    row.save_changes("status", "outcome", "note", "held_at", "held_by", "appointment_by", at=at)
    close_items(source_id=row.pk, kinds=DUE, outcome="settled", at=at, actor=actor)
    payload: dict[str, Scalar] = {"episode_id": str(row.episode_id), "number": row.number}
    emit(Event(HELD, row.pk, row.client_id, row.organization_id, payload), actor=actor)
    return row


def _date(row: Checkup, day: date, *, policy: Policy) -> None:
    row.due_on = day
    row.window_opens_on, row.window_closes_on = window(day, policy=policy)


def _relink(row: Checkup, *, due_at: datetime, actor: Actor) -> None:
    new = NewItem(
        organization_id=row.organization_id,
        client_id=row.client_id,
        kind=ItemKind.RELINK_DUE,
        due_at=due_at,
        source_type="checkup",
        source_id=row.pk,
        priority=Priority.TODAY,
    )
    open_item(new, actor=actor)


def _ask(row: Checkup, *, zone: str, actor: Actor) -> None:
    new = NewItem(
        organization_id=row.organization_id,
        client_id=row.client_id,
        kind=ItemKind.CHECKUP_DUE,
        due_at=end_of_day(row.due_on, zone=zone),
        source_type="checkup",
        source_id=row.pk,
        role=Role.CASE_MANAGER,
    )
    open_item(new, actor=actor)

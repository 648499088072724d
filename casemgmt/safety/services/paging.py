"""Asking people: a step of the ladder as rows and work items, and the sweep that climbs when nobody answers (F7).

Work items carry no personal data: their source is the page, and the page knows its alert. Somebody who is asked again
has one open item. Any acknowledgement stops the ladder; the supervisor is asked again and again until there is one.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import OperationalError, connection
from django.db.models import QuerySet

from casemgmt.access.services import open_to_asked
from casemgmt.accounts.models import Membership
from casemgmt.accounts.roles import Role
from casemgmt.audit.record import record
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.transactions import require_atomic
from casemgmt.kernel.wall import acting_as
from casemgmt.policies.catalog import Policy
from casemgmt.policies.services import policy_of
from casemgmt.safety import ladder
from casemgmt.safety.lifecycle import AlertStage
from casemgmt.safety.models import AlertPage, RiskAlert
from casemgmt.safety.words import GRAVE, Purpose, Severity
from casemgmt.worklist.models import ItemKind, Priority, WorkItem
from casemgmt.worklist.services import NewItem, close_items, open_item

from .people import Asked, find, only_peers

SWEEPER = Actor.system("alert-ladder")
PAGE, ALERT = "alert_page", "risk_alert"  # what a work item's source may be
KINDS = (ItemKind.RISK_ALERT, ItemKind.CRISIS_HANDOFF)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Page:
    """One asking to be written: of whom, for what, at which step, by when (aware UTC)."""

    asked: Asked
    deadline: datetime
    purpose: Purpose = Purpose.ACKNOWLEDGE
    kind: ItemKind = ItemKind.RISK_ALERT


def start_ladder(alert: RiskAlert, *, policy: Policy, at: datetime, actor: Actor) -> None:
    """Set an alert's clocks by its severity and ask the first step. Inner: the caller saves the alert (LADDER)."""
    require_atomic()
    alert.ladder_from = at
    alert.answer_by = ladder.answer_by(alert.severity, at=at, zone=alert.organization.timezone, policy=policy)
    alert.contact_due_at = None
    if alert.severity == Severity.CRITICAL:
        alert.contact_due_at = at + timedelta(minutes=policy.alert_contact_minutes)
    open_step(alert, step=0, policy=policy, at=at, actor=actor)
    if alert.severity in GRAVE and only_peers(client_id=alert.client_id, organization_id=alert.organization_id):
        page = Page(Asked(Role.SUPERVISOR), alert.next_page_at or at, purpose=Purpose.ASSIGN)
        write_page(alert, page, at=at, actor=actor)


# what `start_ladder` and `open_step` change in memory
LADDER = ("step", "ladder_from", "answer_by", "contact_due_at", "nobody_on_call", "next_page_at")


def open_step(alert: RiskAlert, *, step: int, policy: Policy, at: datetime, actor: Actor) -> None:
    """Ask whom a step finds, else the next step that finds somebody. Inner: the caller saves the alert (LADDER)."""
    handed_over = alert.named_id is not None
    steps = ladder.steps_of(alert.severity, handed_over=handed_over)
    last = len(steps) - 1
    step = min(step, last)
    while not (found := _people(alert, steps[step], at=at)) and step < last:
        step += 1
    span = alert.answer_by - alert.ladder_from
    wait = ladder.patience(alert.severity, step=step, span=span, handed_over=handed_over, policy=policy)
    alert.step, alert.next_page_at = step, at + wait
    named = ladder.Who.NAMED in steps[step]
    for asked in found:
        kind = ItemKind.CRISIS_HANDOFF if named else ItemKind.RISK_ALERT
        write_page(alert, Page(asked, alert.next_page_at, kind=kind), at=at, actor=actor)


def _people(alert: RiskAlert, step: tuple[ladder.Who, ...], *, at: datetime) -> list[Asked]:
    """Return whom a step asks, each once; an empty rota behind two of them asks the supervisors once."""
    return list(dict.fromkeys(asked for who in step for asked in find(alert, who, at=at)))


def write_page(alert: RiskAlert, page: Page, *, at: datetime, actor: Actor) -> None:
    """Write that somebody is asked, and put it on the worklist in place of the item of an earlier asking."""
    require_atomic()
    asked = page.asked
    whom = {"user_id": asked.user_id} if asked.user_id else {"user_id__isnull": True}
    before = alert.pages.filter(role=asked.role, purpose=page.purpose, **whom)
    close_pages(before, outcome="asked_again", at=at, actor=actor)
    row = AlertPage.objects.create(
        alert=alert,
        step=alert.step,
        purpose=page.purpose,
        role=asked.role,
        user_id=asked.user_id,
        nobody_on_call=asked.nobody_on_call,
        paged_at=at,
        deadline=page.deadline,
    )
    alert.nobody_on_call = alert.nobody_on_call or asked.nobody_on_call
    _let_see(alert, asked, actor=actor)
    item = NewItem(
        organization_id=alert.organization_id,
        client_id=alert.client_id,
        kind=page.kind,
        due_at=page.deadline,
        source_type=PAGE,
        source_id=row.id,
        priority=priority_of(alert.severity),
        role=asked.role,
        assignee_id=asked.user_id,
    )
    open_item(item, actor=actor)


def _let_see(alert: RiskAlert, asked: Asked, *, actor: Actor) -> None:
    """Who is asked must be able to look, also where only the team sees the client; until the alert is closed."""
    if alert.client_id is None:
        return
    held = Membership.objects.filter(
        organization_id=alert.organization_id, role=asked.role, ended_at__isnull=True, user__is_active=True
    )
    whom = [asked.user_id] if asked.user_id else list(held.values_list("user_id", flat=True))
    open_to_asked(
        client_id=alert.client_id,
        organization_id=alert.organization_id,
        user_ids=whom,
        source_id=alert.id,
        actor=actor,
    )


def priority_of(severity: str) -> Priority:
    """Return how urgent the work of an alert is."""
    if severity in GRAVE:
        return Priority.NOW
    return Priority.TODAY if severity == Severity.MODERATE else Priority.NORMAL


def close_pages(pages: QuerySet[AlertPage], *, outcome: str, at: datetime, actor: Actor) -> None:
    """Take the open work items of these pages off the worklist."""
    require_atomic()
    waiting = WorkItem.objects.open().filter(kind__in=KINDS, source_id__in=pages.values("pk"))
    for source_id in list(waiting.values_list("source_id", flat=True)):
        close_items(source_id=source_id, kinds=KINDS, outcome=outcome, at=at, actor=actor)


def escalate(*, limit: int = 200, keep_on: Callable[[], bool] = lambda: True) -> int:
    """Climb every ladder on which nobody answered in time, and call for a decision where nobody reached the client.

    Returns how many alerts that were. Safe in any number of copies; one that cannot be worked on does not hold up the
    others (F20).
    """
    done = 0
    for alert_id in _due(limit):
        if not keep_on():
            break
        try:
            done += _climb(alert_id)
        except Exception as error:
            if isinstance(error, OperationalError) and not connection.is_usable():
                raise
            log.error("the ladder of alert %s broke with %s", alert_id, type(error).__name__)
    return done


@acting_as(SWEEPER)
def _due(limit: int) -> list[UUID]:
    return list(RiskAlert.objects.due().values_list("pk", flat=True)[:limit])


@acting_as(SWEEPER)
def _climb(alert_id: UUID) -> int:
    alert: RiskAlert | None = RiskAlert.objects.claim_due(alert_id)
    if alert is None:
        return 0
    at = clock.now()
    policy = policy_of(alert.organization_id)
    if alert.contact_due_at is not None and alert.contact_due_at <= at:
        alert.contact_due_at = None
        _call_for_decision(alert, policy=policy, at=at)
    if alert.stage == AlertStage.OPEN and alert.next_page_at is not None and alert.next_page_at <= at:
        open_step(alert, step=alert.step + 1, policy=policy, at=at, actor=SWEEPER)
    alert.save_changes(*LADDER, at=at)
    clients = [alert.client_id] if alert.client_id else []
    record("alert.escalated", actor=SWEEPER, object_type="alert", object_id=alert.id, client_ids=clients)
    return 1


def _call_for_decision(alert: RiskAlert, *, policy: Policy, at: datetime) -> None:
    """Put the decision before a supervisor: call again, emergency contact, mobile crisis, 911 (SMS-62)."""
    deadline = at + timedelta(minutes=policy.alert_acknowledge_minutes)
    for asked in find(alert, ladder.Who.SUPERVISOR, at=at):
        write_page(alert, Page(asked, deadline, purpose=Purpose.DECIDE), at=at, actor=SWEEPER)

"""What safety does when it hears a fact from the rooms below. Rows only, in the transaction that made the fact."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Subquery

from casemgmt.accounts.roles import CLINICIANS, Role
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Refused
from casemgmt.kernel.events import Event
from casemgmt.measures.models import Response
from casemgmt.measures.words import InstrumentCode
from casemgmt.worklist.models import ItemKind, Priority, WorkItem
from casemgmt.worklist.services import NewItem, close_items, open_item

from .models import RiskAlert
from .services.answering import AlertOrder, write_step
from .services.paging import ALERT
from .services.people import only_peers
from .services.raising import NewAlert, raise_alert
from .triage import asks_screen, gravest
from .words import GRAVE, Source, is_worse

SCREEN = (ItemKind.SAFETY_SCREEN_DUE,)


def hear_measure(event: Event, *, actor: Actor) -> None:
    """Raise what a response's risk flags are worth; a later C-SSRS settles that one was due (MSR-05, MSR-06).

    `now` route of `measure.recorded` and `measure.amended`. The payload names the flags in `risk`, joined by commas,
    and in `supersedes` the response that this one corrects: an alert that stands for it goes on, for this one.
    """
    if event.client_id is None or event.organization_id is None:
        return
    at = clock.now()
    if event.payload.get("instrument") == InstrumentCode.CSSRS:
        _settle_screens(event, at=at, actor=actor)
    flags = str(event.payload.get("risk") or "").split(",")
    found = gravest(flags)
    told_before = _follow_correction(event, at=at)
    if found is None or any(not is_worse(found[1], than=severity) for severity in told_before):
        return
    what, severity = found
    new = NewAlert(
        client_id=event.client_id,
        organization_id=event.organization_id,
        severity=severity,
        source=Source.MEASURE,
        what=what,
        source_id=event.subject_id,
        episode_id=Response.objects.filter(pk=event.subject_id).values_list("episode_id", flat=True).first(),
    )
    alert = raise_alert(new, at=at, actor=actor)
    if alert is not None and asks_screen(flags):
        _ask_screen(alert, at=at, actor=actor)


def close_for_death(event: Event, *, actor: Actor) -> None:
    """Close every alert of a client who died, in whichever organization (T17). `now` route of `client.died`."""
    at = clock.now()
    follower = replace(actor, roles=actor.roles | CLINICIANS)  # whoever made the fact was allowed to
    for alert in RiskAlert.objects.all().hold_unclosed(event.subject_id):
        write_step(alert, AlertOrder("close"), at=at, actor=follower, died=True)


def _follow_correction(event: Event, *, at: datetime) -> list[str]:
    """Let alerts of a corrected response stand for the correction; return how grave those were, closed or not."""
    corrected = event.payload.get("supersedes")
    if not isinstance(corrected, str):
        return []
    alerts = RiskAlert.objects.filter(source=Source.MEASURE, source_id=UUID(corrected))
    severities = list(alerts.values_list("severity", flat=True))
    alerts.update(source_id=event.subject_id, updated_at=at)
    return severities


def keep_somebody_else(event: Event, *, actor: Actor) -> None:
    """Refuse a change of the team that would leave a client in danger to peers alone (PEER-02).

    `now` route of `care_team.member_added` and `care_team.member_ended`. A team that is disbanded leaves nobody alone.
    """
    peer_came = event.topic == "care_team.member_added" and event.payload.get("role") == Role.PEER_SPECIALIST
    other_left = event.topic == "care_team.member_ended" and event.payload.get("role") != Role.PEER_SPECIALIST
    if event.client_id is None or event.organization_id is None or not (peer_came or other_left):
        return
    mine = {"client_id": event.client_id, "organization_id": event.organization_id}
    if RiskAlert.objects.unclosed().of(**mine).filter(severity__in=GRAVE).exists() and only_peers(**mine):
        sentence = (
            "While a high or critical alert is open, peers do not care for a client alone. Name somebody else first."
        )
        raise Refused(sentence, code="outside_peer_scope")


def _ask_screen(alert: RiskAlert, *, at: datetime, actor: Actor) -> None:
    """Make a C-SSRS screener due before the local day ends (MSR-05)."""
    zone = ZoneInfo(alert.organization.timezone)
    tomorrow = at.astimezone(zone).date() + timedelta(days=1)
    item = NewItem(
        organization_id=alert.organization_id,
        client_id=alert.client_id,
        kind=ItemKind.SAFETY_SCREEN_DUE,
        due_at=datetime.combine(tomorrow, time(), zone).astimezone(UTC),
        source_type=ALERT,
        source_id=alert.id,
        priority=Priority.NOW,
        role=Role.THERAPIST,
    )
    open_item(item, actor=actor)


def _settle_screens(event: Event, *, at: datetime, actor: Actor) -> None:
    """Close what asks for a C-SSRS after answers given before this one; an older one, told late, settles nothing."""
    mine = {"client_id": event.client_id, "organization_id": event.organization_id}
    waiting = WorkItem.objects.open().filter(**mine, kind__in=SCREEN)
    taken = Response.objects.filter(pk=event.subject_id).values("completed_at")
    before = Response.objects.filter(pk=OuterRef("source_id"), completed_at__lte=Subquery(taken))
    asked = RiskAlert.objects.filter(Exists(before), pk__in=waiting.values("source_id"))
    for alert_id in list(asked.values_list("pk", flat=True)):
        close_items(source_id=alert_id, kinds=SCREEN, outcome="recorded", at=at, actor=actor)

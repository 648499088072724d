"""Answering an alert: taking it, raising and lowering its severity, closing it. Lock: the alert, nothing above it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction

from casemgmt.access.services import limit_grants
from casemgmt.accounts.roles import CASE_MANAGER_AND_UP, CLINICIANS, Role
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Invalid, NotPermitted, Refused
from casemgmt.kernel.lifecycle import Option, advance, options
from casemgmt.kernel.request import request_id
from casemgmt.kernel.transactions import require_atomic
from casemgmt.measures.models import Response
from casemgmt.measures.words import InstrumentCode
from casemgmt.outbox.emit import emit
from casemgmt.policies.services import policy_of
from casemgmt.safety import ladder
from casemgmt.safety.guards import AlertFacts
from casemgmt.safety.models import AlertMove, RiskAlert
from casemgmt.safety.words import GRAVE, AttemptOutcome, Disposition, NoteKind, is_worse
from casemgmt.worklist.models import ItemKind, Priority
from casemgmt.worklist.services import NewItem, close_items, open_item

from .paging import ALERT, LADDER, close_pages, priority_of, start_ladder
from .raising import event_of

CLINICAL_VERBS = ("lower", "close")
CHANGED = (*RiskAlert.moved_fields, *LADDER, "severity", "named", "acknowledged_by", "disposition", "closed_by")


@dataclass(frozen=True, slots=True)
class AlertOrder:
    """What somebody wants of an alert: a verb, what its rule needs, why, and which version the caller saw."""

    verb: str
    given: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""
    version: int | None = None


def look_ahead(*, alert_id: UUID, actor: Actor) -> tuple[RiskAlert, list[Option]]:
    """Return an alert and what each verb that starts at its stage means for this actor now. Raises NotVisible."""
    alert: RiskAlert = RiskAlert.objects.visible_to(actor).fetch(alert_id)
    found = options(alert, actor=actor, facts=facts_of(alert, at=clock.now()))
    return alert, [each for each in found if _scope_refusal(alert, each.verb, actor=actor) is None]


@transaction.atomic
def move_alert(*, alert_id: UUID, order: AlertOrder, actor: Actor) -> AlertMove:
    """Move an alert through one verb and return its ledger row (MSR-07, SMS-62, SMS-65).

    Raises NotVisible, StaleVersion, WrongStage, NotPermitted, GuardsFailed, Invalid (`data_missing`, `unknown_verb`,
    `fields`), Refused `outside_peer_scope`: a peer neither lowers nor closes, nor takes a grave one alone (PEER-02).
    """
    alert: RiskAlert = RiskAlert.objects.visible_to(actor).select_related("organization").lock(alert_id)
    refusal = _scope_refusal(alert, order.verb, actor=actor)
    if refusal is not None:
        raise refusal
    alert.require_version(order.version)
    return write_step(alert, order, at=clock.now(), actor=actor)


def write_step(alert: RiskAlert, order: AlertOrder, *, at: datetime, actor: Actor, died: bool = False) -> AlertMove:
    """Judge one verb of a locked alert, carry it out, write its ledger row and tell. Inner."""
    require_atomic()
    told = {**order.given, "reason": order.reason.strip()}
    change = advance(
        alert, order.verb, actor=actor, at=at, facts=facts_of(alert, at=at, told=told, died=died), given=told
    )
    before = alert.severity
    kept = _CARRY_OUT[order.verb](alert, told, at=at, actor=actor)
    alert.save_changes(*CHANGED, at=at)
    given = {"severity_before": before, "severity": alert.severity, **kept}
    move = AlertMove.objects.create(
        alert=alert,
        verb=change.verb,
        rule=change.rule,
        from_stage=change.source,
        to_stage=change.target,
        at=at,
        actor_kind=actor.kind.value,
        actor_id=actor.id,
        reason=order.reason.strip(),
        given=json.loads(json.dumps(given, cls=DjangoJSONEncoder)),
        request_id=request_id.get(),
    )
    emit(event_of(change.topic, alert), actor=actor)
    return move


def facts_of(
    alert: RiskAlert, *, at: datetime, told: Mapping[str, Any] | None = None, died: bool = False
) -> AlertFacts:
    """Return what the guards of an alert judge, as of `at`: attempts count since the client was last reached."""
    tried = alert.notes.filter(kind=NoteKind.CONTACT_ATTEMPT).order_by("happened_at", "seq")
    attempts: list[datetime] = []
    for moment, outcome in tried.values_list("happened_at", "outcome"):
        attempts = [] if outcome == AttemptOutcome.REACHED else [*attempts, moment]
    policy = policy_of(alert.organization_id)
    return AlertFacts(at=at, policy=policy, attempts=tuple(attempts), died=died, told=told or {})


def _scope_refusal(alert: RiskAlert, verb: str, *, actor: Actor) -> Refused | NotPermitted | None:
    """Return why the verb is not for peers and house managers, None for everybody else (PEER-02, MSR-07)."""
    if actor.has_role(*CASE_MANAGER_AND_UP):
        return None
    grave = verb == "acknowledge" and alert.severity in GRAVE
    if verb not in CLINICAL_VERBS and not grave:
        return None
    if not actor.has_role(Role.PEER_SPECIALIST):
        return NotPermitted(verb=verb, who=sorted(CASE_MANAGER_AND_UP if grave else CLINICIANS))
    sentence = "Peers hand a crisis over. Add a note; a case manager, therapist or supervisor takes it from here."
    return Refused(sentence, code="outside_peer_scope")


def _acknowledge(alert: RiskAlert, told: Mapping[str, Any], *, at: datetime, actor: Actor) -> dict[str, Any]:
    alert.acknowledged_by_id = actor.id
    close_pages(alert.pages.filter(purpose="acknowledge"), outcome="acknowledged", at=at, actor=actor)
    _give_clinician(alert, at=at, actor=actor)
    return {}


def _worsen(alert: RiskAlert, told: Mapping[str, Any], *, at: datetime, actor: Actor) -> dict[str, Any]:
    if not is_worse(told["severity"], alert.severity):
        raise Invalid(fields={"data.severity": ["Graver than it is now."]})
    alert.severity, alert.named = told["severity"], None
    start_ladder(alert, policy=policy_of(alert.organization_id), at=at, actor=actor)
    return {}


def _lower(alert: RiskAlert, told: Mapping[str, Any], *, at: datetime, actor: Actor) -> dict[str, Any]:
    if not is_worse(alert.severity, told["severity"]):
        raise Invalid(fields={"data.severity": ["Less grave than it is now."]})
    alert.severity, alert.acknowledged_by_id, alert.contact_due_at = told["severity"], actor.id, None
    policy = policy_of(alert.organization_id)
    alert.answer_by = ladder.answer_by(alert.severity, at=at, zone=alert.organization.timezone, policy=policy)
    close_pages(alert.pages.all(), outcome="lowered", at=at, actor=actor)
    _give_clinician(alert, at=at, actor=actor)
    return {}


def _close(alert: RiskAlert, told: Mapping[str, Any], *, at: datetime, actor: Actor) -> dict[str, Any]:
    disposition = told.get("disposition") or Disposition.CLIENT_DIED
    kept = {name: told[name] for name in KEPT if told.get(name) not in (None, "")}
    if told.get("cssrs_response"):
        kept["cssrs_result"] = _cssrs_result(alert, told["cssrs_response"])
    alert.disposition, alert.closed_by_id, alert.contact_due_at = disposition, actor.id, None
    close_pages(alert.pages.all(), outcome="closed", at=at, actor=actor)
    limit_grants(source_id=alert.id, until=(told.get("follow_up_at") or at) + STILL_SEEN, actor=actor)
    own = (ItemKind.RISK_ALERT, ItemKind.SAFETY_SCREEN_DUE)
    close_items(source_id=alert.id, kinds=own, outcome="closed", at=at, actor=actor)
    if alert.source_id is not None:
        close_items(source_id=alert.source_id, kinds=(ItemKind.REPLY_CRISIS,), outcome="closed", at=at, actor=actor)
    if told.get("follow_up_at"):
        _give(alert, ItemKind.RISK_FOLLOW_UP, due_at=told["follow_up_at"], assignee_id=actor.id, actor=actor)
    return {**kept, "disposition": str(disposition)}


STILL_SEEN = timedelta(days=1)  # after an alert was closed, or was to be followed up, by who was asked to answer it
KEPT = ("contact_outcome", "safety_plan_updated", "follow_up_at", "cssrs_response", "cssrs_not_done")


def _cssrs_result(alert: RiskAlert, response_id: UUID) -> str:
    """Return what the named C-SSRS came to; raise Invalid unless it is the client's and not older than the alert."""
    found: Response | None = (
        Response.objects.current()
        .filter(
            pk=response_id,
            client_id=alert.client_id,
            organization_id=alert.organization_id,
            instrument=InstrumentCode.CSSRS,
        )
        .first()
    )
    if found is None or (found.completed_at < alert.raised_at and found.pk != alert.source_id):
        sentence = "Name a C-SSRS of this client in force, taken since the alert was raised."
        raise Invalid(fields={"data.cssrs_response": [sentence]})
    return str(found.bands["triage"])


def _give_clinician(alert: RiskAlert, *, at: datetime, actor: Actor) -> None:
    """Make an acknowledged alert a clinician's work until it is closed, whoever took it (MSR-06, MSR-07)."""
    close_items(source_id=alert.id, kinds=(ItemKind.RISK_ALERT,), outcome="asked_again", at=at, actor=actor)
    own = actor.id if actor.has_role(*CLINICIANS) else None
    _give(alert, ItemKind.RISK_ALERT, due_at=alert.answer_by, assignee_id=own, actor=actor)


def _give(alert: RiskAlert, kind: ItemKind, *, due_at: datetime, assignee_id: UUID | None, actor: Actor) -> None:
    mine = assignee_id is not None and not actor.has_role(Role.THERAPIST)
    item = NewItem(
        organization_id=alert.organization_id,
        client_id=alert.client_id,
        kind=kind,
        due_at=due_at,
        source_type=ALERT,
        source_id=alert.id,
        priority=Priority.TODAY if kind is ItemKind.RISK_FOLLOW_UP else priority_of(alert.severity),
        role=Role.SUPERVISOR if mine else Role.THERAPIST,
        assignee_id=assignee_id,
    )
    open_item(item, actor=actor)


_CARRY_OUT: dict[str, Callable[..., dict[str, Any]]] = {
    "acknowledge": _acknowledge,
    "worsen": _worsen,
    "lower": _lower,
    "close": _close,
}

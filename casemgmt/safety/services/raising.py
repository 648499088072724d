"""Raising an alert: inner for rooms and handlers, a door for people. A repeat of what is open adds nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.utils import IntegrityError
from psycopg.errors import UniqueViolation

from casemgmt.accounts.models import Organization
from casemgmt.clients.models import Client
from casemgmt.clients.services import require_role
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Conflict, Invalid, NotPermitted, Refused
from casemgmt.kernel.events import Event, Scalar
from casemgmt.kernel.events import topic as register_topic
from casemgmt.kernel.request import request_id
from casemgmt.kernel.transactions import require_atomic
from casemgmt.outbox.emit import emit
from casemgmt.policies.services import policy_of
from casemgmt.safety.lifecycle import AlertStage
from casemgmt.safety.models import AlertMove, RiskAlert
from casemgmt.safety.words import RAISES, Severity, Source, What

from .paging import LADDER, start_ladder

RAISED = register_topic("alert.raised")


@dataclass(frozen=True, slots=True)
class NewAlert:
    """What somebody or something worries about. `client_id` None: nobody knows whose text it was.

    `term` is the lexicon's name of what matched, `named_id` the clinician a peer handed the client to (PEER-03), and
    `call_only` says that the number takes no texts of ours (SMS-63).
    """

    client_id: UUID | None
    organization_id: UUID
    severity: Severity
    source: Source
    what: What
    source_id: UUID | None = None
    episode_id: UUID | None = None
    lexicon_version: str = ""
    term: str = ""
    named_id: UUID | None = None
    call_only: bool = False


def raise_alert(new: NewAlert, *, at: datetime, actor: Actor) -> RiskAlert | None:
    """Write an alert and ask the first step of its ladder; None when the same worry is open already.

    None too for a client who has died, told late or not (T17). A text from their phone is somebody else's: it counts.
    Inner: runs in the transaction that made the fact (SMS-62). `at` is that transaction's moment, aware UTC.
    """
    require_atomic()
    if _standing(new) is not None or (new.source != Source.TEXT and _died(new.client_id)):
        return None
    alert = RiskAlert(
        **{name: getattr(new, name) for name in NewAlert.__slots__},
        raised_at=at,
        raised_by_id=actor.id,
        ladder_from=at,
        answer_by=at,
        next_page_at=at,
    )
    try:
        with transaction.atomic():
            alert.save(force_insert=True)
    except IntegrityError as error:
        if isinstance(error.__cause__, UniqueViolation):  # raised at the same moment by somebody else
            return None
        raise
    alert.organization = Organization.objects.get(pk=new.organization_id)
    start_ladder(alert, policy=policy_of(new.organization_id), at=at, actor=actor)
    alert.save(update_fields=list(LADDER))
    _write_beginning(alert, at=at, actor=actor)
    emit(event_of(RAISED, alert), actor=actor)
    return alert


def _write_beginning(alert: RiskAlert, *, at: datetime, actor: Actor) -> None:
    AlertMove.objects.create(
        alert=alert,
        verb="raise",
        rule="SMS-62",
        from_stage="",
        to_stage=AlertStage.OPEN,
        at=at,
        actor_kind=actor.kind.value,
        actor_id=actor.id,
        given={"severity": str(alert.severity)},
        request_id=request_id.get(),
    )


@transaction.atomic
def raise_by_hand(*, client_id: UUID, severity: str, what: str, episode_id: UUID | None, actor: Actor) -> RiskAlert:
    """Raise an alert because a member of staff worries about a client.

    Raises NotVisible, NotPermitted, Invalid, Refused `client_deceased`, Conflict `alert_open` naming the alert that
    says the same.
    """
    client: Client = Client.objects.visible_to(actor).fetch(client_id)
    require_role(actor, RAISES)
    if client.deceased:
        raise Refused("The client has died. There is nobody to look after.", code="client_deceased")
    if actor.organization_id is None or actor.id is None:
        raise NotPermitted()
    new = NewAlert(
        client_id=client.id,
        organization_id=actor.organization_id,
        severity=Severity(severity),
        source=Source.STAFF,
        what=What(what),
        episode_id=episode_id,
    )
    alert = raise_alert(new, at=clock.now(), actor=actor)
    if alert is None:
        raise _open_already(new, actor=actor)
    here = RiskAlert.objects.filter(pk=alert.pk, episode__organization_id=actor.organization_id)
    if episode_id is not None and not here.filter(episode__client_id=client.id).exists():  # our own table: a room above
        raise Invalid(fields={"episode": ["This is no episode of the client in your organization."]})
    return alert


def _open_already(new: NewAlert, *, actor: Actor) -> Conflict:
    """Return the refusal of a repeat; it names the alert that stands to whom may see it (table 1.9, note 2)."""
    standing = _standing(new)
    if standing and not RiskAlert.objects.visible_to(actor).filter(pk=standing).exists():
        sentence = "Somebody raised this before, and it is not closed. If it got worse, call who is on call."
        return Conflict(sentence, code="alert_open")
    found = {"alert_id": str(standing)} if standing else {}
    sentence = "This was raised before and is not closed. Add a note, or raise its severity."
    return Conflict(sentence, code="alert_open", **found)


def _died(client_id: UUID | None) -> bool:
    return client_id is not None and Client.objects.filter(pk=client_id, deceased=True).exists()


def _standing(new: NewAlert) -> UUID | None:
    same = RiskAlert.objects.unclosed().of(client_id=new.client_id, organization_id=new.organization_id)
    found: UUID | None = same.filter(what=new.what, source_id=new.source_id).values_list("pk", flat=True).first()
    return found


def event_of(topic: str, alert: RiskAlert) -> Event:
    """Return a fact about an alert: codes and ids, nothing that the client said."""
    payload: dict[str, Scalar] = {
        "severity": str(alert.severity),
        "what": str(alert.what),
        "stage": str(alert.stage),
        "source": str(alert.source),
        "source_id": str(alert.source_id) if alert.source_id else None,
    }
    return Event(topic, alert.id, alert.client_id, alert.organization_id, payload)

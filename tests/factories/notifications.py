"""Clients who agreed to texts, plans and messages, and a fresh carrier in memory."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

from casemgmt.accounts.models import Organization
from casemgmt.chart.models import ContactAttempt
from casemgmt.clients.models import Client, ContactPoint
from casemgmt.episodes.models import Episode
from casemgmt.episodes.stages import Stage
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.ids import new_id
from notifications.disclosures import CURRENT
from notifications.gateways import MemoryGateway
from notifications.models import (
    CaptureChannel,
    CheckIn,
    CheckInPlan,
    CheckInPreference,
    ConsentEvent,
    Message,
    MessageKind,
    Receipt,
    ReceiptKind,
    SilenceStep,
    TextingConsent,
    TextingState,
)
from notifications.services import carrier
from notifications.services.texting_consent import Said, write_event

from . import episodes, people

NOON = datetime(2026, 11, 24, 18, tzinfo=UTC)  # a Tuesday, noon in Chicago
OUR_NUMBER = "+15005550006"
MACHINE = Actor.system("test")


@dataclass(frozen=True)
class Texted:
    """A client who is in care and agreed to texts, confirmed from the phone."""

    client: Client
    episode: Episode
    point: ContactPoint
    consent: TextingConsent

    @property
    def number(self) -> str:
        return self.point.value


def fresh_gateway() -> MemoryGateway:
    """Forget the gateway before and return the one that the product will use from now on."""
    carrier.built.cache_clear()
    gateway = carrier.gateway()
    assert isinstance(gateway, MemoryGateway)
    return gateway


def organization(name: str = "North", **fields: Any) -> Organization:
    """Return an organization whose texts can be worded."""
    return people.organization(name, **{"phone": "+13165550199", "email": "help@careline.example", **fields})


def texted(at: Organization, *, phone: str = "+13165550100", stage: Stage = Stage.THERAPY, **fields: Any) -> Texted:
    """Return a client at an organization who may be texted."""
    client = people.client(at, phone=phone, **fields)
    point = client.contact_points.get()
    consent = agree(point)
    return Texted(client, episodes.episode(client, stage=stage), point, consent)


def agree(point: ContactPoint) -> TextingConsent:
    """Let a client agree on paper and confirm from the phone."""
    at = clock.now()
    consent = TextingConsent.objects.create(
        client=point.client, contact_point=point, state=TextingState.NONE, changed_at=at
    )
    paper = Said(ConsentEvent.OPT_IN, CaptureChannel.PAPER, disclosure_version=CURRENT)
    write_event(consent, said=paper, at=at, actor=MACHINE)
    write_event(consent, said=Said(ConsentEvent.CONFIRM, CaptureChannel.INBOUND_SMS), at=at, actor=MACHINE)
    return consent


def plan(of: Texted, **fields: Any) -> CheckInPlan:
    """Return an active plan for noon on Tuesdays, without check-ins."""
    made = {"times": [time(12)], "weekdays": [2], "starts_on": people.today(), **fields}
    return CheckInPlan.objects.create(
        client=of.client, episode=of.episode, organization_id=of.client.organization_id, **made
    )


def check_in(of: Texted, *, due_at: datetime | None = None, **fields: Any) -> CheckIn:
    """Return a planned check-in of the client's plan."""
    due_at = due_at or clock.now()
    open_plan = CheckInPlan.objects.open().filter(episode=of.episode, source="hand").first() or plan(of)
    known = {"local_date": due_at.date(), "slot": 0, "due_at": due_at, "not_after": due_at + timedelta(hours=24)}
    return CheckIn.objects.create(plan=open_plan, client=of.client, **{**known, **fields})


def message(of: Texted, *, due_at: datetime | None = None, **fields: Any) -> Message:
    """Return a check-in's message that waits to be sent."""
    due_at = due_at or clock.now()
    if "check_in" not in fields:
        fields["check_in"] = check_in(of, due_at=due_at, status="scheduled")
    known = {
        "kind": MessageKind.CHECK_IN,
        "template": "checkin",
        "language": "en",
        "planned_at": due_at,
        "due_at": due_at,
        "not_after": due_at + timedelta(hours=24),
    }
    return Message.objects.create(
        organization_id=of.client.organization_id, client=of.client, contact_point=of.point, **{**known, **fields}
    )


def silent(of: Texted, by: Actor) -> SilenceStep:
    """Return the step that followed an unanswered check-in, of a client who wished for other hours."""
    asked = clock.now() - timedelta(days=3)
    missed = check_in(of, due_at=asked, asked_at=asked, status="missed", reason="no_reply", ended_at=clock.now())
    episode = of.episode
    known = {"client": of.client, "organization_id": episode.organization_id}
    CheckInPreference.objects.create(kind="hours", said_by="client", actor_kind="user", actor_id=by.id, **known)
    return SilenceStep.objects.create(episode=episode, since=missed, step="note", unanswered=1, **known)


def called(of: Texted, by: Actor, *, hours_ago: int = 1, reached: bool = True) -> None:
    """Record that somebody called the client."""
    row, at = new_id(), clock.now() - timedelta(hours=hours_ago)
    known = {"id": row, "line_id": row, "client": of.client, "organization_id": of.client.organization_id}
    ContactAttempt.objects.create(
        episode=of.episode, recorded_by_id=by.id, at=at, channel="phone", reached=reached, **known
    )


_sids = iter(range(10_000_000))


def arrives(sender: str, body: str) -> Receipt:
    """Return the stored receipt of an inbound text."""
    sid = f"SM{next(_sids):032x}"
    payload = {"provider_id": sid, "sender": sender, "body": body}
    return Receipt.objects.create(dedupe_key=f"inbound:{sid}", kind=ReceiptKind.INBOUND, payload=payload)


def reported(attempt_id: UUID | None, status: str, *, provider_id: str, error_code: str = "") -> Receipt:
    """Return the stored receipt of a status callback."""
    payload = {"provider_id": provider_id, "status": status, "error_code": error_code}
    return Receipt.objects.create(
        dedupe_key=f"status:{next(_sids)}", kind=ReceiptKind.STATUS, attempt_id=attempt_id, payload=payload
    )

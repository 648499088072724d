"""What a client wishes of check-ins: a pause, other hours, another channel. One event each (CHK-09). A door."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction

from casemgmt.accounts.roles import PROPOSERS
from casemgmt.clients.models import Client
from casemgmt.clients.services import require_role
from casemgmt.episodes.models import Episode
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Invalid, NotPermitted
from casemgmt.kernel.events import Event
from casemgmt.kernel.events import topic as register_topic
from casemgmt.kernel.request import request_id
from casemgmt.kernel.transactions import require_atomic
from casemgmt.outbox.emit import emit
from casemgmt.worklist.models import ItemKind
from casemgmt.worklist.services import NewItem, close_items, open_item
from notifications.jurisdictions import Span
from notifications.models import (
    CheckInPlan,
    CheckInPreference,
    InboundText,
    PlanStatus,
    PreferenceKind,
    SaidBy,
    WishedChannel,
)
from notifications.models.plan import PAUSED_BY_HOLD

from .business_days import end_of_next_business_day
from .occurrences import zone_of
from .plan_status import WISHED, let_run, set_status, standing
from .wishes import wishes_of

WISHED_TOPIC = register_topic("check_in_preference.recorded")
PHONE = Actor.system("inbound-text")


@dataclass(frozen=True, slots=True)
class Wish:
    """What a client wishes: `days` of a pause; `opens` and `closes`, local times of texts (None: any legal hour);
    a `channel`.
    """

    kind: PreferenceKind
    days: int | None = None
    opens: time | None = None
    closes: time | None = None
    channel: str = ""
    said_by: SaidBy = SaidBy.CLIENT


@transaction.atomic
def record_preference(*, client_id: UUID, wish: Wish, actor: Actor) -> CheckInPreference:
    """Write down what a client wishes of the check-ins of the actor's organization, and let its plans follow at once.

    Raises NotVisible, NotPermitted (not their organization), Invalid (`outside_legal_window`, fields).
    """
    client = Client.objects.visible_to(actor).fetch(client_id)
    require_role(actor, PROPOSERS)
    organization_id = actor.organization_id
    if organization_id is None or not Episode.objects.filter(client=client, organization_id=organization_id).exists():
        raise NotPermitted("The organization that checks in with the client writes this down.")
    return _write(client, organization_id, wish, at=clock.now(), actor=actor)


def wish_by_text(text: InboundText, client: Client, *, days: int | None, at: datetime) -> datetime | None:
    """Write down that a client's phone asks for a pause of so many days, or (None) for its end (CHK-09). Inner.

    Returns the local moment until which it lasts, or of now; None when no check-ins of that organization run or rest.
    """
    require_atomic()
    organization_id, zone = text.organization_id, zone_of(client, preferred=client.organization.timezone)
    if organization_id is None or zone is None:
        return None
    if not CheckInPlan.objects.open().filter(client=client, organization_id=organization_id).exists():
        return None
    wish = Wish(PreferenceKind.PAUSE if days else PreferenceKind.RESUME, days=days)
    row = _write(client, organization_id, wish, at=at, actor=PHONE)
    return (row.until or at).astimezone(zone)


def _write(client: Client, organization_id: UUID, wish: Wish, *, at: datetime, actor: Actor) -> CheckInPreference:
    opens, closes = _window(wish)
    plans = CheckInPlan.objects.open().filter(client=client, organization_id=organization_id).hold()
    row = CheckInPreference.objects.create(
        client=client,
        organization_id=organization_id,
        kind=wish.kind,
        days=wish.days,
        until=at + timedelta(days=wish.days) if wish.days else None,
        opens=opens,
        closes=closes,
        channel=wish.channel,
        said_by=wish.said_by,
        actor_kind=actor.kind.value,
        actor_id=actor.id,
        at=at,
        request_id=request_id.get(),
    )
    _follow(plans, at=at)
    if wish.kind == PreferenceKind.CHANNEL:
        _agree_otherwise(row, at=at, actor=actor)
    payload = {"kind": str(wish.kind), "said_by": str(wish.said_by)}
    emit(Event(WISHED_TOPIC, client.id, client.id, organization_id, payload), actor=actor)
    return row


def _window(wish: Wish) -> tuple[int | None, int | None]:
    """Return the minutes of the wished hours; raise Invalid unless they lie within the organization's own."""
    if wish.opens is None or wish.closes is None:
        return None, None
    opens, closes = (each.hour * 60 + each.minute for each in (wish.opens, wish.closes))
    legal = Span.parse(settings.SMS_WINDOW)
    if opens >= closes:
        raise Invalid(fields={"closes": ["After it opens."]})
    if opens < legal.opens or closes > legal.closes:
        raise Invalid(fields={"opens": [f"Texts go from {legal}."]}, code="outside_legal_window")
    return opens, closes


def _follow(plans: list[CheckInPlan], *, at: datetime) -> None:
    """Bring a client's locked plans in line with what they wish now; what staff paused stays as it is."""
    for plan in plans:
        ours = plan.status == PlanStatus.ACTIVE or plan.reason in (*WISHED, PAUSED_BY_HOLD)
        if plan.status == PlanStatus.WAITING or not ours:
            continue
        status, reason, until = standing(wishes_of(plan.client_id, plan.organization_id), at=at)
        if status == PlanStatus.PAUSED and plan.reason != PAUSED_BY_HOLD:
            set_status(plan, status, reason=reason, at=at, paused_until=until)
        elif status == PlanStatus.ACTIVE and plan.reason in WISHED:
            let_run(plan, at=at)


def _agree_otherwise(row: CheckInPreference, *, at: datetime, actor: Actor) -> None:
    """Ask a case manager to check in by call or e-mail from now on, or no longer (SMS-27)."""
    kinds = (ItemKind.CHECK_IN_OTHERWISE,)
    if row.channel == WishedChannel.TEXT:
        close_items(source_id=row.client_id, kinds=kinds, outcome="settled", at=at, actor=actor)
        return
    item = NewItem(
        organization_id=row.organization_id,
        client_id=row.client_id,
        kind=ItemKind.CHECK_IN_OTHERWISE,
        due_at=end_of_next_business_day(row.organization_id, at=at),
        source_type="client",
        source_id=row.client_id,
    )
    open_item(item, actor=actor)

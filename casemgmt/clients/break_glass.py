"""Breaking the glass: opening one restricted client in an emergency, to read, for an hour; judged later (HIP-10)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction

from casemgmt.access.models import BreakGlass, Emergency, Grant, Reason, ReviewOutcome, Scope
from casemgmt.access.services import grant, limit_grants
from casemgmt.accounts.factors import require_fresh
from casemgmt.accounts.roles import BREAKS_GLASS, REVIEWS_BREAK_GLASS
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Conflict, Invalid, NotPermitted, NotVisible
from casemgmt.kernel.events import Event
from casemgmt.kernel.events import topic as register_topic
from casemgmt.kernel.wall import acting_as
from casemgmt.outbox.emit import emit
from casemgmt.policies.services import policy_of

from .models import Client
from .services import require_role

OPENED = register_topic("break_glass.opened")
ENDED = register_topic("break_glass.ended")
REVIEWED = register_topic("break_glass.reviewed")
OVERDUE = register_topic("break_glass.review_overdue")
CLOCK = Actor.system("break-glass-clock")
BATCH = 500

LEAST_WORDS = 15  # characters, HIP-10


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whom somebody must see: by id, or by the whole name and the day of birth."""

    client_id: UUID | None = None
    given_name: str = ""
    family_name: str = ""
    birth_date: date | None = None


@transaction.atomic
def break_glass(*, wanted: Wanted, reason: Emergency, explanation: str, key_id: UUID, actor: Actor) -> BreakGlass:
    """Let the actor read a client of their organization who is restricted there; return the record of it.

    Privacy officers and supervisors are told in the same transaction. Raises NotPermitted, FactorNotFresh (the second
    factor was not shown just now), Invalid, NotVisible (absent, or not restricted but foreign), Conflict
    `already_visible`.
    """
    require_role(actor, BREAKS_GLASS)
    at = clock.now()
    user_id = require_fresh(actor=actor, key_id=key_id, at=at)
    if actor.organization_id is None:
        raise NotPermitted()
    explanation = explanation.strip()
    if len(explanation) < LEAST_WORDS:
        raise Invalid(fields={"explanation": [f"At least {LEAST_WORDS} characters: what happened?"]})
    client_id = _find(wanted, organization_id=actor.organization_id)
    if Client.objects.visible_to(actor).filter(pk=client_id).exists() or _is_open(client_id, actor):
        raise Conflict("You see this client already.", code="already_visible")
    policy = policy_of(actor.organization_id)
    glass: BreakGlass = BreakGlass.objects.create(
        client_id=client_id,
        organization_id=actor.organization_id,
        user_id=user_id,
        reason=reason,
        explanation=explanation,
        expires_at=at + timedelta(minutes=policy.break_glass_minutes),
        review_due_at=at + timedelta(hours=policy.break_glass_review_hours),
    )
    grant(
        client_id=client_id,
        organization_id=actor.organization_id,
        user_id=user_id,
        reason=Reason.BREAK_GLASS,
        source_id=glass.id,
        expires_at=glass.expires_at,
        actor=actor,
    )
    emit(_event(OPENED, glass), actor=actor)
    return glass


def _find(wanted: Wanted, *, organization_id: UUID) -> UUID:
    """Return the one client meant, of those restricted in an organization; raise NotVisible for none or several."""
    withheld = Grant.objects.filter(organization_id=organization_id, scope=Scope.WITHHELD, revoked_at__isnull=True)
    meant = Client.objects.filter(pk__in=withheld.values("client_id"))
    if wanted.client_id is not None:
        meant = meant.filter(pk=wanted.client_id)
    else:
        meant = meant.filter(
            given_name__iexact=wanted.given_name.strip(),
            family_name__iexact=wanted.family_name.strip(),
            birth_date=wanted.birth_date,
        )
    found = list(meant.values_list("pk", flat=True)[:2])
    if len(found) != 1:
        raise NotVisible()
    return UUID(str(found[0]))


def _is_open(client_id: UUID, actor: Actor) -> bool:
    glass = BreakGlass.objects.live().filter(client_id=client_id, user_id=actor.id)
    return bool(glass.filter(organization_id=actor.organization_id).exists())


@transaction.atomic
def end_break_glass(*, break_glass_id: UUID, actor: Actor) -> BreakGlass:
    """Close what the actor opened before its time; closing again changes nothing. Raises NotVisible."""
    own = BreakGlass.objects.visible_to(actor).filter(user_id=actor.id)
    glass: BreakGlass = own.lock(break_glass_id)
    at = clock.now()
    if glass.expires_at > at:
        glass.expires_at = at
        glass.save_changes("expires_at", at=at)
        limit_grants(source_id=glass.id, until=at, actor=actor)
        emit(_event(ENDED, glass), actor=actor)
    return glass


@transaction.atomic
def review_break_glass(
    *, break_glass_id: UUID, outcome: ReviewOutcome, remark: str, version: int | None, actor: Actor
) -> BreakGlass:
    """Judge whether the glass was broken rightly; by somebody else than who broke it, once.

    Raises NotVisible, NotPermitted, StaleVersion, Invalid (`remark`, needed unless it was appropriate), Conflict
    `already_reviewed`.
    """
    glass: BreakGlass = BreakGlass.objects.visible_to(actor).lock(break_glass_id)
    require_role(actor, REVIEWS_BREAK_GLASS)
    if glass.user_id == actor.id:
        raise NotPermitted("Somebody else must judge this.")
    glass.require_version(version)
    if glass.reviewed_at is not None:
        raise Conflict("This was judged already.", code="already_reviewed")
    if outcome != ReviewOutcome.APPROPRIATE and not remark.strip():
        raise Invalid(fields={"remark": ["Say what was wrong, or what must follow."]})
    at = clock.now()
    glass.reviewed_at, glass.reviewed_by, glass.outcome, glass.remark = at, actor.id, outcome, remark.strip()
    glass.save_changes("reviewed_at", "reviewed_by", "outcome", "remark", at=at)
    emit(_event(REVIEWED, glass), actor=actor)
    return glass


def escalate_reviews(*, keep_on: Callable[[], bool] = lambda: True) -> int:
    """Tell others, once each, of what nobody judged in time (HIP-10); return how many. Safe in any number of copies."""
    count = 0
    for glass_id in _unjudged():
        if not keep_on():
            break
        count += _escalate(glass_id)
    return count


@acting_as(CLOCK)
def _unjudged() -> list[UUID]:
    return list(BreakGlass.objects.unjudged().values_list("id", flat=True)[:BATCH])


@acting_as(CLOCK)
def _escalate(glass_id: UUID) -> int:
    glass: BreakGlass | None = BreakGlass.objects.unjudged().filter(pk=glass_id).lock_free().first()
    if glass is None:  # judged or told meanwhile, or just now
        return 0
    glass.escalated_at = clock.now()
    glass.save(update_fields=["escalated_at"])  # no new version: whoever is about to judge it still may
    emit(_event(OVERDUE, glass), actor=CLOCK)
    return 1


def _event(topic: str, glass: BreakGlass) -> Event:
    return Event(topic, glass.id, glass.client_id, glass.organization_id, {"reason": str(glass.reason)})

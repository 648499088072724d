"""Coming in and going out: passwords checked, keys issued, judged and revoked, actors made from memberships."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.postgres.aggregates import ArrayAgg
from django.db import connection, transaction
from django.db.models import Q

from casemgmt.audit.record import record
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor, ActorKind
from casemgmt.kernel.errors import DomainError, Invalid, NotPermitted, NotVisible

from .models import ApiToken, Carrier, Membership, User
from .origins import Origin
from .passwords import matches

KNOWN_FOR = timedelta(days=90)  # an address from which somebody signed in stays theirs for a quarter
SEEN_EVERY = timedelta(minutes=1)  # how exactly we keep when a key was last used


class BadLogin(DomainError):
    """E-mail and password do not go together; which of the two is wrong is nobody's business."""

    code = "bad_login"
    http_status = 401
    sentence = "E-mail or password is not right."


@dataclass(frozen=True, slots=True)
class Opened:
    """What a live key opens. While it `waits` for the second factor, it opens only what enrolls and verifies one."""

    actor: Actor
    key_id: UUID
    waits: bool


def digest(secret: str) -> str:
    """Return how the secret of a key is stored."""
    return hashlib.sha256(secret.encode()).hexdigest()


def actor_for(*, user_id: UUID, organization_id: UUID) -> Actor | None:
    """Return the actor of an active person in an organization where they hold a role, else None. One query."""
    held = (
        Membership.objects.filter(
            user_id=user_id, organization_id=organization_id, ended_at__isnull=True, user__is_active=True
        )
        .values("user_id")
        .annotate(roles=ArrayAgg("role"))
        .values_list("roles", flat=True)
        .order_by("user_id")
        .first()
    )
    if held is None:
        return None
    return Actor(kind=ActorKind.STAFF, id=user_id, organization_id=organization_id, roles=frozenset(held))


def idle_time(carrier: str) -> timedelta:
    """Return how long a key may lie unused (HIP-03)."""
    browser = carrier == Carrier.BROWSER
    return timedelta(minutes=settings.SESSION_IDLE_MINUTES if browser else settings.TOKEN_IDLE_MINUTES)


def life_time(carrier: str) -> timedelta:
    """Return after what time a key ends, however busy it is."""
    return timedelta(hours=settings.SESSION_HOURS if carrier == Carrier.BROWSER else settings.TOKEN_HOURS)


def in_use() -> Q:
    """Return the condition of keys that were used lately, each kind by its own measure."""
    now = clock.DatabaseNow()
    kinds = [Q(carrier=carrier, last_used_at__gt=now - idle_time(carrier)) for carrier in Carrier.values]
    return kinds[0] | kinds[1]


# By the digest's unique index to one key, its person, and the few roles held: the login check of every request. In SQL,
# because putting it together anew each time took longer than the answer.
OPEN = """
SELECT t.id, t.user_id, t.organization_id, t.second_factor_at IS NULL,
  t.last_used_at < casemgmt_now() - %s::interval,
  EXISTS (SELECT FROM accounts_factor f WHERE f.user_id = t.user_id AND f.confirmed_at IS NOT NULL),
  ARRAY(SELECT m.role::text FROM accounts_membership m
        WHERE m.user_id = t.user_id AND m.organization_id = t.organization_id AND m.ended_at IS NULL)
FROM accounts_apitoken t JOIN accounts_user u ON u.id = t.user_id AND u.is_active
WHERE t.digest = %s AND t.carrier = %s AND t.revoked_at IS NULL
  AND t.expires_at > casemgmt_now() AND t.last_used_at > casemgmt_now() - %s::interval
"""


def open_key(secret: str, *, carrier: str) -> Opened | None:
    """Return what a live key opens, else None. One query by the database's clock, so whatever ends bites at once (S3).

    A key that was not used for a minute is noted as used now.
    """
    told: list[Any] = [SEEN_EVERY, digest(secret), carrier, idle_time(carrier)]
    with connection.cursor() as cursor:
        cursor.execute(OPEN, told)
        row = cursor.fetchone()
    if row is None:
        return None
    key_id, user_id, organization_id, unproven, stale, enrolled, roles = row
    if not roles:
        return None
    if stale:
        ApiToken.objects.filter(id=key_id).update(last_used_at=clock.DatabaseNow())
    actor = Actor(kind=ActorKind.STAFF, id=user_id, organization_id=organization_id, roles=frozenset(roles))
    return Opened(actor, key_id, waits=unproven and (settings.REQUIRE_SECOND_FACTOR or enrolled))


def is_known(*, email: str, origin: Origin) -> bool:
    """True when this person passed everything asked of them from this address within the last quarter."""
    seen = ApiToken.objects.filter(
        user__email=login_name(email),
        address=origin.address or None,
        created_at__gt=clock.DatabaseNow() - KNOWN_FOR,
    )
    if settings.REQUIRE_SECOND_FACTOR:
        seen = seen.filter(second_factor_at__isnull=False)
    return bool(origin.address) and seen.exists()


def login_name(email: str) -> str:
    """Return an e-mail address as accounts keep it."""
    return email.strip().lower()


def log_in(*, email: str, password: str, organization_id: UUID | None = None) -> Actor:
    """Return the actor that these credentials open.

    Somebody who works for several organizations says which by `organization_id`. Raises BadLogin (also for a disabled
    account or a foreign organization) and Invalid `organization_needed` with the choices.
    """
    user = User.objects.filter(email=login_name(email)).first()
    if user is None:
        make_password(password)  # the same work for an unknown address, so that timing tells nothing (6.3.8)
        raise BadLogin()
    if not matches(password, user.password) or not user.is_active:
        raise BadLogin()
    organizations = list(
        Membership.objects.filter(user=user, ended_at__isnull=True)
        .order_by("organization_id")
        .values_list("organization_id", flat=True)
        .distinct()
    )
    if organization_id is None and len(organizations) > 1:
        choices = [str(each) for each in organizations]
        raise Invalid("Say for which organization you come in.", code="organization_needed", organizations=choices)
    chosen = organization_id or (organizations[0] if organizations else None)
    if chosen is None or chosen not in organizations:
        raise BadLogin()
    actor = actor_for(user_id=user.id, organization_id=chosen)
    if actor is None:
        raise BadLogin()
    record("account.logged_in", actor=actor, object_type="user", object_id=user.id)
    return actor


@transaction.atomic
def issue_token(
    *, actor: Actor, label: str = "", carrier: str = Carrier.PROGRAM, origin: Origin | None = None
) -> tuple[ApiToken, str]:
    """Return a new key for the actor and its secret, which is shown this once and stored only as a digest."""
    if actor.kind is not ActorKind.STAFF or actor.id is None or actor.organization_id is None:
        raise NotPermitted()
    secret = secrets.token_urlsafe(32)
    where = origin or Origin()
    token = ApiToken.objects.create(
        digest=digest(secret),
        user_id=actor.id,
        organization_id=actor.organization_id,
        carrier=carrier,
        label=label,
        address=where.address or None,
        agent=where.agent,
        expires_at=clock.now() + life_time(carrier),
    )
    record("token.issued", actor=actor, object_type="token", object_id=token.id)
    return token, secret


@transaction.atomic
def revoke_token(*, token_id: UUID, actor: Actor) -> None:
    """End one of the actor's own keys. Raises NotVisible for anything else; a revoked one may be revoked again."""
    own = ApiToken.objects.filter(id=token_id, user_id__in=[actor.id] if actor.id else [])
    if not own.exists():
        raise NotVisible()
    own.filter(revoked_at__isnull=True).update(revoked_at=clock.now())
    record("token.revoked", actor=actor, object_type="token", object_id=token_id)


@transaction.atomic
def revoke_others(*, user_id: UUID, but: UUID | None, actor: Actor) -> int:
    """End all keys of a person except one, and return how many were live. None ends all."""
    live = ApiToken.objects.filter(user_id=user_id, revoked_at__isnull=True).exclude(id=but)
    ended = list(live.values_list("id", flat=True))
    count = live.filter(id__in=ended).update(revoked_at=clock.now())
    record("token.revoked_others", actor=actor, object_type="user", object_id=user_id)
    return count

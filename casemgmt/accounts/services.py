"""Coming in and going out: passwords checked, tokens issued and revoked, actors made from memberships."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.postgres.aggregates import ArrayAgg
from django.db import transaction
from django.db.models import F, Q

from casemgmt.audit.record import record
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor, ActorKind
from casemgmt.kernel.errors import DomainError, Invalid, NotPermitted, NotVisible

from .models import ApiToken, Membership, User

TOKEN_LIFE = timedelta(days=90)  # reliability §6: no token outlives a quarter


class BadLogin(DomainError):
    """E-mail and password do not go together; which of the two is wrong is nobody's business."""

    code = "bad_login"
    http_status = 401
    sentence = "E-mail or password is not right."


def digest(secret: str) -> str:
    """Return how a token's secret is stored."""
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


def actor_for_token(secret: str) -> tuple[Actor, UUID] | None:
    """Return the actor and token id of a live token, else None. One query, so a revocation bites at once (S3)."""
    row = (
        ApiToken.objects.filter(
            digest=digest(secret), revoked_at__isnull=True, expires_at__gt=clock.DatabaseNow(), user__is_active=True
        )
        .filter(user__memberships__ended_at__isnull=True)
        .values_list("id", "user_id", "organization_id")
        .annotate(
            roles=ArrayAgg(
                "user__memberships__role",
                filter=Q(user__memberships__organization_id=F("organization_id")),
            )
        )
        .first()
    )
    if row is None or not row[3]:
        return None
    token_id, user_id, organization_id, roles = row
    actor = Actor(kind=ActorKind.STAFF, id=user_id, organization_id=organization_id, roles=frozenset(roles))
    return actor, token_id


def log_in(*, email: str, password: str, organization_id: UUID | None = None) -> Actor:
    """Return the actor that these credentials open.

    Somebody who works for several organizations says which by `organization_id`. Raises BadLogin (also for a disabled
    account or a foreign organization) and Invalid `organization_needed` with the choices.
    """
    user = User.objects.filter(email=email.lower()).first()
    if user is None:
        make_password(password)  # the same work for an unknown address, so that timing tells nothing (6.3.8)
        raise BadLogin()
    if not check_password(password, user.password) or not user.is_active:
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
def issue_token(*, actor: Actor, label: str = "") -> tuple[ApiToken, str]:
    """Return a new token for the actor and its secret, which is shown this once and stored only as a digest."""
    if actor.id is None or actor.organization_id is None:
        raise NotPermitted()
    secret = secrets.token_urlsafe(32)
    at: datetime = clock.now()
    token = ApiToken.objects.create(
        digest=digest(secret),
        user_id=actor.id,
        organization_id=actor.organization_id,
        label=label,
        expires_at=at + TOKEN_LIFE,
    )
    record("token.issued", actor=actor, object_type="token", object_id=token.id)
    return token, secret


@transaction.atomic
def revoke_token(*, token_id: UUID, actor: Actor) -> None:
    """End one of the actor's own tokens. Raises NotVisible for anything else; a revoked one may be revoked again."""
    at = clock.now()
    own = ApiToken.objects.filter(id=token_id, user_id__in=[actor.id] if actor.id else [])
    if not own.exists():
        raise NotVisible()
    own.filter(revoked_at__isnull=True).update(revoked_at=at)
    record("token.revoked", actor=actor, object_type="token", object_id=token_id)

"""Programs that come in by themselves: keeping their accounts and tokens, and judging a token at each request (S3)."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address, ip_network
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q

from casemgmt.audit.record import record
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor, ActorKind
from casemgmt.kernel.errors import Conflict, Invalid, NotPermitted, NotVisible

from .models import ServiceAccount, ServiceToken
from .roles import KEEPERS
from .scopes import SCOPES
from .services import SEEN_EVERY, digest

PREFIX = "casemgmt_svc_"  # tells the token apart, for us and for those who search files for secrets
LONGEST_DAYS = 90  # no token outlives a quarter


@dataclass(frozen=True, slots=True)
class Terms:
    """What a token may do: scopes, for how many days, and from which networks (none: from anywhere)."""

    scopes: Sequence[str]
    days: int = LONGEST_DAYS
    addresses: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class OpenedService:
    """What a live token opens."""

    actor: Actor
    token_id: UUID
    scopes: tuple[str, ...]


def require_keeper(actor: Actor) -> None:
    """Raise NotPermitted unless the actor runs an organization's accounts, or is a machine of ours."""
    if not actor.is_system and not (actor.kind is ActorKind.STAFF and actor.has_role(*KEEPERS)):
        raise NotPermitted()


@transaction.atomic
def create_service_account(*, name: str, organization_id: UUID, actor: Actor) -> ServiceAccount:
    """Return a new account. Raises NotPermitted, Conflict `name_taken`."""
    require_keeper(actor)
    if not actor.is_system and organization_id != actor.organization_id:
        raise NotVisible()
    try:
        with transaction.atomic():
            account = ServiceAccount.objects.create(name=name, organization_id=organization_id)
    except IntegrityError as error:
        raise Conflict("There is a service account of this name.", code="name_taken") from error
    record("service_account.created", actor=actor, object_type="service_account", object_id=account.id)
    return account


@transaction.atomic
def disable_service_account(*, account_id: UUID, actor: Actor) -> None:
    """End an account: none of its tokens opens anything from the next request on. Raises NotVisible."""
    require_keeper(actor)
    account = ServiceAccount.objects.visible_to(actor).lock(account_id)
    if account is None:
        raise NotVisible()
    if account.disabled_at is None:
        account.disabled_at = clock.now()
        account.save_changes("disabled_at", at=account.disabled_at)
        record("service_account.disabled", actor=actor, object_type="service_account", object_id=account.id)


@transaction.atomic
def issue_service_token(*, account_id: UUID, terms: Terms, actor: Actor) -> tuple[ServiceToken, str]:
    """Return a new token and its secret, which is shown this once. Raises NotVisible, Invalid, NotPermitted."""
    require_keeper(actor)
    _require_sane(terms)
    account = ServiceAccount.objects.visible_to(actor).filter(disabled_at__isnull=True).lock(account_id)
    if account is None:
        raise NotVisible()
    secret = PREFIX + secrets.token_urlsafe(32)
    token = ServiceToken.objects.create(
        digest=digest(secret),
        account=account,
        organization_id=account.organization_id,
        scopes=sorted(set(terms.scopes)),
        addresses=[str(ip_network(each)) for each in terms.addresses],
        expires_at=clock.now() + timedelta(days=terms.days),
    )
    record("service_token.issued", actor=actor, object_type="service_token", object_id=token.id)
    return token, secret


def _require_sane(terms: Terms) -> None:
    wrong: dict[str, list[str]] = {}
    if not terms.scopes or not set(terms.scopes) <= SCOPES.keys():
        wrong["scopes"] = [f"One or more of {', '.join(SCOPES)}."]
    if not 1 <= terms.days <= LONGEST_DAYS:
        wrong["days"] = [f"1 to {LONGEST_DAYS}."]
    try:
        [ip_network(each) for each in terms.addresses]
    except ValueError:
        wrong["addresses"] = ["Addresses or networks such as 203.0.113.0/24."]
    if wrong:
        raise Invalid(fields=wrong)


@transaction.atomic
def revoke_service_token(*, token_id: UUID, actor: Actor) -> None:
    """End a token; it is refused from the next request on. Raises NotVisible, also for one that was revoked."""
    require_keeper(actor)
    live = ServiceToken.objects.visible_to(actor).filter(id=token_id, revoked_at__isnull=True)
    if live.update(revoked_at=clock.now()) != 1:
        raise NotVisible()
    record("service_token.revoked", actor=actor, object_type="service_token", object_id=token_id)


def open_service_token(secret: str, *, address: str) -> OpenedService | None:
    """Return what a live token opens when it comes from `address`, else None. One query, by the database's clock."""
    now = clock.DatabaseNow()
    live = ServiceToken.objects.filter(revoked_at__isnull=True, expires_at__gt=now, account__disabled_at__isnull=True)
    token = live.filter(digest=digest(secret)).first()
    if token is None or not _may_come_from(address, token.addresses):
        return None
    unseen = Q(last_used_at__isnull=True) | Q(last_used_at__lt=now - SEEN_EVERY)
    if ServiceToken.objects.filter(unseen, id=token.id).update(last_used_at=now) and token.last_used_at is None:
        _note_first_use(token)
    actor = Actor(kind=ActorKind.SERVICE, id=token.account_id, organization_id=token.organization_id)
    return OpenedService(actor, token.id, tuple(token.scopes))


def _may_come_from(address: str, networks: Sequence[str]) -> bool:
    if not networks:
        return True
    try:
        found = ip_address(address)
    except ValueError:
        return False
    return any(found in ip_network(each) for each in networks)


def _note_first_use(token: ServiceToken) -> None:
    actor = Actor(kind=ActorKind.SERVICE, id=token.account_id, organization_id=token.organization_id)
    record("service_token.first_used", actor=actor, object_type="service_token", object_id=token.id)

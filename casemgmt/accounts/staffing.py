"""Who works here: inviting, passwords, taking roles and accounts away. Each bites at the next request (S3)."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import transaction

from casemgmt.audit.record import record
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor, ActorKind
from casemgmt.kernel.errors import Invalid, NotPermitted, NotVisible
from casemgmt.kernel.transactions import one_at_a_time, require_atomic

from .factors import forget_factors
from .models import Invitation, Membership, Organization, User
from .passwords import matches, require_strong
from .roles import KEPT_BY_ADMINS, Role
from .service_accounts import require_keeper
from .services import BadLogin, digest, login_name, revoke_others

INVITED_FOR = timedelta(days=3)
RESET_FOR = timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Who is invited, to hold which roles."""

    email: str
    name: str
    roles: Sequence[str]


class WrongPassword(Invalid):
    """The password in use was not told."""

    code = "wrong_password"
    sentence = "Your present password is not right."


def _require_power(actor: Actor, roles: frozenset[str]) -> None:
    """Raise NotPermitted unless the actor may give and take these roles."""
    require_keeper(actor)
    if roles & KEPT_BY_ADMINS and not actor.is_system and not actor.has_role(Role.ADMIN):
        raise NotPermitted("Only an admin may do this for supervisors, privacy officers and admins.")


@transaction.atomic
def invite(*, newcomer: Newcomer, organization_id: UUID, actor: Actor) -> tuple[Invitation, str]:
    """Return an invitation and its secret, shown this once. The answer does not tell whether there is an account.

    Raises NotPermitted, Invalid for unknown roles, NotVisible for another organization.
    """
    roles = frozenset(newcomer.roles)
    if not roles or not roles <= set(Role.values):
        raise Invalid(fields={"roles": [f"One or more of {', '.join(Role.values)}."]})
    _require_power(actor, roles)
    if not actor.is_system and organization_id != actor.organization_id:
        raise NotVisible()
    secret = secrets.token_urlsafe(32)
    made = Invitation.objects.create(
        digest=digest(secret),
        organization_id=organization_id,
        email=login_name(newcomer.email),
        name=newcomer.name,
        roles=sorted(roles),
        expires_at=clock.now() + INVITED_FOR,
    )
    record("invitation.made", actor=actor, object_type="invitation", object_id=made.id)
    return made, secret


@transaction.atomic
def withdraw_invitation(*, invitation_id: UUID, actor: Actor) -> None:
    """End an open invitation. Raises NotVisible, also for one that was used or withdrawn."""
    require_keeper(actor)
    still_open = Invitation.objects.visible_to(actor).filter(
        id=invitation_id, used_at__isnull=True, revoked_at__isnull=True
    )
    if still_open.update(revoked_at=clock.now()) != 1:
        raise NotVisible()
    record("invitation.withdrawn", actor=actor, object_type="invitation", object_id=invitation_id)


@transaction.atomic
def accept_invitation(*, secret: str, organization_id: UUID, password: str) -> None:
    """Follow a link once: set the password of a new account, or a new one after a reset.

    Whoever has an account already tells its password, and it stays. Nothing here opens a session, and a second factor
    stays as it is. Raises NotVisible for whatever is no link to this organization, Invalid, BadLogin.
    """
    at = clock.now()
    link = Invitation.objects.filter(digest=digest(secret), organization_id=organization_id).open_at(at)
    if link is None:
        raise NotVisible()
    one_at_a_time(f"account {digest(link.email)}")  # two links for one person make one account
    user = link.user or User.objects.filter(email=link.email).first()
    if user is not None and not user.is_active:
        raise NotVisible()
    if link.user_id is not None:
        assert user is not None
        _set_password(user, password, at=[link.organization_id])
        revoke_others(user_id=user.id, but=None, actor=_actor(user, link))
    elif user is None:
        user = User(email=link.email, name=link.name)
        _set_password(user, password, at=[link.organization_id])
    elif not matches(password, user.password):
        raise BadLogin()
    for role in link.roles:
        Membership.objects.get_or_create(
            user=user, organization_id=link.organization_id, role=role, ended_at=None, defaults={}
        )
    link.used_at = at
    link.save_changes("used_at", at=at)
    record("invitation.accepted", actor=_actor(user, link), object_type="invitation", object_id=link.id)


def _actor(user: User, link: Invitation) -> Actor:
    return Actor(ActorKind.STAFF, id=user.id, organization_id=link.organization_id)


def _set_password(user: User, password: str, *, at: Iterable[UUID]) -> None:
    require_atomic()
    about = Organization.objects.filter(id__in=at).values_list("name", flat=True)
    user.set_password(require_strong(password, user=user, about=about))
    user.save()


@transaction.atomic
def change_password(*, actor: Actor, key_id: UUID, current: str, new: str) -> None:
    """Change one's own password and end all other sign-ins. Raises WrongPassword, Invalid."""
    if actor.kind is not ActorKind.STAFF or actor.id is None:
        raise NotPermitted()
    user = User.objects.get(id=actor.id)
    if not matches(current, user.password):
        raise WrongPassword()
    held = Membership.objects.filter(user=user, ended_at__isnull=True)
    _set_password(user, new, at=held.values_list("organization_id", flat=True))
    revoke_others(user_id=user.id, but=key_id, actor=actor)
    record("account.password_changed", actor=actor, object_type="user", object_id=user.id)


def _colleague(user_id: UUID, actor: Actor) -> User:
    """Return a person whose account the actor may change: somebody else, who works nowhere but in this organization.

    Raises NotVisible for who does not work here, NotPermitted for oneself and for who works elsewhere too.
    """
    require_atomic()
    require_keeper(actor)
    held = list(Membership.objects.filter(user_id=user_id, ended_at__isnull=True))
    if not actor.is_system and actor.organization_id not in {each.organization_id for each in held}:
        raise NotVisible()
    _require_power(actor, frozenset(each.role for each in held))
    if actor.id == user_id:
        raise NotPermitted("Somebody else must do this for you.")
    if not actor.is_system and {each.organization_id for each in held} != {actor.organization_id}:
        raise NotPermitted("This person works for another organization too; ask who runs the instance.")
    return User.objects.get(id=user_id)


@transaction.atomic
def reset_password(*, user_id: UUID, actor: Actor) -> tuple[Invitation, str]:
    """Return a link with which a colleague sets a new password, and its secret. The second factor is still asked for.

    Raises NotVisible, NotPermitted.
    """
    user, at = _colleague(user_id, actor), clock.now()
    held = Membership.objects.filter(user=user, ended_at__isnull=True).order_by("id").first()
    if held is None:
        raise NotVisible()
    Invitation.objects.filter(user=user, used_at__isnull=True, revoked_at__isnull=True).update(revoked_at=at)
    secret = secrets.token_urlsafe(32)
    made = Invitation.objects.create(
        digest=digest(secret),
        organization_id=held.organization_id,
        user=user,
        email=user.email,
        expires_at=at + RESET_FOR,
    )
    record("account.password_reset", actor=actor, object_type="user", object_id=user.id)
    return made, secret


@transaction.atomic
def reset_second_factor(*, user_id: UUID, actor: Actor) -> None:
    """Let a colleague who lost everything enroll anew; all their sign-ins end. Raises NotVisible, NotPermitted."""
    forget_factors(user_id=_colleague(user_id, actor).id, actor=actor)


@transaction.atomic
def disable_person(*, user_id: UUID, actor: Actor) -> None:
    """End a colleague's account with all its sign-ins. Raises NotVisible, NotPermitted."""
    user = _colleague(user_id, actor)
    user.is_active = False
    user.save(update_fields=["is_active"])
    revoke_others(user_id=user.id, but=None, actor=actor)
    record("account.disabled", actor=actor, object_type="user", object_id=user.id)


@transaction.atomic
def end_membership(*, membership_id: UUID, actor: Actor) -> None:
    """Take a role away in the actor's organization. Raises NotVisible, NotPermitted for one's own."""
    require_keeper(actor)
    if actor.organization_id is None:
        raise NotPermitted()
    here = Membership.objects.filter(id=membership_id, organization_id=actor.organization_id, ended_at__isnull=True)
    held = here.first()
    if held is None:
        raise NotVisible()
    _require_power(actor, frozenset({held.role}))
    if held.user_id == actor.id:
        raise NotPermitted("Somebody else must do this for you.")
    if here.update(ended_at=clock.now()) != 1:
        raise NotVisible()
    record("membership.ended", actor=actor, object_type="membership", object_id=held.id)

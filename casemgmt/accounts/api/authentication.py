"""From a header or a session to an actor, at every request anew: a revocation bites at the next one (S3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from rest_framework.authentication import BaseAuthentication
from rest_framework.authentication import SessionAuthentication as DrfSessionAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from casemgmt.accounts.services import actor_for, actor_for_token
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import DomainError

ORGANIZATION = "organization_id"  # the session's key


class CsrfFailed(DomainError):
    """A browser's unsafe request without the token of its session."""

    code = "csrf_failed"
    http_status = 403
    sentence = "Send the X-CSRFToken header with the token of your session."


@dataclass(frozen=True, slots=True)
class Principal:
    """What `request.user` is in the API: an actor, and the id that throttles count by."""

    actor: Actor
    is_authenticated: bool = True
    is_active: bool = True

    @property
    def pk(self) -> UUID | None:
        """The staff member's id."""
        return self.actor.id


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <token>`."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        """Return the principal of a live token, None without the header; raise AuthenticationFailed."""
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        if not scheme:
            return None
        if scheme.lower() != "bearer" or not secret.strip():
            raise AuthenticationFailed("Send `Authorization: Bearer <token>`.")
        found = actor_for_token(secret.strip())
        if found is None:
            raise AuthenticationFailed("This token is unknown, expired or revoked.")
        actor, token_id = found
        return Principal(actor), token_id

    def authenticate_header(self, request: Request) -> str:
        """Return what a 401 asks for."""
        return "Bearer"


class SessionAuthentication(DrfSessionAuthentication):
    """The browser's session, with CSRF enforced."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        """Return the principal of a live session, None without one."""
        user = getattr(request._request, "user", None)  # noqa: SLF001 - Django's own login
        organization = request._request.session.get(ORGANIZATION)  # noqa: SLF001
        if user is None or not user.is_authenticated or not user.is_active or organization is None:
            return None
        self.enforce_csrf(request)
        actor = actor_for(user_id=user.pk, organization_id=UUID(organization))
        if actor is None:
            return None
        request._request.session.modified = True  # noqa: SLF001 - each request of its person renews the idle time
        return Principal(actor), None

    def enforce_csrf(self, request: Request) -> None:
        """Raise CsrfFailed unless the request proves that it comes from a page of ours."""
        try:
            super().enforce_csrf(request)
        except PermissionDenied as error:
            raise CsrfFailed() from error

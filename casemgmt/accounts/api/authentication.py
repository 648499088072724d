"""From a header or a cookie to an actor, at every request anew: whatever ends bites at the next one (S3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from rest_framework.authentication import BaseAuthentication
from rest_framework.authentication import SessionAuthentication as DrfSessionAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from casemgmt.accounts.models import Carrier
from casemgmt.accounts.scopes import opens
from casemgmt.accounts.service_accounts import PREFIX, open_service_token
from casemgmt.accounts.services import Opened, open_key
from casemgmt.api.addresses import client_address
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import DomainError, NotPermitted

UNKNOWN = "This token is unknown, expired or revoked."


class CsrfFailed(DomainError):
    """A browser's unsafe request without the token of its session."""

    code = "csrf_failed"
    http_status = 403
    sentence = "Send the X-CSRFToken header with the token of your session."


class SecondFactorRequired(NotPermitted):
    """The password alone opens nothing but enrolling and showing a second factor (HIP-03)."""

    code = "second_factor_required"
    sentence = "Show your second factor first, or enroll one."


class OutOfScope(NotPermitted):
    """A service's token opens a closed list of doors, and this is none of them."""

    code = "out_of_scope"
    sentence = "This token's scopes do not open this."


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


def key_of(request: Request) -> UUID:
    """Return the id of the key that a logged-in request came in by."""
    key: Any = request.auth
    assert isinstance(key, UUID)
    return key


def come_in(request: Request, opened: Opened) -> tuple[Principal, UUID]:
    """Return the principal of a live key and the key's id; raise SecondFactorRequired where it does not open yet.

    A view that opens before the second factor says so by `before_second_factor = True`; public views do by nature.
    """
    if opened.waits:
        view: Any = (request.parser_context or {}).get("view")
        if not (getattr(view, "before_second_factor", False) or getattr(view, "public", False)):
            request._request.actor = opened.actor  # type: ignore[attr-defined]  # noqa: SLF001 - for the refusal's audit
            raise SecondFactorRequired()
    return Principal(opened.actor), opened.key_id


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <token>`."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        """Return the principal of a live token, None without the header; raise AuthenticationFailed."""
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        if not scheme:
            return None
        if scheme.lower() != "bearer" or not secret.strip():
            raise AuthenticationFailed("Send `Authorization: Bearer <token>`.")
        secret = secret.strip()
        if secret.startswith(PREFIX):
            return self._service(request, secret)
        found = open_key(secret, carrier=Carrier.PROGRAM)
        if found is None:
            raise AuthenticationFailed(UNKNOWN)
        return come_in(request, found)

    def _service(self, request: Request, secret: str) -> tuple[Principal, UUID]:
        """Return a service's principal; raise OutOfScope where its token opens nothing."""
        found = open_service_token(secret, address=client_address(request._request))  # noqa: SLF001 - Django's own
        if found is None:
            raise AuthenticationFailed(UNKNOWN)
        place = request.resolver_match
        if place is None or not opens(found.scopes, (request.method or "", place.url_name or "")):
            request._request.actor = found.actor  # type: ignore[attr-defined]  # noqa: SLF001 - for the refusal's audit
            raise OutOfScope()
        return Principal(found.actor), found.token_id

    def authenticate_header(self, request: Request) -> str:
        """Return what a 401 asks for."""
        return "Bearer"


class SessionAuthentication(DrfSessionAuthentication):
    """The browser's session: a key in a cookie that scripts cannot read, with CSRF enforced."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        """Return the principal of a live session, None without one."""
        secret = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
        found = open_key(secret, carrier=Carrier.BROWSER) if secret else None
        if found is None:
            return None
        self.enforce_csrf(request)
        return come_in(request, found)

    def enforce_csrf(self, request: Request) -> None:
        """Raise CsrfFailed unless the request proves that it comes from a page of ours."""
        try:
            super().enforce_csrf(request)
        except PermissionDenied as error:
            raise CsrfFailed() from error

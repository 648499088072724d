"""Coming in by session or token, going out, and asking who one is."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth import login, logout
from django.middleware.csrf import get_token
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from casemgmt.accounts.models import Organization, User
from casemgmt.accounts.services import issue_token, log_in, revoke_token
from casemgmt.api.views import ApiView
from casemgmt.kernel.errors import NotVisible

from .authentication import ORGANIZATION
from .serializers import LoginIn, MeOut, TokenIn, TokenOut

BACKEND = "django.contrib.auth.backends.ModelBackend"


class SessionView(ApiView):
    """POST logs a browser in, DELETE logs it out."""

    public = True
    audit_action = "session"

    @extend_schema(operation_id="session_open", request=LoginIn, responses={201: MeOut}, auth=[])
    def post(self, request: Request) -> Response:
        """Open a session; the answer carries the CSRF token for unsafe requests."""
        given = self.given(LoginIn)
        actor = log_in(email=given["email"], password=given["password"], organization_id=given.get("organization"))
        user = User.objects.get(email=given["email"].lower())
        login(request._request, user, backend=BACKEND)  # noqa: SLF001 - Django's session belongs to its own request
        request._request.session[ORGANIZATION] = str(actor.organization_id)  # noqa: SLF001
        told = me(actor.id, actor.organization_id, actor.roles)
        return Response({**told, "csrf_token": get_token(request._request)}, status=201)  # noqa: SLF001

    @extend_schema(operation_id="session_close", request=None, responses={204: None})
    def delete(self, request: Request) -> Response:
        """Close the session; closing none is fine."""
        logout(request._request)  # noqa: SLF001
        return Response(status=204)


class TokensView(ApiView):
    """POST exchanges credentials for a token."""

    public = True
    audit_action = "token"

    @extend_schema(operation_id="tokens_create", request=TokenIn, responses={201: TokenOut}, auth=[])
    def post(self, request: Request) -> Response:
        """Issue a token; its secret is shown this once."""
        given = self.given(TokenIn)
        actor = log_in(email=given["email"], password=given["password"], organization_id=given.get("organization"))
        token, secret = issue_token(actor=actor, label=given["label"])
        answer = {"id": token.id, "token": secret, "expires_at": token.expires_at}
        return Response(TokenOut(answer).data, status=201)


class TokenView(ApiView):
    """DELETE ends one of one's own tokens."""

    audit_action = "token"

    @extend_schema(operation_id="tokens_revoke", request=None, responses={204: None})
    def delete(self, request: Request, pk: UUID) -> Response:
        """Revoke a token; it is refused from the next request on."""
        revoke_token(token_id=pk, actor=self.actor)
        return Response(status=204)


class MeView(ApiView):
    """GET tells who the caller is. Takes no id (CVE-2025-67645)."""

    audit_action = "me"

    @extend_schema(operation_id="me", responses=MeOut)
    def get(self, request: Request) -> Response:
        """Answer the caller's name, organization and roles."""
        return Response(me(self.actor.id, self.actor.organization_id, self.actor.roles))


def me(user_id: UUID | None, organization_id: UUID | None, roles: frozenset[str]) -> dict[str, Any]:
    """Return a caller as MeOut shows it; raise NotVisible if the account is gone."""
    if user_id is None or organization_id is None:
        raise NotVisible()
    user = User.objects.filter(pk=user_id).values("id", "name").first()
    organization = Organization.objects.filter(pk=organization_id).values("id", "name").first()
    if user is None or organization is None:
        raise NotVisible()
    answer = {
        "id": user["id"],
        "name": user["name"],
        "organization_id": organization["id"],
        "organization_name": organization["name"],
        "roles": sorted(roles),
    }
    return dict(MeOut(answer).data)

"""Coming in by cookie or token, going out, and asking who one is."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.middleware.csrf import get_token, rotate_token
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from casemgmt.accounts.factors import WrongCode, pass_second_factor, state_of
from casemgmt.accounts.guessing import forgive
from casemgmt.accounts.models import ApiToken, Carrier, Organization, User
from casemgmt.accounts.services import BadLogin, issue_token, log_in, revoke_token
from casemgmt.api.views import ApiView
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import NotVisible

from .authentication import key_of
from .guesses import GuessedView
from .serializers import LoginIn, MeOut, TokenIn, TokenOut


class LoginView(GuessedView):
    """What both ways in have in common."""

    public = True
    carrier: str
    shape: type[LoginIn]

    def guessed_at(self) -> str:
        """Return the login somebody tries."""
        return str(self.given(self.shape)["email"])

    def sign_in(self, given: dict[str, Any]) -> tuple[Actor, ApiToken, str]:
        """Return who comes in, the new key and its secret; raise BadLogin, also for a wrong code beside a password."""
        actor = log_in(email=given["email"], password=given["password"], organization_id=given.get("organization"))
        key, secret = issue_token(
            actor=actor, label=given.get("label", ""), carrier=self.carrier, origin=self.guess.origin
        )
        if given.get("code"):
            try:
                pass_second_factor(actor=actor, key_id=key.id, code=given["code"])
            except WrongCode as refusal:
                raise BadLogin() from refusal
        forgive(self.guess)
        return actor, key, secret


class SessionView(LoginView):
    """POST logs a browser in, DELETE logs it out."""

    audit_action = "session"
    carrier = Carrier.BROWSER
    shape = LoginIn

    @extend_schema(operation_id="session_open", request=LoginIn, responses={201: MeOut}, auth=[])
    def post(self, request: Request) -> Response:
        """Open a session; the answer carries the CSRF token for unsafe requests.

        `second_factor` tells what is still missing: while it is `needed` or `to_enroll`, everything but
        `second-factor/…` answers 403 `second_factor_required`.
        """
        actor, key, secret = self.sign_in(self.given(LoginIn))
        rotate_token(request._request)  # noqa: SLF001 - a token from before the login is worth nothing after it
        told = me(actor, key_id=key.id)
        response = Response({**told, "csrf_token": get_token(request._request)}, status=201)  # noqa: SLF001
        response.set_cookie(
            settings.SESSION_COOKIE_NAME,
            secret,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
        return response

    @extend_schema(operation_id="session_close", request=None, responses={204: None})
    def delete(self, request: Request) -> Response:
        """Close the session; closing none is fine."""
        if self.actor.id is not None:
            revoke_token(token_id=key_of(request), actor=self.actor)
        response = Response(status=204)
        response.delete_cookie(settings.SESSION_COOKIE_NAME, samesite="Lax")
        return response


class TokensView(LoginView):
    """POST exchanges credentials for a token."""

    audit_action = "token"
    carrier = Carrier.PROGRAM
    shape = TokenIn

    @extend_schema(operation_id="tokens_create", request=TokenIn, responses={201: TokenOut}, auth=[])
    def post(self, request: Request) -> Response:
        """Issue a token; its secret is shown this once."""
        actor, token, secret = self.sign_in(self.given(TokenIn))
        state = state_of(user_id=token.user_id, key_id=token.id)
        answer = {"id": token.id, "token": secret, "expires_at": token.expires_at, "second_factor": state.word}
        return Response(TokenOut(answer).data, status=201)


class MeView(ApiView):
    """GET tells who the caller is. Takes no id (CVE-2025-67645)."""

    audit_action = "me"

    @extend_schema(operation_id="me", responses=MeOut)
    def get(self, request: Request) -> Response:
        """Answer the caller's name, organization and roles."""
        return Response(me(self.actor, key_id=key_of(request)))


def me(actor: Actor, *, key_id: UUID) -> dict[str, Any]:
    """Return a caller as MeOut shows it; raise NotVisible if the account is gone."""
    if actor.id is None or actor.organization_id is None:
        raise NotVisible()
    user = User.objects.filter(pk=actor.id).values("id", "name").first()
    organization = Organization.objects.filter(pk=actor.organization_id).values("id", "name").first()
    if user is None or organization is None:
        raise NotVisible()
    answer = {
        "id": user["id"],
        "name": user["name"],
        "organization_id": organization["id"],
        "organization_name": organization["name"],
        "roles": sorted(actor.roles),
        "second_factor": state_of(user_id=actor.id, key_id=key_id).word,
    }
    return dict(MeOut(answer).data)

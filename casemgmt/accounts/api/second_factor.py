"""Enrolling, showing and renewing one's own second factor; open to those whose password was right."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from casemgmt.accounts.factors import (
    begin_totp,
    confirm_totp,
    pass_second_factor,
    remove_factor,
    renew_recovery_codes,
    state_of,
)
from casemgmt.accounts.guessing import forgive
from casemgmt.api.views import ApiView
from casemgmt.kernel.errors import NotVisible

from .authentication import key_of
from .guesses import GuessedView, SecretView
from .serializers import AppOut, CodeIn, RecoveryCodesOut, SecondFactorOut


def shown_state(view: ApiView) -> dict[str, Any]:
    """Return the caller's state as SecondFactorOut shows it."""
    if view.actor.id is None:
        raise NotVisible()
    state = state_of(user_id=view.actor.id, key_id=key_of(view.request))
    told = {"state": state.word, "factors": state.factors, "recovery_codes_left": state.recovery_codes_left}
    return dict(SecondFactorOut(told).data)


class CodeView(GuessedView):
    """A view whose POST takes a code. Guesses are counted by person and address, apart from those at passwords."""

    before_second_factor = True
    audit_action = "second_factor"

    def guessed_at(self) -> str:
        """Return whose code it is."""
        return f"second factor of {self.actor.id}"


class SecondFactorView(CodeView):
    """GET tells how one's second factor stands, POST shows a code."""

    @extend_schema(operation_id="second_factor", responses=SecondFactorOut)
    def get(self, request: Request) -> Response:
        """Tell what is enrolled and what this sign-in still waits for."""
        return Response(shown_state(self))

    @extend_schema(operation_id="second_factor_pass", request=CodeIn, responses=SecondFactorOut)
    def post(self, request: Request) -> Response:
        """Show a code of the app or a recovery code: from now on this sign-in opens everything."""
        pass_second_factor(actor=self.actor, key_id=key_of(request), code=self.given(CodeIn)["code"])
        forgive(self.guess)
        return Response(shown_state(self))


class AppView(SecretView):
    """POST begins to enroll an app."""

    before_second_factor = True
    audit_action = "second_factor"

    @extend_schema(operation_id="second_factor_app_begin", request=None, responses={201: AppOut})
    def post(self, request: Request) -> Response:
        """Give a new secret. The app before stays the one that counts until a code of the new one is shown."""
        secret, address = begin_totp(actor=self.actor, key_id=key_of(request))
        return Response(AppOut({"secret": secret, "address": address}).data, status=201)


class AppConfirmView(CodeView):
    """POST enrolls the app that was begun."""

    @extend_schema(operation_id="second_factor_app_confirm", request=CodeIn, responses={201: RecoveryCodesOut})
    def post(self, request: Request) -> Response:
        """Show the first code of the app."""
        codes = confirm_totp(actor=self.actor, key_id=key_of(request), code=self.given(CodeIn)["code"])
        forgive(self.guess)
        return Response({"recovery_codes": codes}, status=201)


class RecoveryCodesView(SecretView):
    """POST gives ten new recovery codes."""

    audit_action = "second_factor"

    @extend_schema(operation_id="recovery_codes_renew", request=None, responses={201: RecoveryCodesOut})
    def post(self, request: Request) -> Response:
        """Make new codes; those before open nothing any more."""
        codes = renew_recovery_codes(actor=self.actor, key_id=key_of(request))
        return Response({"recovery_codes": codes}, status=201)


class FactorView(ApiView):
    """DELETE takes one of one's factors away."""

    audit_action = "second_factor"

    @extend_schema(operation_id="second_factor_remove", request=None, responses={204: None})
    def delete(self, request: Request, pk: UUID) -> Response:
        """Remove a factor; the last one stays while one is required."""
        remove_factor(factor_id=pk, actor=self.actor, key_id=key_of(request))
        return Response(status=204)

"""Enrolling and showing security keys (WebAuthn); open to those whose password was right."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from casemgmt.accounts.guessing import forgive
from casemgmt.accounts.security_keys import ask_key, begin_key, confirm_key, pass_with_key

from .authentication import key_of
from .guesses import SecretView
from .second_factor import CodeView, shown_state
from .serializers import KeyAnswerIn, KeyOptionsOut, NewKeyIn, RecoveryCodesOut, SecondFactorOut


class KeysView(SecretView):
    """POST begins to enroll a security key."""

    before_second_factor = True
    audit_action = "second_factor"

    @extend_schema(operation_id="second_factor_key_begin", request=None, responses={201: KeyOptionsOut})
    def post(self, request: Request) -> Response:
        """Give a challenge for `navigator.credentials.create()`."""
        return Response({"options": begin_key(actor=self.actor, key_id=key_of(request))}, status=201)


class KeyConfirmView(CodeView):
    """POST enrolls the key that signed the challenge."""

    @extend_schema(operation_id="second_factor_key_confirm", request=NewKeyIn, responses={201: RecoveryCodesOut})
    def post(self, request: Request) -> Response:
        """Show what the key signed."""
        given = self.given(NewKeyIn)
        answer, label = given["credential"], given["label"]
        codes = confirm_key(actor=self.actor, key_id=key_of(request), answer=answer, label=label)
        forgive(self.guess)
        return Response({"recovery_codes": codes}, status=201)


class KeyChallengeView(SecretView):
    """POST asks one's security keys."""

    before_second_factor = True
    audit_action = "second_factor"

    @extend_schema(operation_id="second_factor_key_challenge", request=None, responses={201: KeyOptionsOut})
    def post(self, request: Request) -> Response:
        """Give a challenge for `navigator.credentials.get()`."""
        return Response({"options": ask_key(actor=self.actor, key_id=key_of(request))}, status=201)


class KeyPassView(CodeView):
    """POST shows what a security key signed."""

    @extend_schema(operation_id="second_factor_key_pass", request=KeyAnswerIn, responses=SecondFactorOut)
    def post(self, request: Request) -> Response:
        """Take it: from now on this sign-in opens everything."""
        pass_with_key(actor=self.actor, key_id=key_of(request), answer=self.given(KeyAnswerIn)["credential"])
        forgive(self.guess)
        return Response(shown_state(self))

"""Where one is signed in, and ending it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from casemgmt.accounts.models import ApiToken
from casemgmt.accounts.services import in_use, revoke_others, revoke_token
from casemgmt.api.schema import page_of
from casemgmt.api.views import ApiView, ListView
from casemgmt.kernel.errors import NotVisible

from .authentication import key_of
from .serializers import SignInOut


class SignInsView(ListView):
    """GET: one's own devices and programs. DELETE: all but this one."""

    model = ApiToken
    output = SignInOut
    audit_action = "sign_in"

    def rows(self) -> QuerySet[Any]:
        """Return those that still open something, and say which one asks."""
        current = ExpressionWrapper(Q(id=key_of(self.request)), output_field=BooleanField())
        rows: QuerySet[Any] = super().rows()
        live: QuerySet[Any] = rows.filter(in_use()).annotate(current=current)
        return live

    @extend_schema(operation_id="sign_ins_list", responses=page_of(SignInOut))
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List where one is signed in, newest first."""
        return super().get(request, **kwargs)

    @extend_schema(operation_id="sign_ins_revoke_others", request=None, responses={204: None})
    def delete(self, request: Request) -> Response:
        """End all but the one that asks."""
        if self.actor.id is None:
            raise NotVisible()
        revoke_others(user_id=self.actor.id, but=key_of(request), actor=self.actor)
        return Response(status=204)


class SignInView(ApiView):
    """DELETE ends one of one's own."""

    audit_action = "sign_in"

    @extend_schema(operation_id="sign_ins_revoke", request=None, responses={204: None})
    def delete(self, request: Request, pk: UUID) -> Response:
        """Revoke a sign-in; it is refused from the next request on."""
        revoke_token(token_id=pk, actor=self.actor)
        return Response(status=204)
